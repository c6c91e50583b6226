import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createSearches } from './searches.ts';

test('what can wait waits until the last search is over, well or not, and not for ever', async () => {
  const searches = createSearches();
  await searches.idle(60_000);
  const [first, second] = [Promise.withResolvers<number>(), Promise.withResolvers<number>()];
  const found = searches.during(() => first.promise);
  const failed = searches.during(() => second.promise);
  let isIdle = false;
  const idle = searches.idle(60_000).then(() => {
    isIdle = true;
  });
  await searches.idle(1);
  first.resolve(7);
  assert.equal(await found, 7);
  await new Promise(setImmediate);
  assert.equal(isIdle, false);
  second.reject(new Error('away'));
  await assert.rejects(failed, /away/);
  await idle;
});
