import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LogChunk } from '../embedded.ts';
import { createReplayBuffer } from './replay-buffer.ts';

const never = new AbortController().signal;

function source(count: number) {
  const given = { chunks: 0 };
  const chunks = (async function* (): AsyncGenerator<LogChunk> {
    for (; given.chunks < count; given.chunks += 1)
      yield { track: 0, offset: given.chunks * 100, pcm: new Uint8Array(200).fill(given.chunks) };
  })();
  return { given, chunks };
}

test('what was not acknowledged can be read again after a break', async () => {
  const { chunks } = source(5);
  const buffer = createReplayBuffer(chunks);
  const first = [];
  for await (const chunk of buffer.read(0, never)) {
    first.push(chunk.offset);
    if (first.length === 3) break;
  }
  buffer.acknowledge(150);
  const second: number[] = [];
  for await (const chunk of buffer.read(150, never)) second.push(chunk.offset);
  assert.deepEqual(second, [150, 200, 300, 400]);
  assert.equal(buffer.samples, 500);
  await buffer.ended;
});

test('the source is read no further than the limit until the rest is acknowledged', async () => {
  const { chunks, given } = source(10);
  const buffer = createReplayBuffer(chunks, 600);
  const reader = buffer.read(0, never);
  for (let index = 0; index < 3; index += 1) await reader.next();
  const fourth = reader.next();
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(given.chunks, 2, 'the third was taken, the fourth was not asked for');
  buffer.acknowledge(300);
  assert.equal((await fourth).value?.offset, 300);
});

test('what stops the source stops the reader and is told', async () => {
  const broken = (async function* (): AsyncGenerator<LogChunk> {
    yield { track: 0, offset: 0, gapSamples: 10, reason: 'unknown' };
    throw new Error('cable');
  })();
  const buffer = createReplayBuffer(broken);
  const seen = [];
  for await (const chunk of buffer.read(4, never)) seen.push(chunk);
  assert.deepEqual(seen, [{ track: 0, offset: 4, gapSamples: 6, reason: 'unknown' }]);
  await assert.rejects(buffer.ended, /cable/);
});
