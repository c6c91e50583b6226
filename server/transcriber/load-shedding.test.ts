import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLoadShedding } from './load-shedding.ts';

const policy = { finalsOnlyLagMs: 4000, partialsBackLagMs: 1500, deferLagMs: 30_000, finalsBackLagMs: 8000 };
const states = (...lags: number[]) => {
  const shedding = createLoadShedding(policy);
  return lags.map((lag) => shedding.update(lag));
};

test('captions give way to finals, and finals to whatever others need, as recognition falls behind', () => {
  assert.deepEqual(states(300, 3900, 4100, 20_000, 30_100), [
    'live',
    'live',
    'finals-only',
    'finals-only',
    'deferred',
  ]);
});

test('each comes back by itself, later than it went', () => {
  assert.deepEqual(states(31_000, 20_000, 8100, 7900, 1600, 1400, 3900), [
    'deferred',
    'deferred',
    'deferred',
    'finals-only',
    'finals-only',
    'live',
    'live',
  ]);
  assert.deepEqual(states(31_000, 100), ['deferred', 'live'], 'all at once when the backlog is gone');
});
