import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRateLimiter, type Rate, type SharedBuckets } from './rate-limiter.ts';

const rate: Rate = { perMinute: 60, burst: 40 };

/** Buckets in memory, on a clock that the test moves. */
function world() {
  let time = 1000;
  let asked = 0;
  const levels = new Map<string, { tokens: number; at: number }>();
  const buckets: SharedBuckets = {
    async take(key, wanted, { perMinute, burst }) {
      asked += 1;
      const { tokens, at } = levels.get(key) ?? { tokens: burst, at: time };
      const now = Math.min(burst, tokens + ((time - at) * perMinute) / 60_000);
      const taken = Math.min(wanted, Math.floor(now));
      levels.set(key, { tokens: now - taken, at: time });
      return { taken, waitMs: taken > 0 ? 0 : ((1 - now) * 60_000) / perMinute };
    },
  };
  const limiter = () =>
    createRateLimiter({ buckets, monotonic: () => time, onError: (error) => assert.fail(String(error)) });
  return {
    buckets,
    limiter,
    asked: () => asked,
    pass(ms: number) {
      time += ms;
    },
  };
}

test('a burst is let through with few questions, then one at the rate; who is refused asks nobody', async () => {
  const { limiter, pass, asked } = world();
  const one = limiter();
  for (let count = 0; count < 40; count++) assert.equal(await one.take('ada', rate), 0, String(count));
  assert.equal(await one.take('ada', rate), 1000);
  assert.equal(one.refusedFor('ada'), 1000);
  const before = asked();
  for (let count = 0; count < 100; count++) assert.ok((await one.take('ada', rate)) > 0);
  assert.equal(asked(), before);
  assert.equal(await one.take('bob', rate), 0);
  pass(1000);
  assert.equal(await one.take('ada', rate), 0);
  assert.ok((await one.take('ada', rate)) > 0);
});

test('gateways share a bucket: together they give out what it holds', async () => {
  const { limiter, asked } = world();
  const gateways = [limiter(), limiter(), limiter()];
  let given = 0;
  for (let count = 0; count < 40; count++)
    for (const gateway of gateways) if ((await gateway.take('ada', rate)) === 0) given += 1;
  assert.equal(given, 40);
  assert.ok(asked() < 40, String(asked()));
});

test('many at once are counted once each', async () => {
  const { limiter } = world();
  const one = limiter();
  const waits = await Promise.all(Array.from({ length: 100 }, () => one.take('ada', rate)));
  assert.equal(waits.filter((wait) => wait === 0).length, 40);
});

test('what was fetched and not used is forgotten', async () => {
  const { limiter, pass, asked } = world();
  const one = limiter();
  await one.take('ada', rate);
  pass(6000);
  await one.take('ada', rate);
  assert.equal(asked(), 2);
});

test('when the buckets cannot be asked nobody is refused, and it is told', async () => {
  const errors: unknown[] = [];
  const buckets: SharedBuckets = { take: () => Promise.reject(new Error('away')) };
  const limiter = createRateLimiter({ buckets, monotonic: () => 0, onError: (error) => errors.push(error) });
  for (let count = 0; count < 100; count++) assert.equal(await limiter.take('ada', rate), 0);
  assert.ok(errors.length > 0);
});
