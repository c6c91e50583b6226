import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { after, type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { SpeakrError } from '@speakr/contracts/problem';
import { systemClock } from '../clock.ts';
import { createModels } from '../models/models.ts';
import { transcribeBatch } from './batch-session.ts';
import { chunksOf } from './fixtures/sound.ts';
import { transcribeLive } from './live-session.ts';
import { createMoonshineRecognizer, defaultMaxWorkers } from './moonshine-recognizer.ts';
import { FRAME_SAMPLES } from './silero-frames.ts';
import { createSileroVoiceActivity } from './voice-activity.ts';

/** The real engines on real speech: what our own scripts say through a speech synthesizer (scripts/make-samples.ts). */

const modelsDir = process.env.SPEAKR_MODELS_DIR ?? join(homedir(), '.local', 'share', 'speakr', 'models');
const requireModel = createModels({ modelsDir }).require;
const recognizer = createMoonshineRecognizer({ model: 'moonshine-tiny-en', requireModel, maxWorkers: 2 });
const voiceActivity = createSileroVoiceActivity({ requireModel });
after(async () => {
  await recognizer.close();
  await voiceActivity.close();
});

const sample = (name: string) => fileURLToPath(new URL(`../../samples/${name}`, import.meta.url));
function pcmOf(file: string): Uint8Array {
  return execFileSync('ffmpeg', ['-v', 'error', '-i', file, '-f', 's16le', '-ac', '1', '-ar', '16000', '-'], {
    maxBuffer: 2 ** 28,
  });
}
interface Line {
  startMs: number;
  endMs: number;
  text: string;
}
const script = (name: string): Line[] => JSON.parse(readFileSync(sample(name), 'utf8'));
const words = (text: string) =>
  text
    .toLowerCase()
    .replace(/[^a-z0-9 ]/g, ' ')
    .split(/\s+/)
    .filter(Boolean);
/** Share of the script's words that were heard, in order. */
function heard(reference: string[], hypothesis: string[]): number {
  let row = new Array<number>(hypothesis.length + 1).fill(0);
  for (const word of reference) {
    const next = [0];
    for (const [index, other] of hypothesis.entries())
      next.push(word === other ? row[index]! + 1 : Math.max(row[index + 1]!, next[index]!));
    row = next;
  }
  return (row.at(-1) ?? 0) / reference.length;
}
async function* stream(pcm: Uint8Array, pace?: () => Promise<void>) {
  for (const chunk of chunksOf(pcm)) {
    await pace?.();
    yield chunk;
  }
}

test('a minute of speech is heard, in sentences with times that fit what was said', async () => {
  const lines = script('standup.json');
  const sentences = [];
  for await (const result of transcribeBatch({
    chunks: stream(pcmOf(sample('standup.flac'))),
    fromSample: 0,
    recognizer,
    voiceActivity,
    language: 'en',
    session: 'batch',
  }))
    sentences.push(...result.sentences);
  const share = heard(
    lines.flatMap(({ text }) => words(text)),
    sentences.flatMap(({ text }) => words(text)),
  );
  assert.ok(share > 0.9, `${share} of the words were heard`);
  for (const { startMs, text } of lines.filter((_, index) => index > 0)) {
    const nearest = Math.min(...sentences.map((sentence) => Math.abs(sentence.startMs - startMs)));
    assert.ok(nearest < 1200, `nothing begins near ${startMs} ms: ${text}`);
  }
  const times = sentences.flatMap((sentence) =>
    sentence.words.flatMap(({ startMs, endMs }) => [startMs, endMs]),
  );
  assert.deepEqual(
    times,
    times.toSorted((a, b) => a - b),
  );
});

test('the same speech live: captions while it is spoken, and the same words in the end', async () => {
  const pcm = pcmOf(sample('demo.flac'));
  const partials: string[] = [];
  const finals: string[] = [];
  const started = performance.now();
  let sent = 0;
  const pace = async () => {
    sent += 100;
    // Twice as fast as it was spoken.
    const early = sent / 2 - (performance.now() - started);
    if (early > 0) await new Promise((resolve) => setTimeout(resolve, early));
  };
  await recognizer.warm();
  await transcribeLive({
    chunks: stream(pcm, pace),
    fromSample: 0,
    available: () => 0,
    recognizer,
    voiceActivity,
    language: 'en',
    session: 'live',
    clock: systemClock,
    signal: new AbortController().signal,
    onPartial: ({ text }) => partials.push(text),
    onFinal: async ({ text }) => void finals.push(text),
    onState: () => {},
  });
  const reference = script('demo.json').flatMap(({ text }) => words(text));
  assert.ok(partials.length > 0);
  assert.ok(heard(reference, words(finals.join(' '))) > 0.8, finals.join(' '));
});

test('voice activity tells speech from noise and from silence, and does not depend on how frames arrive', async () => {
  const pcm = new Int16Array(pcmOf(sample('demo.flac')).slice().buffer);
  const whole = pcm.length - (pcm.length % FRAME_SAMPLES);
  const samples = Float32Array.from(pcm.subarray(0, whole), (sample) => sample / 32_768);
  const at_once = await voiceActivity.stream().listen(samples.slice());
  const stream = voiceActivity.stream();
  const pieces: number[] = [];
  for (let at = 0; at < samples.length; at += 7 * FRAME_SAMPLES)
    pieces.push(...(await stream.listen(samples.slice(at, at + 7 * FRAME_SAMPLES))));
  assert.deepEqual(pieces, [...at_once]);
  const share = (values: Float32Array) => values.filter((value) => value > 0.5).length / values.length;
  assert.ok(share(at_once) > 0.5);
  const noise = Float32Array.from({ length: 100 * FRAME_SAMPLES }, () => Math.random() * 0.2 - 0.1);
  assert.equal(share(await voiceActivity.stream().listen(noise)), 0);
  assert.equal(share(await voiceActivity.stream().listen(new Float32Array(100 * FRAME_SAMPLES))), 0);
  await assert.rejects(stream.listen(new Float32Array(100)), RangeError);
});

test('sound without speech brings no words', async (t: TestContext) => {
  for (const source of [
    'sine=frequency=50:duration=20',
    'anoisesrc=color=pink:duration=20:amplitude=0.3:seed=7',
    'anoisesrc=color=brown:duration=20:amplitude=0.5:seed=8',
  ]) {
    const pcm = execFileSync(
      'ffmpeg',
      ['-v', 'error', '-f', 'lavfi', '-i', source, '-f', 's16le', '-ac', '1', '-ar', '16000', '-'],
      { maxBuffer: 2 ** 28 },
    );
    const invented = [];
    for await (const { sentences } of transcribeBatch({
      chunks: stream(pcm),
      fromSample: 0,
      recognizer,
      voiceActivity,
      language: 'en',
      session: 'noise',
    }))
      invented.push(...sentences.map(({ text }) => text));
    assert.deepEqual(invented, [], source);
  }
  t.diagnostic('hum, pink and brown noise');
});

test('a language of another model is refused, an id that is no model too', async () => {
  const options = { language: 'de', priority: 'final', session: 'a' } as const;
  await assert.rejects(recognizer.decode(new Float32Array(16_000), options), {
    code: 'language_unsupported',
  });
  assert.throws(() => createMoonshineRecognizer({ model: 'whisper', requireModel }), {
    code: 'model_unknown',
  });
  assert.deepEqual(recognizer.capabilities.languages, ['en']);
});

test('model files are asked for before any worker starts', async () => {
  const missing = createMoonshineRecognizer({
    model: 'moonshine-base-vi',
    requireModel: async () => {
      throw new SpeakrError('model_missing', 'encoder_model.ort is missing');
    },
  });
  await assert.rejects(missing.warm(), { code: 'model_missing' });
  const silent = createSileroVoiceActivity({
    requireModel: async () => {
      throw new SpeakrError('model_invalid', 'silero_vad_v6.onnx is damaged');
    },
  });
  await assert.rejects(silent.warm(), { code: 'model_invalid' });
  await silent.close();
});

test('workers are bounded by cores and memory', () => {
  const gigabytes = (count: number) => count * 2 ** 30;
  assert.equal(defaultMaxWorkers(1, gigabytes(16)), 1);
  assert.equal(defaultMaxWorkers(2, gigabytes(16)), 2);
  assert.equal(defaultMaxWorkers(4, gigabytes(16)), 3);
  assert.equal(defaultMaxWorkers(32, gigabytes(64)), 4);
  assert.equal(defaultMaxWorkers(8, gigabytes(2)), 1);
});
