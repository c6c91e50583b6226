import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createFrameReader, type FrameBlock, samplesOf } from './frame-reader.ts';
import { createPcmHistory } from './pcm-history.ts';

const bytes = (samples: readonly number[]) => new Uint8Array(Int16Array.from(samples).buffer);
const count = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);
const audio = (offset: number, samples: readonly number[]) => ({ track: 0, offset, pcm: bytes(samples) });
const gap = (offset: number, gapSamples: number) =>
  ({ track: 0, offset, gapSamples, reason: 'device_lost' }) as const;
const flat = (blocks: readonly FrameBlock[]) =>
  blocks.map((block) => (block.kind === 'silence' ? block.frames : [...block.pcm]));

test('chunks of any size become whole frames', () => {
  const reader = createFrameReader();
  assert.deepEqual(reader.add(audio(0, count(0, 500))), []);
  assert.deepEqual(flat(reader.add(audio(500, count(500, 1100)))), [count(0, 1024)]);
  assert.deepEqual(flat(reader.end()), [[...count(1024, 1100), ...Array(512 - 76).fill(0)]]);
  assert.deepEqual(reader.end(), []);
});

test('a gap fills the frame under way, then counts as frames of silence', () => {
  const reader = createFrameReader();
  reader.add(audio(0, count(1, 101)));
  const blocks = flat(reader.add(gap(100, 412 + 3 * 512 + 10)));
  assert.deepEqual(blocks, [[...count(1, 101), ...Array(412).fill(0)], 3]);
  assert.deepEqual(flat(reader.add(audio(2058, count(0, 502)))), [[...Array(10).fill(0), ...count(0, 502)]]);
});

test('a gap shorter than a frame is silence inside it', () => {
  const reader = createFrameReader();
  reader.add(audio(0, [7]));
  assert.deepEqual(reader.add(gap(1, 10)), []);
  assert.deepEqual(flat(reader.end()), [[7, ...Array(511).fill(0)]]);
});

test('bytes that are not aligned are read all the same', () => {
  const unaligned = new Uint8Array([0, ...bytes([258, -2])]).subarray(1);
  assert.deepEqual([...samplesOf(unaligned)], [258, -2]);
});

test('the history reads across blocks, gives silence for what was never captured, and forgets', () => {
  const history = createPcmHistory(10);
  history.add(Int16Array.from(count(0, 1024)));
  history.addSilence(1);
  history.add(Int16Array.from(count(2000, 2512)));
  assert.deepEqual(
    [...history.read(11, 14)],
    [...count(512, 1024), ...Array(512).fill(0), ...count(2000, 2512)],
  );
  history.forget(12);
  assert.deepEqual([...history.read(10, 12)], Array(1024).fill(0));
  assert.deepEqual([...history.read(13, 14)], count(2000, 2512));
});
