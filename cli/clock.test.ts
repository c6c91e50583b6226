import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sleeplessClock } from './clock.ts';

test('the clock goes on while the machine sleeps, and the coarseness of its uptime is not seen', () => {
  let exact = 1000;
  let uptime = 70_010;
  const clock = sleeplessClock(
    () => exact,
    () => uptime,
  );
  const start = clock();
  exact += 500;
  uptime += 490;
  assert.equal(clock() - start, 500);
  uptime += 3_600_000;
  assert.equal(Math.round((clock() - start) / 100), 36_005);
  exact += 250;
  uptime += 250;
  assert.equal(Math.round((clock() - start) / 50), 72_015);
});
