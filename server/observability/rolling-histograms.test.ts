import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addBuckets, countOf, createRollingHistograms, percentile, WINDOW_MS } from './rolling-histograms.ts';

const near = (found: number, wanted: number) =>
  assert.ok(Math.abs(found - wanted) <= wanted * 0.05, `${found} is not ${wanted} to within 5 %`);

test('percentiles are right to within 5 %, over six orders of magnitude', () => {
  const histograms = createRollingHistograms(() => 0);
  const values = Array.from({ length: 1000 }, (_, index) => 0.001 * 10 ** ((index * 5) / 1000));
  for (const value of values) histograms.observe('speakr_embed_seconds', {}, value);
  const found = histograms.snapshot().get('speakr_embed_seconds')!;
  assert.equal(countOf(found), 1000);
  for (const share of [0.01, 0.5, 0.95, 0.99, 1])
    near(percentile(found, share), values[Math.ceil(share * 1000) - 1]!);
  assert.equal(percentile(new Map(), 0.5), 0);
});

test('what is older than the window is forgotten', () => {
  let now = 0;
  const histograms = createRollingHistograms(() => now);
  histograms.observe('speakr_embed_seconds', {}, 1);
  now = WINDOW_MS / 2;
  histograms.observe('speakr_embed_seconds', {}, 1);
  assert.equal(countOf(histograms.snapshot().get('speakr_embed_seconds')!), 2);
  now = WINDOW_MS;
  assert.equal(countOf(histograms.snapshot().get('speakr_embed_seconds')!), 1);
  now = 2 * WINDOW_MS;
  assert.equal(histograms.snapshot().size, 0);
});

test('parts are told apart, and what two processes counted is one', () => {
  const histograms = createRollingHistograms(() => 0);
  for (const priority of ['final', 'partial', 'final'])
    histograms.observe('speakr_decode_seconds', { priority }, 0.2);
  const own = histograms.snapshot();
  assert.deepEqual([...own.keys()], ['speakr_decode_seconds final', 'speakr_decode_seconds partial']);
  const sum = new Map(own.get('speakr_decode_seconds final'));
  addBuckets(sum, own.get('speakr_decode_seconds partial')!);
  assert.equal(countOf(sum), 3);
  near(percentile(sum, 0.5), 0.2);
});
