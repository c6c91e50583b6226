import assert from 'node:assert/strict';
import { test } from 'node:test';
import { until } from '../../scripts/until.ts';
import { chunksOf, soundOf } from './fixtures/sound.ts';
import { levelVoiceActivity } from './level-voice-activity.ts';
import type { DecodeOptions, Recognizer } from './recognizer.ts';
import { createSecondPass, type Revision } from './second-pass.ts';
import { secondPassPolicy } from './second-pass-windows.ts';

const said = (startMs: number, endMs: number, text: string) => ({
  id: `1.0.${startMs}`,
  track: 0,
  startMs,
  endMs,
  text,
  words: text.split(' ').map((word) => ({ text: word, startMs, endMs, estimated: true })),
});

/** Stretches of speech in what is given to the recognizer. */
function stretches(samples: Float32Array): number {
  let count = 0;
  let quiet = 1600;
  for (const sample of samples) {
    if (Math.abs(sample) < 0.01) quiet += 1;
    else {
      if (quiet >= 1600) count += 1;
      quiet = 0;
    }
  }
  return count;
}

/** A second pass over a picture of sound, and what became of it. */
function secondPassOf(
  picture: string,
  decode: (options: DecodeOptions, samples: Float32Array) => Promise<string> | string,
  spokenMs = 0,
  {
    decodeSeconds = 0,
    isAlone = true,
    confidences,
  }: { decodeSeconds?: number; isAlone?: boolean; confidences?: number[] } = {},
) {
  const sound = soundOf(picture);
  const decodes: { seconds: number; priority: string; hearings?: number }[] = [];
  const warnings: object[] = [];
  const revisions: Revision[] = [];
  const ending = new AbortController();
  const recognizer: Recognizer = {
    model: 'by-hand',
    capabilities: { languages: ['en'], wordTimes: false, keyTerms: false },
    async warm() {},
    async decode(samples, options) {
      const { priority, hearings } = options;
      decodes.push({ seconds: samples.length / 16_000, priority, hearings });
      return { text: await decode(options, samples), decodeSeconds, ...(confidences && { confidences }) };
    },
    async close() {},
  };
  const secondPass = createSecondPass({
    async *openAudio(fromSample) {
      yield* chunksOf(sound, { fromSample });
    },
    recognizer,
    voiceActivity: levelVoiceActivity(),
    language: 'en',
    session: 'a',
    spokenMs,
    signal: ending.signal,
    isAlone: () => isAlone,
    log: { warn: (fields) => warnings.push(fields) },
    onRevised: async (revision) => void revisions.push(revision),
  });
  const told = () =>
    revisions.map(({ replaced, sentences }) => [
      replaced.map(({ id }) => id),
      sentences.map(({ text }) => text),
    ]);
  return { secondPass, decodes, warnings, told, revisions, ending };
}

const two = `..##########....##########${'.'.repeat(30)}`;

test('segments that were cut apart are decoded together, and what is better replaces them', async () => {
  const { secondPass, decodes, told, revisions } = secondPassOf(two, () => 'We launch. In March.');
  secondPass.add(said(200, 1200, 'We lunch.'));
  secondPass.add(said(1600, 2600, 'In march.'));
  secondPass.quietUntil(5000);
  await secondPass.finish(10_000);
  assert.deepEqual(told(), [
    [
      ['1.0.200', '1.0.1600'],
      ['We launch.', 'In March.'],
    ],
  ]);
  assert.deepEqual(
    decodes.map(({ priority }) => priority),
    ['batch'],
  );
  const [first, second] = revisions[0]!.sentences;
  assert.ok(Math.abs(first!.startMs - 200) < 100 && Math.abs(second!.endMs - 2600) < 100);
});

test('live words of which the model was surer stay, early or late', async () => {
  const { secondPass, told } = secondPassOf(two, () => 'We lunch. In March.', 0, {
    confidences: [0.9, 0.2, 0.9, 0.9],
  });
  secondPass.add(said(200, 1200, 'We launch.'), { decodeSeconds: 0, confidences: [0.9, 0.9] });
  secondPass.audioEnded(2600);
  secondPass.add(said(1600, 2600, 'In Mars.'), { decodeSeconds: 0, confidences: [0.9, 0.2] });
  await secondPass.finish(10_000);
  assert.deepEqual(told(), [
    [
      ['1.0.200', '1.0.1600'],
      ['We launch.', 'In March.'],
    ],
  ]);
});

test('nothing is revised where the surer words are those that were heard live', async () => {
  const { secondPass, told } = secondPassOf(two, () => 'We lunch.', 0, { confidences: [0.9, 0.2] });
  secondPass.add(said(200, 1200, 'We launch.'), { decodeSeconds: 0, confidences: [0.9, 0.9] });
  await secondPass.finish(10_000);
  assert.deepEqual(told(), []);
});

test('what was heard the same, and what has no speech in it, is left alone', async () => {
  const { secondPass, decodes, told } = secondPassOf(two, () => 'We launch. In March.');
  secondPass.add(said(200, 1200, 'We launch.'));
  secondPass.add(said(1600, 2600, 'In March.'));
  secondPass.add(said(5000, 5500, 'Yes.'));
  await secondPass.finish(10_000);
  assert.equal(decodes.length, 1);
  assert.deepEqual(told(), []);
});

test('at the end the last window is decoded before its last segment is there', async () => {
  const { secondPass, decodes, told } = secondPassOf('..##########....##########', () => 'Both better.');
  secondPass.add(said(200, 1200, 'One.'));
  secondPass.audioEnded(2600);
  await until('a decode', () => decodes.length > 0);
  assert.equal(decodes[0]?.priority, 'partial');
  secondPass.add(said(1600, 2600, 'Two.'));
  await secondPass.finish(10_000);
  assert.equal(decodes.length, 1);
  assert.deepEqual(told(), [[['1.0.200', '1.0.1600'], ['Both better.']]]);
});

/** Says how many stretches of speech it hears. */
const counting = (_: DecodeOptions, samples: Float32Array) => `Heard ${stretches(samples)}.`;

test('a window that ends with the audio hears nothing of segments that are still to come', async () => {
  const { secondPass, told } = secondPassOf(`..##########....##########${'.'.repeat(90)}`, counting);
  secondPass.add(said(200, 1200, 'One.'));
  secondPass.quietUntil(1500);
  secondPass.audioEnded(11_600);
  secondPass.add(said(1600, 2600, 'Two.'));
  await secondPass.finish(10_000);
  assert.deepEqual(told(), [
    [['1.0.200'], ['Heard 1.']],
    [['1.0.1600'], ['Heard 1.']],
  ]);
});

test('what was decoded early is not used for a window that ends before the audio does', async () => {
  const { secondPass, told } = secondPassOf(`..##########${'.'.repeat(24)}##########..`, counting);
  secondPass.add(said(200, 1200, 'One.'));
  secondPass.audioEnded(4800);
  secondPass.add(said(3600, 4600, 'Two.'));
  await secondPass.finish(10_000);
  assert.deepEqual(told(), [
    [['1.0.200'], ['Heard 1.']],
    [['1.0.3600'], ['Heard 1.']],
  ]);
});

test('who takes over hears nothing of the speech before', async () => {
  const { secondPass, told } = secondPassOf(two, counting, 1200);
  secondPass.add(said(1600, 2600, 'Two.'));
  await secondPass.finish(10_000);
  assert.deepEqual(told(), [[['1.0.1600'], ['Heard 1.']]]);
});

test('what takes too long at the end stays as it was heard', async () => {
  const { secondPass, told } = secondPassOf(
    two,
    ({ signal }) =>
      new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason))),
  );
  secondPass.add(said(200, 1200, 'One.'));
  secondPass.add(said(1600, 2600, 'Two.'));
  await secondPass.finish(20);
  assert.deepEqual(told(), []);
});

test('an engine that fails costs nothing but the second pass', async () => {
  const { secondPass, told, warnings } = secondPassOf(two, () => {
    throw new RangeError('said aloud');
  });
  secondPass.add(said(200, 1200, 'One.'));
  secondPass.add(said(1600, 2600, 'Two.'));
  await secondPass.finish(10_000);
  assert.deepEqual(told(), []);
  assert.deepEqual(warnings, [{ recordingId: 'a', error: 'RangeError' }]);
});

const quiet = '.'.repeat(30);
const long = `..##########${quiet}..##########${quiet}..##########${quiet}..${'#'.repeat(40)}`;
const starts = [200, 4400, 8600];

/** How often each of three windows is listened to, and a longer one after stop. @param seconds what a decode costs */
async function hearingsAt(seconds: number): Promise<(number | undefined)[]> {
  const { secondPass, decodes } = secondPassOf(long, () => 'Heard.', 0, { decodeSeconds: seconds });
  for (const [index, start] of starts.entries()) {
    secondPass.add(said(start, start + 1000, 'One.'));
    secondPass.quietUntil(start + 3000);
    await until('a decode', () => decodes.length > index);
    // What it cost is known a moment later.
    await new Promise(setImmediate);
  }
  secondPass.add(said(12_800, 16_800, 'One.'));
  secondPass.audioEnded(16_800);
  await secondPass.finish(10_000);
  return decodes.map(({ hearings }) => hearings);
}

test('windows are listened to several times, once where that costs too much, after stop as often as there is time', async () => {
  const { hearings, mostCost } = secondPassPolicy;
  // With what is around their speech windows are 1.8 to 2.4 s long, the last one 4.7 s.
  assert.deepEqual(await hearingsAt(0.02), [hearings, hearings, hearings, hearings]);
  assert.deepEqual(await hearingsAt(0.9 * mostCost * 1.8), [hearings, hearings, hearings, 2]);
  assert.deepEqual(await hearingsAt(1.1 * mostCost * 2.4), [hearings, 1, 1, 1]);
});

test('windows that wait for each other are listened to once, the last of them more often again', async () => {
  const { secondPass, decodes } = secondPassOf(long, () => 'Heard.');
  for (const start of starts) secondPass.add(said(start, start + 1000, 'One.'));
  await secondPass.finish(10_000);
  assert.deepEqual(
    decodes.map(({ hearings }) => hearings),
    [1, 1, secondPassPolicy.hearings],
  );
});

test('beside other recordings a window is listened to once', async () => {
  const { secondPass, decodes } = secondPassOf(long, () => 'Heard.', 0, { isAlone: false });
  secondPass.add(said(200, 1200, 'One.'));
  await secondPass.finish(10_000);
  assert.deepEqual(
    decodes.map(({ hearings }) => hearings),
    [1],
  );
});
