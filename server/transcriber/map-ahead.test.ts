import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mapAhead } from './map-ahead.ts';

const open = () => {
  let resolve: (value: string) => void = () => {};
  const promise = new Promise<string>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
};

test('results come in order, with no more than the limit under way', async () => {
  let underWay = 0;
  let most = 0;
  async function* numbers() {
    for (let i = 0; i < 10; i++) yield i;
  }
  const results: number[] = [];
  const work = async (i: number) => {
    most = Math.max(most, ++underWay);
    await new Promise((resolve) => setTimeout(resolve, (10 - i) % 3));
    underWay--;
    return i * i;
  };
  for await (const result of mapAhead(numbers(), work, 3)) results.push(result);
  assert.deepEqual(results, [0, 1, 4, 9, 16, 25, 36, 49, 64, 81]);
  assert.equal(most, 3);
});

test('a result is there as soon as it is ready, while the source still waits', async () => {
  const more = open();
  async function* slow() {
    yield 'first';
    yield await more.promise;
  }
  const results = mapAhead(slow(), async (item) => item, 8);
  assert.deepEqual(await results.next(), { done: false, value: 'first' });
  more.resolve('second');
  assert.deepEqual(await results.next(), { done: false, value: 'second' });
  assert.equal((await results.next()).done, true);
});

test('a failure comes in its turn, of the work or of the source', async () => {
  async function* numbers() {
    yield 1;
    yield 2;
    throw new Error('the source broke');
  }
  const ofWork = mapAhead(
    numbers(),
    async (i) => {
      if (i === 2) throw new Error('the work broke');
      return i;
    },
    4,
  );
  assert.equal((await ofWork.next()).value, 1);
  await assert.rejects(ofWork.next(), /the (work|source) broke/);
  const ofSource = mapAhead(numbers(), async (i) => i, 4);
  await assert.rejects(async () => {
    for await (const _ of ofSource);
  }, /the source broke/);
});
