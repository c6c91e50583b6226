import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import * as ort from 'onnxruntime-web/wasm';
import { createModels } from '../models/models.ts';
import type { FoundToken } from './beam-search.ts';
import { hearingsOf, MOST_HEARINGS } from './hearings.ts';
import { MIN_SAMPLES } from './moonshine-encoder.ts';
import { createMoonshineNetwork } from './moonshine-network.ts';
import { readTokens } from './moonshine-tokens.ts';
import { VOCABULARY } from './moonshine-weights.ts';

const modelsDir = process.env.SPEAKR_MODELS_DIR ?? join(homedir(), '.local', 'share', 'speakr', 'models');
const files = await createModels({ modelsDir }).require('moonshine-tiny-en');
const file = (name: string) => files.get(name) as Uint8Array;
const network = createMoonshineNetwork(file('encoder_model.ort'), file('decoder_model_merged.ort'));
const read = readTokens(file('tokenizer.bin'));
const toText = (tokens: readonly FoundToken[]) => read(tokens).text;
const certain = (tokens: readonly number[]) => tokens.map((token) => ({ token, logarithm: 0 }));

function standup(): Float32Array {
  const sample = fileURLToPath(new URL('../../samples/standup.flac', import.meta.url));
  const bytes = execFileSync(
    'ffmpeg',
    ['-v', 'error', '-i', sample, '-f', 'f32le', '-ac', '1', '-ar', '16000', '-'],
    { maxBuffer: 2 ** 26 },
  );
  return new Float32Array(new Uint8Array(bytes).buffer);
}

/** The same model in ONNX Runtime, the most likely token at each step. */
async function openRuntime() {
  ort.env.wasm.numThreads = 1;
  const runtime = fileURLToPath(import.meta.resolve('onnxruntime-web/ort-wasm-simd-threaded.wasm'));
  ort.env.wasm.wasmBinary = new Uint8Array(await readFile(runtime)).buffer;
  const encoder = await ort.InferenceSession.create(file('encoder_model.ort').slice());
  const decoder = await ort.InferenceSession.create(file('decoder_model_merged.ort').slice());
  const ints = (values: readonly number[]) =>
    new ort.Tensor('int64', BigInt64Array.from(values, BigInt), [1, values.length]);
  const nothing = Object.fromEntries(
    Array.from({ length: 24 }, (_, i) => [
      `past_key_values.${i >> 2}.${(i & 2) === 0 ? 'decoder' : 'encoder'}.${(i & 1) === 0 ? 'key' : 'value'}`,
      new ort.Tensor('float32', new Float32Array(0), [1, 8, 0, 36]),
    ]),
  );
  return async (samples: Float32Array, maxTokens: number): Promise<number[]> => {
    const mask = ints(new Array<number>(samples.length).fill(1));
    const input = new ort.Tensor('float32', samples, [1, samples.length]);
    const heard = await encoder.run({ input_values: input, attention_mask: mask });
    const said = [1];
    // Everything said so far at once, each time anew: slow, and nothing to get wrong.
    while (said.length <= maxTokens) {
      const { logits } = await decoder.run({
        ...nothing,
        encoder_attention_mask: mask,
        encoder_hidden_states: heard.last_hidden_state as ort.Tensor,
        input_ids: ints(said),
        use_cache_branch: new ort.Tensor('bool', [false], [1]),
      });
      const last = (logits as ort.Tensor).data.slice(-VOCABULARY) as Float32Array;
      const token = last.indexOf(last.reduce((most, value) => Math.max(most, value)));
      if (token === 2) break;
      said.push(token);
    }
    return said.slice(1);
  };
}

test('it hears what ONNX Runtime hears with the same model', async () => {
  const runtime = await openRuntime();
  const audio = standup();
  const same = { 1: 0, 4: 0 };
  let all = 0;
  // Not cut inside a word: there the likeliest token at each step leads into a loop, which more hypotheses avoid.
  for (const [from, to] of [
    [0, 10],
    [7, 10],
    [20, 23],
  ] as const) {
    const samples = audio.slice(from * 16_000, to * 16_000 + 1234);
    const expected = toText(certain(await runtime(samples, 60))).split(' ');
    all += expected.length;
    for (const beams of [1, 4] as const) {
      const words = toText(network.transcribe([samples], 60, beams)).split(' ');
      // ONNX Runtime rounds activations to 8 bits, so now and then another word wins.
      same[beams] += expected.filter((word) => words.includes(word)).length;
    }
  }
  assert.ok(all > 18, `${all} words to compare`);
  for (const [beams, words] of Object.entries(same))
    assert.ok(words / all >= 0.9, `${words} of ${all} with ${beams} at once`);
});

test('cut inside a word, one hypothesis runs into a loop; four find the way out', () => {
  const samples = standup().slice(0, 3 * 16_000 + 1234);
  const [greedy = '', searched = ''] = [1, 4].map((beams) =>
    toText(network.transcribe([samples], 40, beams)),
  );
  assert.match(greedy, /\bstory\b.*\bstory\b/);
  assert.match(searched, /^Good morning, everybody, let us start with\b/i);
  assert.doesNotMatch(searched, /story/);
});

test('the same hearing several times is the same as once; others agree on what is clear', () => {
  const samples = standup().slice(0, 8 * 16_000);
  const once = network.transcribe([samples], 60, 4);
  assert.deepEqual(network.transcribe([samples, samples, samples], 60, 4), once);
  const [, ...others] = hearingsOf(samples, MOST_HEARINGS);
  assert.match(toText(network.transcribe(others, 60, 4)), /^Good morning, everybody/i);
  assert.deepEqual(network.transcribe([samples.subarray(0, MIN_SAMPLES - 1), samples], 60, 4), once);
});

test('what it heard before, and how long that was, changes nothing', () => {
  const audio = standup();
  const short = audio.slice(0, 40_000);
  const first = network.transcribe([short], 40, 4);
  assert.ok(first.length > 3);
  network.transcribe([audio.slice(100_000, 420_000)], 130, 1);
  network.transcribe([audio.slice(5000, 9000)], 10, 1);
  assert.deepEqual(network.transcribe([short], 40, 4), first);
});

test('it stops at the bound, and too little audio is nothing', () => {
  const audio = standup();
  assert.equal(network.transcribe([audio.slice(0, 80_000)], 3, 1).length, 3);
  assert.deepEqual(network.transcribe([audio.slice(0, MIN_SAMPLES - 1)], 40, 1), []);
  assert.ok(network.transcribe([audio.slice(0, MIN_SAMPLES)], 2, 1).length <= 2);
});

test('a file that is another model, or half of one, is refused', () => {
  const encoder = file('encoder_model.ort');
  const decoder = file('decoder_model_merged.ort');
  assert.throws(() => createMoonshineNetwork(new Uint8Array(0), decoder), RangeError);
  assert.throws(() => createMoonshineNetwork(encoder.subarray(0, encoder.length / 2), decoder), RangeError);
  assert.throws(() => createMoonshineNetwork(encoder, encoder), RangeError);
});

test('tokens become text: spaces, bytes of one character, nothing of what controls', () => {
  const pieces = ['<s>', '\u2581Grüß', '\u2581Gott', '<<ST_7>>', '<3'];
  const bytes = pieces.flatMap((piece) => [Buffer.byteLength(piece), ...Buffer.from(piece)]);
  const long = 'x'.repeat(130);
  const toText = readTokens(
    Uint8Array.from([...bytes, 130, 1, ...Buffer.from(long), 1, 0xe2, 2, 0x82, 0xac]),
  );
  assert.equal(toText(certain([0, 1, 2, 3])).text, 'Grüß Gott');
  assert.equal(toText(certain([4, 5])).text, `<3${long}`);
  assert.equal(toText(certain([6, 7])).text, '€');
  assert.equal(toText(certain([99])).text, '');
  assert.throws(() => readTokens(Uint8Array.of(5, 65)), RangeError);
});

test('a word is as sure as its tokens together, whatever punctuation follows', () => {
  const pieces = ['<s>', '\u2581We', '\u2581laun', 'ched', '.', '\u2581', 'Now'];
  const read = readTokens(
    Uint8Array.from(pieces.flatMap((piece) => [Buffer.byteLength(piece), ...Buffer.from(piece)])),
  );
  const say = (...tokens: (readonly [token: number, probability: number])[]) =>
    read(tokens.map(([token, probability]) => ({ token, logarithm: Math.log(probability) })));
  const { text, confidences } = say([0, 0.1], [1, 0.8], [2, 0.5], [3, 0.9], [4, 0.2], [5, 0.7], [6, 0.5]);
  assert.equal(text, 'We launched. Now');
  assert.deepEqual(
    confidences.map((confidence) => Number(confidence.toFixed(6))),
    [0.8, 0.45, 0.35],
  );
});

test('the network is surer of what was said than of a word that is cut in two', () => {
  const { text, confidences } = read(network.transcribe([standup().slice(0, 0.7 * 16_000)], 40, 4));
  assert.equal(confidences.length, text.split(' ').length, text);
  const { confidences: whole } = read(network.transcribe([standup().slice(0, 3 * 16_000)], 40, 4));
  assert.ok((whole[0] as number) > 0.8, `${whole[0]}`);
  assert.ok((confidences.at(-1) as number) < (whole[0] as number), text);
});
