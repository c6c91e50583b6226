import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hearingsOf, MOST_HEARINGS } from './hearings.ts';

/** Seconds of a tone of 400 Hz, half as loud as can be. */
const tone = Float32Array.from(
  { length: 16_000 },
  (_, index) => 0.5 * Math.sin((2 * Math.PI * 400 * index) / 16_000),
);

/** Whole periods of a second of sound. */
const periods = (samples: Float32Array) =>
  samples.reduce((count, sample, index) => count + (sample >= 0 && (samples[index - 1] ?? 0) < 0 ? 1 : 0), 0);
const loudest = (samples: Float32Array) =>
  samples.subarray(200, -200).reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);

test('the first hearing is the audio itself; the others are slower, later and faster', () => {
  const [first, slower, later, faster, ...more] = hearingsOf(tone, MOST_HEARINGS + 1);
  assert.equal(first, tone);
  assert.deepEqual([slower?.length, later?.length, faster?.length], [16_494, 18_560, 15_238]);
  assert.deepEqual(later?.subarray(2560), tone);
  assert.ok(later?.subarray(0, 2560).every((sample) => sample === 0));
  assert.deepEqual(more, []);
  assert.deepEqual(hearingsOf(tone, 1), [tone]);
});

test('played slower or faster, a tone stays whole and as loud', () => {
  const [, slower, , faster] = hearingsOf(tone, MOST_HEARINGS) as Float32Array[];
  for (const samples of [slower!, faster!]) {
    assert.ok(Math.abs(periods(samples) - 399.5) <= 1, `${periods(samples)} periods`);
    assert.ok(Math.abs(loudest(samples) - 0.5) < 0.002, `${loudest(samples)} at most`);
  }
});
