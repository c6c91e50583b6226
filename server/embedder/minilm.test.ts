import assert from 'node:assert/strict';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { SpeakrError } from '@speakr/contracts/problem';
import { createModels } from '../models/models.ts';
import { startWorker, type WorkerThread } from '../workers.ts';
import { hashEmbedder } from './hash-embedder.ts';
import { createMiniLm, MINILM_MODEL } from './minilm.ts';

const models = createModels({
  modelsDir: process.env.SPEAKR_MODELS_DIR ?? join(homedir(), '.local', 'share', 'speakr', 'models'),
});
const modelFiles = () => models.require(MINILM_MODEL);

/** Keeps the threads that were started. */
const threads: WorkerThread[] = [];
const start = () => {
  const thread = startWorker('minilm');
  threads.push(thread);
  return thread;
};
const embedder = createMiniLm({ modelFiles, start });
after(() => embedder.close());

const similarity = (a: Float32Array, b: Float32Array) => a.reduce((sum, value, d) => sum + value * b[d]!, 0);

test('texts that mean the same are near, in the order they came', async () => {
  const texts = ['When do we launch?', 'Lobster with butter.', 'The release date is in March.'];
  const [question, lobster, release] = await embedder.embed(texts);
  assert.equal(question?.length, embedder.dimensions);
  assert.ok(similarity(question!, release!) > similarity(question!, lobster!) + 0.2);
  for (const vector of [question!, lobster!, release!]) {
    assert.ok(Math.abs(similarity(vector, vector) - 1) < 1e-5, 'unit length');
  }
});

test('company in a batch changes nothing', async () => {
  const text = 'We launch on the first of March.';
  const [alone] = await embedder.embed([text]);
  const many = await embedder.embed(
    [...Array(20).keys()].map((index) => (index === 13 ? text : `${text} ${index}`)),
  );
  assert.ok(similarity(alone!, many[13]!) > 0.9999);
});

test('the reference vector of the model’s own implementation is met', async () => {
  // First values of the vector that sentence-transformers gives with the float32 weights.
  const [vector] = await embedder.embed(['This is an example sentence']);
  const expected = [0.0677, 0.0635, 0.0487, 0.0793, 0.0374];
  for (const [d, value] of expected.entries())
    assert.ok(Math.abs(vector![d]! - value) < 0.012, `${vector![d]}`);
});

test('empty, endless and foreign texts have vectors too; none has none', async () => {
  const vectors = await embedder.embed(['', 'word '.repeat(5000), '砸自己的脚', '🙂']);
  for (const vector of vectors) assert.ok(vector.every(Number.isFinite));
  assert.deepEqual(await embedder.embed([]), []);
});

test('a thread that dies is replaced, and what it had in hand is done again', async () => {
  await embedder.warm();
  const before = threads.length;
  const working = embedder.embed(['We launch in March.']);
  await threads.at(-1)?.terminate();
  assert.equal((await working).length, 1);
  assert.equal(threads.length, before + 1);
});

test('a damaged model is an error before the thread gets it, and mending it helps', async () => {
  let damaged = true;
  const mended = createMiniLm({
    modelFiles: () =>
      damaged ? Promise.reject(new SpeakrError('model_invalid', 'model.onnx is damaged')) : modelFiles(),
  });
  await assert.rejects(mended.embed(['x']), { code: 'model_invalid' });
  damaged = false;
  assert.equal((await mended.embed(['x'])).length, 1);
  await mended.close();
  await assert.rejects(mended.embed(['x']), /closed/);
});

test('an idle thread is ended, and the next text starts one', async () => {
  let ended: () => void;
  const end = new Promise<void>((resolve) => {
    ended = resolve;
  });
  let starts = 0;
  const idling = createMiniLm({
    modelFiles,
    idleMs: 1,
    start: () => {
      starts++;
      const thread = startWorker('minilm');
      return { ...thread, call: thread.call, alive: true, close: () => thread.close().then(ended) };
    },
  });
  await idling.warm();
  await end;
  await idling.embed(['x']);
  assert.equal(starts, 2);
  await idling.close();
});

test('the stand-in for tests finds shared words', async () => {
  const stand = hashEmbedder();
  const [a, b, c] = await stand.embed(['the red house', 'a red house', 'blue sky']);
  assert.ok(similarity(a!, b!) > similarity(a!, c!));
  assert.ok(Math.abs(similarity(a!, a!) - 1) < 1e-6);
});
