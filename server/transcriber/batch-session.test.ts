import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import type { LogChunk } from '../audio-log/audio-log.ts';
import { type BatchResult, transcribeBatch } from './batch-session.ts';
import { chunksOf, soundOf } from './fixtures/sound.ts';
import { levelVoiceActivity } from './level-voice-activity.ts';
import { scriptedRecognizer } from './scripted-recognizer.ts';
import type { VoiceActivity } from './voice-activity.ts';

const pause = '.'.repeat(30);

async function* stream(chunks: Iterable<LogChunk>): AsyncGenerator<LogChunk> {
  yield* chunks;
}

async function transcribe(
  chunks: Iterable<LogChunk>,
  recognizer = scriptedRecognizer(['Words.'], { loop: true }),
  {
    fromSample = 0,
    voiceActivity = levelVoiceActivity(),
    signal,
  }: {
    fromSample?: number;
    voiceActivity?: VoiceActivity;
    signal?: AbortSignal;
  } = {},
) {
  const results: BatchResult[] = [];
  const read: number[] = [];
  for await (const result of transcribeBatch({
    chunks: stream(chunks),
    fromSample,
    recognizer,
    voiceActivity,
    language: 'en',
    session: 'a',
    signal,
    onRead: (sample) => read.push(sample),
  }))
    results.push(result);
  return { results, read, sentences: results.flatMap(({ sentences }) => sentences) };
}
const near = (actual: number | undefined, expected: number) =>
  assert.ok(Math.abs((actual ?? Number.NaN) - expected) <= 64, `${actual} is not near ${expected}`);

test('windows are decoded at once and come in order', async () => {
  const recognizer = scriptedRecognizer([
    { text: 'Slow.', delayMs: 50 },
    'Quick.',
    { text: 'Middling.', delayMs: 20 },
  ]);
  const sound = soundOf(`..########${pause}########${pause}########....`);
  const { sentences, results } = await transcribe(chunksOf(sound), recognizer);
  assert.deepEqual(
    sentences.map(({ text }) => text),
    ['Slow.', 'Quick.', 'Middling.'],
  );
  near(sentences[1]?.startMs, 4000);
  near(sentences[1]?.endMs, 4800);
  const through = results.map(({ throughSample }) => throughSample);
  assert.deepEqual(
    through,
    through.toSorted((a, b) => a - b),
  );
});

test('the recognizer is asked only where somebody speaks', async () => {
  const recognizer = scriptedRecognizer([]);
  const { sentences } = await transcribe(chunksOf(soundOf('.'.repeat(700))), recognizer);
  assert.deepEqual(sentences, []);
  assert.equal(recognizer.calls.length, 0);
});

test('speech gets quiet around it, even where the track has none', async () => {
  const recognizer = scriptedRecognizer(['Words.'], { loop: true });
  await transcribe(chunksOf(soundOf('##########')), recognizer);
  const [call] = recognizer.calls;
  near((call?.samples ?? 0) / 16, 700 + 1000 + 700);
});

test('a file is heard in the same way whatever the chunks it comes in', async () => {
  const sound = soundOf(`${'..########....'.repeat(30)}${pause}####`);
  const heard = async (chunkMs: number) => {
    const listened: string[] = [];
    const level = levelVoiceActivity();
    const voiceActivity: VoiceActivity = {
      ...level,
      stream() {
        const stream = level.stream();
        return {
          listen(samples) {
            listened.push(createHash('sha256').update(samples).digest('hex'));
            return stream.listen(samples);
          },
        };
      },
    };
    const recognizer = scriptedRecognizer(['Words.'], { loop: true });
    await transcribe(chunksOf(sound, { chunkMs }), recognizer, { voiceActivity });
    return { listened, decoded: recognizer.calls };
  };
  const expected = await heard(100);
  assert.equal(expected.listened.length, 2, 'longer than what is listened to at once');
  for (const chunkMs of [30, 370, 1000]) assert.deepEqual(await heard(chunkMs), expected);
});

test('times count from the start of the track when a session goes on in its middle', async () => {
  const sound = soundOf(`..########${pause}########....`);
  const { sentences } = await transcribe(chunksOf(sound, { fromSample: 32_768 }), undefined, {
    fromSample: 32_768,
  });
  assert.equal(sentences.length, 1);
  near(sentences[0]?.startMs, 4000);
});

test('a gap of hours is silence: passed at once, with the times right behind it', async () => {
  const hours = 3 * 3_600_000 * 16;
  const sound = soundOf('..########..');
  let listened = 0;
  const level = levelVoiceActivity();
  const voiceActivity: VoiceActivity = {
    ...level,
    stream() {
      const stream = level.stream();
      return {
        listen(samples) {
          listened += samples.length;
          return stream.listen(samples);
        },
      };
    },
  };
  const { sentences } = await transcribe(
    [
      ...chunksOf(sound),
      { track: 0, offset: 19_200, gapSamples: hours, reason: 'sleep' },
      ...[...chunksOf(sound)].map((chunk) => ({ ...chunk, offset: chunk.offset + 19_200 + hours })),
    ],
    undefined,
    { voiceActivity },
  );
  assert.equal(sentences.length, 2);
  near(sentences[1]?.startMs, 1200 + hours / 16 + 200);
  assert.ok(listened < 3 * 19_200);
});

test('a decoder in a loop is asked again, and what it repeats is cut', async () => {
  const loop = 'the pair of the pair of the pair of the pair of';
  const recognizer = scriptedRecognizer([loop, 'The pair of shoes.', loop, loop]);
  const sound = soundOf(`..##############################${pause}##############################....`);
  const { sentences } = await transcribe(chunksOf(sound), recognizer);
  assert.deepEqual(
    sentences.map(({ text }) => text),
    ['The pair of shoes.', 'the pair of'],
  );
  assert.equal(recognizer.calls.length, 4);
});

test('words measured by the engine are kept, at their place in the track', async () => {
  const words = [
    { text: 'Two', startMs: 600, endMs: 900 },
    { text: 'words', startMs: 900, endMs: 1200 },
  ];
  const recognizer = scriptedRecognizer([{ text: 'Two words.', words }]);
  const { sentences } = await transcribe(chunksOf(soundOf('..........########....')), recognizer);
  assert.deepEqual(
    sentences[0]?.words.map(({ text, estimated }) => [text, estimated]),
    [
      ['Two', false],
      ['words.', false],
    ],
  );
  near(sentences[0]?.startMs, 1000 - 700 + 600);
});

test('what fails or is aborted ends the session with its reason', async () => {
  const sound = soundOf('..########....');
  await assert.rejects(
    transcribe(chunksOf(sound), scriptedRecognizer([{ error: new Error('broken') }])),
    /broken/,
  );
  await assert.rejects(
    transcribe(chunksOf(sound), undefined, { signal: AbortSignal.abort(new Error('enough')) }),
    /enough/,
  );
});

test('memory does not grow with the length of the track', async () => {
  // 40 minutes in which somebody speaks half of the time, made as it is read: nothing of it may be kept.
  const minute = soundOf(
    `..${'#'.repeat(120)}${pause}${'#'.repeat(140)}${pause}${'#'.repeat(40)}${'.'.repeat(238)}`,
  );
  function* minutes(count: number): Generator<LogChunk> {
    for (let index = 0; index < count; index++)
      for (const chunk of chunksOf(minute))
        yield { ...chunk, offset: chunk.offset + (index * minute.length) / 2, pcm: chunk.pcm.slice() };
  }
  const used = async (count: number) => {
    let most = 0;
    const results = transcribeBatch({
      chunks: stream(minutes(count)),
      fromSample: 0,
      recognizer: scriptedRecognizer(['Words.'], { loop: true }),
      voiceActivity: levelVoiceActivity(),
      language: 'en',
      session: 'a',
    });
    for await (const _ of results) most = Math.max(most, process.memoryUsage().arrayBuffers);
    return most / 2 ** 20;
  };
  const short = await used(2);
  const long = await used(40);
  assert.ok(long < short + 32, `${short} MB became ${long} MB`);
});
