import assert from 'node:assert/strict';
import { test } from 'node:test';
import { batchByLength } from './batches.ts';

test('every sequence is in one batch, beside others of its length', () => {
  const lengths = [5, 250, 6, 5, 40, 44, 250, 6, 5, 100];
  const batches = batchByLength(lengths);
  assert.deepEqual(
    batches.flat().sort((a, b) => a - b),
    [...lengths.keys()],
  );
  for (const batch of batches) {
    const inBatch = batch.map((index) => lengths[index]!);
    assert.ok(Math.max(...inBatch) <= Math.min(...inBatch) * 1.3, inBatch.join());
  }
  assert.ok(batches.length < lengths.length);
});

test('a batch has a bound, and none is none', () => {
  assert.ok(batchByLength(Array(100).fill(7)).every((batch) => batch.length <= 16));
  assert.deepEqual(batchByLength([]), []);
});
