import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeContinued } from './decode-continued.ts';
import { scriptedRecognizer } from './scripted-recognizer.ts';
import { FRAME_SAMPLES } from './silero-frames.ts';

const options = { language: 'en', priority: 'final', session: 'a' } as const;
const margin = { before: 8, after: 8 };
/** A second of speech that begins 20 frames after the one before it. */
const window = {
  start: 50,
  end: 82,
  speechStart: 52,
  speechEnd: 80,
  probabilities: new Float32Array(32).fill(1),
};
const pcm = new Int16Array((82 - 10) * FRAME_SAMPLES).fill(1000);
const said = (text: string) => ({
  start: 10,
  decoding: Promise.resolve({
    sentences: [
      {
        text,
        startMs: 0,
        endMs: 1000,
        words: text.split(' ').map((word) => ({ text: word, startMs: 0, endMs: 1, estimated: true })),
      },
    ],
  }),
});
const decode = (before: string, turns: string[]) => {
  const recognizer = scriptedRecognizer(turns);
  return {
    recognizer,
    decoded: decodeContinued(pcm, window, said(before), recognizer, options, margin).then(({ sentences }) =>
      sentences.map(({ text }) => text).join(' '),
    ),
  };
};

test('a segment is what the text has beyond the words before it', async () => {
  const { decoded, recognizer } = decode('Mister Fish is a squire of danger.', [
    'Mister Fish is the squire of dames, and has.',
  ]);
  assert.equal(await decoded, 'and has.');
  assert.equal(recognizer.calls.length, 1);
  assert.ok((recognizer.calls[0]?.samples ?? 0) >= pcm.length);
});

test('what was no word after all is nothing', async () => {
  assert.equal(await decode('As not.', ['As not.']).decoded, '');
});

test('its words have the times of the segment, not of what was before', async () => {
  const recognizer = scriptedRecognizer(['We launch in March.']);
  const { sentences } = await decodeContinued(pcm, window, said('We launch'), recognizer, options, margin);
  const words = sentences.flatMap((sentence) => sentence.words);
  assert.deepEqual(
    words.map(({ text }) => text),
    ['in', 'March.'],
  );
  assert.ok((words[0]?.startMs ?? 0) >= 52 * 32 && (words.at(-1)?.endMs ?? 0) <= 80 * 32);
});

test('when it is not clear where it goes on, it is decoded alone', async () => {
  const { decoded, recognizer } = decode('We launch in March.', ['Nobody knows.', 'Somebody may.']);
  assert.equal(await decoded, 'Somebody may.');
  assert.ok((recognizer.calls[1]?.samples ?? Number.NaN) < (recognizer.calls[0]?.samples ?? 0));
});
