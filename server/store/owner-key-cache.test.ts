import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { createOwnerKeyCache } from './owner-key-cache.ts';
import { ownerKeysFrom } from './owner-keys.ts';

function counting(options: Parameters<typeof createOwnerKeyCache>[1]) {
  const loads: string[] = [];
  let isAway = false;
  let time = 0;
  const { of: keysOf, forget } = createOwnerKeyCache(
    async (owner) => {
      loads.push(owner);
      if (isAway) throw new Error('away');
      return ownerKeysFrom(randomBytes(32));
    },
    { monotonic: () => time, ...options },
  );
  return {
    loads,
    keysOf,
    forget,
    pass(ms: number) {
      time += ms;
    },
    away(now: boolean) {
      isAway = now;
    },
  };
}

test('keys are loaded once for all who ask, and again when their time is over', async () => {
  const { keysOf, loads, pass } = counting({ heldMs: 1000 });
  const [one, two] = await Promise.all([keysOf('ada'), keysOf('ada')]);
  assert.equal(one, two);
  pass(999);
  assert.equal(await keysOf('ada'), one);
  pass(2);
  assert.notEqual(await keysOf('ada'), one);
  assert.deepEqual(loads, ['ada', 'ada']);
});

test('so many owners are held at most: who was not here for the longest goes first', async () => {
  const { keysOf, loads } = counting({ most: 2 });
  for (const owner of ['ada', 'bob', 'ada', 'carol', 'ada', 'bob']) await keysOf(owner);
  assert.deepEqual(loads, ['ada', 'bob', 'carol', 'bob']);
});

test('a key service that was away is asked again', async () => {
  const { keysOf, loads, away } = counting({});
  away(true);
  await assert.rejects(keysOf('ada'), /away/);
  away(false);
  await keysOf('ada');
  assert.equal(loads.length, 2);
});

test('keys that are forgotten are loaded again', async () => {
  const { keysOf, forget, loads } = counting({});
  await keysOf('ada');
  forget('ada');
  forget('bob');
  await keysOf('ada');
  assert.deepEqual(loads, ['ada', 'ada']);
});
