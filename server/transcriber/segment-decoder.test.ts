import assert from 'node:assert/strict';
import { test } from 'node:test';
import { livePolicy } from './live-policy.ts';
import type { HeardSegment } from './live-segmenter.ts';
import { scriptedRecognizer } from './scripted-recognizer.ts';
import { createSegmentDecoder } from './segment-decoder.ts';
import { FRAME_SAMPLES } from './silero-frames.ts';

const policy = {
  ...livePolicy,
  wholeMost: 200,
  pieceLeast: 60,
  leastOverlap: 50,
  mostOverlap: 70,
  finalMargin: { before: 0, after: 0 },
};
const options = { language: 'en', priority: 'final', session: 'a' } as const;
const heard = (end: number): HeardSegment => ({
  start: 0,
  end,
  speechStart: 0,
  speechEnd: end,
  probabilities: new Float32Array(end).fill(1),
});

function decoderOf(turns: string[]) {
  const recognizer = scriptedRecognizer(turns);
  const decoder = createSegmentDecoder({
    recognizer,
    policy,
    read: (start, end) => new Int16Array((end - start) * FRAME_SAMPLES).fill(1000),
    weakest: (from) => from,
    spokenBefore: () => undefined,
  });
  const decode = async (end: number) =>
    (await decoder.decode(heard(end), options)).sentences.map(({ text }) => text).join(' ');
  const frames = () => recognizer.calls.map(({ samples }) => samples / FRAME_SAMPLES);
  return { decode, frames };
}

test('of a long segment only what is new is decoded, and joined with what was known at a pause', async () => {
  const { decode, frames } = decoderOf([
    'We launch in March and all of us are glare.',
    'March and all of us are glad about it.',
  ]);
  await decode(150);
  assert.equal(await decode(250), 'We launch in March and all of us are glad about it.');
  assert.deepEqual(frames(), [150, 250 - (150 - 70)]);
});

test('a segment that is not long is decoded as a whole', async () => {
  const { decode, frames } = decoderOf(['We launch.', 'We launch in March.']);
  await decode(150);
  assert.equal(await decode(200), 'We launch in March.');
  assert.deepEqual(frames(), [150, 200]);
});

test('what does not fit together is decoded as a whole', async () => {
  const { decode, frames } = decoderOf([
    'We launch in March.',
    'Nobody knows.',
    'We launch in March or later.',
  ]);
  await decode(150);
  assert.equal(await decode(250), 'We launch in March or later.');
  assert.deepEqual(frames(), [150, 170, 250]);
});

test('a pause too early on is no help', async () => {
  const { decode, frames } = decoderOf(['We.', 'We launch in March.']);
  await decode(40);
  await decode(250);
  assert.deepEqual(frames(), [40, 250]);
});
