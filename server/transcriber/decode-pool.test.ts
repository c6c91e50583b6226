import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { SpeakrError } from '@speakr/contracts/problem';
import { until } from '../../scripts/until.ts';
import { startWorkerFile, type WorkerThread } from '../workers.ts';
import { createDecodePool, type DecodePool } from './decode-pool.ts';

interface Answer {
  samples: number;
  thread: number;
  asked: object;
}
const final = { language: 'en', priority: 'final', session: 'a' } as const;
const dies = () => Float32Array.of(2);
const throws = () => Float32Array.of(3);
const slow = () => Float32Array.of(4);
const quick = () => Float32Array.of(0, 0);

const startDecoder = (first: boolean) =>
  startWorkerFile(new URL('./fixtures/decoder-worker.ts', import.meta.url), { data: { first } });

function openPool(t: TestContext, { maxWorkers = 2, idleMs = 60_000 } = {}) {
  const threads: WorkerThread[] = [];
  const warnings: string[] = [];
  const pool: DecodePool<Answer> = createDecodePool({
    startWorker: async () => {
      const thread = startDecoder(threads.length === 0);
      threads.push(thread);
      return thread;
    },
    maxWorkers,
    idleMs,
    log: { warn: (_, message) => warnings.push(message) },
  });
  t.after(() => pool.close());
  return { pool, threads, warnings };
}

test('warming starts one worker; more come while work waits, up to the limit', async (t) => {
  const { pool } = openPool(t, { maxWorkers: 2 });
  await pool.warm();
  await pool.warm();
  assert.equal(pool.workers, 1);
  const answers = await Promise.all([1, 2, 3].map(() => pool.decode(slow(), final)));
  assert.equal(pool.workers, 2);
  assert.equal(new Set(answers.map(({ thread }) => thread)).size, 2);
});

test('the worker hears how many hypotheses and hearings are asked for', async (t) => {
  const { pool } = openPool(t);
  const { asked } = await pool.decode(quick(), { ...final, beams: 2, hearings: 3 });
  assert.deepEqual(asked, { beams: 2, hearings: 3 });
});

test('a worker that is idle ends, the last one stays', async (t) => {
  const { pool, threads } = openPool(t, { maxWorkers: 2, idleMs: 20 });
  await Promise.all([pool.decode(slow(), final), pool.decode(slow(), final)]);
  assert.equal(threads.length, 2);
  await until('the pool has shrunk', () => pool.workers === 1);
  assert.equal((await pool.decode(quick(), final)).samples, 2);
  assert.equal(pool.workers, 1);
});

test('a worker that dies is replaced and its work is tried again', async (t) => {
  const { pool, threads, warnings } = openPool(t, { maxWorkers: 1 });
  const decoding = pool.decode(Float32Array.of(5, 0, 0), final);
  assert.equal((await decoding).samples, 3);
  assert.equal(threads.length, 2);
  assert.deepEqual(warnings, ['a recognizer worker was replaced']);
});

test('work that kills two workers fails, and the next work does not', async (t) => {
  const { pool, threads } = openPool(t, { maxWorkers: 1 });
  const killer = pool.decode(dies(), final);
  const next = pool.decode(quick(), final);
  await assert.rejects(killer, (error) => error instanceof SpeakrError && error.code === 'recognizer_failed');
  assert.equal((await next).samples, 2);
  assert.equal(threads.length, 3);
});

test('what the engine throws is a failure of that decode only', async (t) => {
  const { pool, threads } = openPool(t, { maxWorkers: 1 });
  await assert.rejects(pool.decode(throws(), final), { code: 'recognizer_failed' });
  assert.equal((await pool.decode(quick(), final)).samples, 2);
  assert.equal(threads.length, 1);
});

test('an aborted decode rejects at once, whether it waits or runs', async (t) => {
  const { pool } = openPool(t, { maxWorkers: 1 });
  const controller = new AbortController();
  const { signal } = controller;
  const running = pool.decode(slow(), { ...final, signal });
  const waiting = pool.decode(slow(), { ...final, signal });
  const other = pool.decode(quick(), { ...final, session: 'b' });
  controller.abort(new Error('enough'));
  await assert.rejects(running, /enough/);
  await assert.rejects(waiting, /enough/);
  await assert.rejects(pool.decode(quick(), { ...final, signal }), /enough/);
  assert.equal((await other).samples, 2);
});

test('what had to wait for a worker is decoded as it is by then', async (t) => {
  const { pool } = openPool(t, { maxWorkers: 1 });
  const order: string[] = [];
  const latest = () => {
    order.push('taken');
    return quick();
  };
  const partial = { ...final, priority: 'partial', latest } as const;
  const before = pool.decode(slow(), final).then(() => order.push('decoded'));
  const { samples } = await pool.decode(Float32Array.of(0, 0, 0, 0), partial);
  await before;
  assert.equal(samples, quick().length);
  assert.deepEqual(order, ['decoded', 'taken']);
});

test('a model that cannot be had fails every decode with its own error, until it can', async (t) => {
  let missing = true;
  const pool = createDecodePool<Answer>({
    startWorker: async () => {
      if (missing) throw new SpeakrError('model_missing', 'encoder_model.ort is missing');
      return startDecoder(true);
    },
    maxWorkers: 1,
    idleMs: 60_000,
  });
  t.after(() => pool.close());
  await assert.rejects(pool.warm(), { code: 'model_missing' });
  await assert.rejects(pool.decode(quick(), final), { code: 'model_missing' });
  assert.equal(pool.workers, 0);
  missing = false;
  assert.equal((await pool.decode(quick(), final)).samples, 2);
});

test('closing finishes what waits and takes no more', async (t) => {
  const { pool, threads } = openPool(t, { maxWorkers: 1 });
  const decodings = [pool.decode(slow(), final), pool.decode(quick(), final)];
  await pool.close();
  assert.deepEqual(
    (await Promise.all(decodings)).map(({ samples }) => samples),
    [1, 2],
  );
  assert.equal(threads[0]?.alive, false);
  await assert.rejects(pool.decode(quick(), final), { code: 'recognizer_failed' });
});

test('batch work leaves a worker free while somebody speaks', async (t) => {
  const { pool } = openPool(t, { maxWorkers: 2 });
  const batch = { language: 'en', priority: 'batch', session: 'file' } as const;
  const partial = { language: 'en', priority: 'partial', session: 'talk' } as const;
  await Promise.all([pool.decode(slow(), final), pool.decode(slow(), final)]);
  const order: string[] = [];
  await Promise.all([
    ...[1, 2].map(() => pool.decode(slow(), batch).then(() => order.push('batch'))),
    pool.decode(quick(), partial).then(() => order.push('partial')),
  ]);
  assert.deepEqual(order, ['partial', 'batch', 'batch']);
});

test('a long decode of one session does not delay the partials of another', async (t) => {
  const { pool } = openPool(t, { maxWorkers: 2 });
  await Promise.all([pool.decode(slow(), final), pool.decode(slow(), final)]);
  const order: string[] = [];
  await Promise.all([
    pool.decode(slow(), final).then(() => order.push('long')),
    ...[1, 2, 3].map(() =>
      pool
        .decode(quick(), { language: 'en', priority: 'partial', session: 'b' })
        .then(() => order.push('partial')),
    ),
  ]);
  assert.deepEqual(order, ['partial', 'partial', 'partial', 'long']);
});
