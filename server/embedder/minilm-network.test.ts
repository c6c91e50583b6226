import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Tokenizer } from '@huggingface/tokenizers';
import { env, InferenceSession, Tensor } from 'onnxruntime-web/wasm';
import { createModels } from '../models/models.ts';
import { createMiniLmNetwork, DIMENSIONS, MAX_TOKENS } from './minilm-network.ts';

const modelsDir = process.env.SPEAKR_MODELS_DIR ?? join(homedir(), '.local', 'share', 'speakr', 'models');
const files = await createModels({ modelsDir }).require('all-minilm-l6-v2-int8');
const model = files.get('model.onnx')!;
const tokenizer = new Tokenizer(JSON.parse(Buffer.from(files.get('tokenizer.json')!).toString('utf8')), {});
const network = createMiniLmNetwork(model);

const tokens = (text: string) => {
  const { ids } = tokenizer.encode(text);
  return ids.length <= MAX_TOKENS ? ids : ids.slice(0, MAX_TOKENS);
};

/** A hundred texts of every length, from English to signs the model has no word for. */
function variedTexts(): number[][] {
  const words = (
    'we launch on the first of March when the budget of forty thousand euros is approved by finance ' +
    'naïve Ünïcödé straße 砸自己的脚 🙂 C++ e-mail don’t 3.14 O(n²) WebSocket Kubernetes and so on'
  ).split(' ');
  return Array.from({ length: 100 }, (_, index) =>
    tokens(
      Array.from(
        { length: (index * index) % 190 },
        (_, at) => words[(index * 7 + at * (index + 3)) % words.length],
      ).join(' '),
    ),
  );
}

const vectorOf = (vectors: Float32Array, index: number) =>
  vectors.subarray(index * DIMENSIONS, (index + 1) * DIMENSIONS);
const similarity = (a: Float32Array, b: Float32Array) => a.reduce((sum, value, d) => sum + value * b[d]!, 0);

test('the vectors are those of ONNX Runtime', async () => {
  env.wasm.numThreads = 1;
  const runtime = fileURLToPath(import.meta.resolve('onnxruntime-web/ort-wasm-simd-threaded.wasm'));
  env.wasm.wasmBinary = new Uint8Array(await readFile(runtime)).buffer;
  const session = await InferenceSession.create(model, { executionProviders: ['wasm'] });
  const texts = variedTexts();
  const vectors = network(texts);
  for (const [index, ids] of texts.entries()) {
    const tensor = (value: (id: number) => bigint) =>
      new Tensor('int64', BigInt64Array.from(ids, value), [1, ids.length]);
    const { last_hidden_state: states } = await session.run({
      input_ids: tensor(BigInt),
      attention_mask: tensor(() => 1n),
      token_type_ids: tensor(() => 0n),
    });
    const expected = new Float32Array(DIMENSIONS);
    for (const [at, value] of (states!.data as Float32Array).entries()) expected[at % DIMENSIONS]! += value;
    const length = Math.hypot(...expected);
    const actual = vectorOf(vectors, index);
    const difference = expected.reduce(
      (most, value, d) => Math.max(most, Math.abs(value / length - actual[d]!)),
      0,
    );
    assert.ok(difference < 1e-5, `text ${index} of ${ids.length} tokens: ${difference}`);
  }
  await session.release();
});

test('company changes nothing, whatever its length', () => {
  const texts = variedTexts().slice(0, 30);
  const together = network(texts);
  for (const [index, ids] of texts.entries())
    assert.ok(similarity(vectorOf(together, index), network([ids])) > 0.999_999, `text ${index}`);
});

test('another file is no such network', () => {
  assert.throws(() => createMiniLmNetwork(new Uint8Array()), RangeError);
  assert.throws(() => createMiniLmNetwork(model.subarray(0, model.length / 2)), RangeError);
});
