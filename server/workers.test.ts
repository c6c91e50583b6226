import assert from 'node:assert/strict';
import { getPriority } from 'node:os';
import { test } from 'node:test';
import { SpeakrError } from '@speakr/contracts/problem';
import { startWorkerFile, WorkerGone } from './workers.ts';

const start = () => startWorkerFile(new URL('./fixtures/echo-worker.ts', import.meta.url));

test('a worker answers calls in order, and buffers are handed over', async () => {
  const worker = start();
  const samples = Float32Array.of(0.5, -0.5);
  const [first, second] = await Promise.all([
    worker.call<string>({ kind: 'one' }),
    worker.call<Float32Array>({ kind: 'two', samples }, { transfer: [samples.buffer] }),
  ]);
  assert.equal(first, 'one');
  assert.deepEqual(second, Float32Array.of(0.5, -0.5));
  assert.equal(samples.length, 0, 'the buffer belongs to the worker after the call');
  await worker.close();
});

test('a thread in the background stands back, and no other', {
  skip: process.platform !== 'linux',
}, async () => {
  const aside = startWorkerFile(new URL('./fixtures/echo-worker.ts', import.meta.url), { background: true });
  const worker = start();
  const before = getPriority(0);
  const found = [
    await aside.call<number>({ kind: 'priority' }),
    await worker.call<number>({ kind: 'priority' }),
  ];
  await aside.close();
  await worker.close();
  assert.deepEqual([...found, getPriority(0)], [Math.max(10, before), before, before]);
});

test('expected errors keep their code, bugs their stack, and the worker lives on', async () => {
  const worker = start();
  await assert.rejects(
    worker.call({ kind: 'expected-error' }),
    (error) => error instanceof SpeakrError && error.code === 'model_invalid',
  );
  await assert.rejects(worker.call({ kind: 'bug' }), /a bug/);
  assert.equal(worker.alive, true);
  assert.equal(await worker.call({ kind: 'still there' }), 'still there');
  await worker.close();
});

test('a worker that dies rejects what it had in hand and everything after', async () => {
  const worker = start();
  await assert.rejects(worker.call({ kind: 'die' }), WorkerGone);
  assert.equal(worker.alive, false);
  await assert.rejects(worker.call({ kind: 'one' }), WorkerGone);
  await worker.close();
});

test('a worker that does not answer in time is ended', async () => {
  const worker = start();
  await worker.call({ kind: 'warm' });
  await assert.rejects(worker.call({ kind: 'hang' }, { deadlineMs: 50 }), /did not answer within 50 ms/);
  assert.equal(worker.alive, false);
});

test('close lets calls under way finish; terminate does not', async () => {
  const closing = start();
  const answer = closing.call({ kind: 'last' });
  await closing.close();
  assert.equal(await answer, 'last');

  const terminated = start();
  const lost = assert.rejects(terminated.call({ kind: 'hang' }), WorkerGone);
  await terminated.terminate();
  await lost;
});
