import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { SpeakrError } from '@speakr/contracts/problem';
import { v7 as uuidv7 } from 'uuid';
import { openSocket, startMessage } from '../fixtures/test-app.ts';
import { testGateway } from '../fixtures/test-gateway.ts';
import type { GatewayServices } from './services.ts';

/** Recordings that were deleted, and whose audio is there still. */
const remains = new Set<string>();
const { gateway, ask, store, close } = await testGateway({
  services: {
    async demandRemoved(_: string, id: string) {
      if (remains.has(id)) throw new SpeakrError('being_removed', undefined, { retryAfterMs: 2000 });
    },
  } as unknown as GatewayServices,
});
after(close);
await gateway.http.listen({ host: '127.0.0.1', port: 0 });
const { port } = gateway.http.server.address() as { port: number };
const connect = () => openSocket(`ws://127.0.0.1:${port}/ws/transcribe`, 'ada');

test('an id whose deleted audio is still being removed is taken a moment later, not before', async () => {
  const start = startMessage();
  remains.add(start.recordingId);
  const early = await connect();
  early.send(start);
  const { problem } = await early.next('error');
  assert.deepEqual([problem.code, problem.retryable], ['being_removed', true]);
  assert.equal(await early.closed, 1013);
  assert.equal(await store.read('ada', (own) => own.getRecording(start.recordingId)), undefined);
  remains.delete(start.recordingId);
  const late = await connect();
  late.send(start);
  await late.next('ready');
  // It has audio of its own from now on.
  remains.add(start.recordingId);
  const again = await connect();
  again.send(start);
  await again.next('ready');
  again.socket.terminate();
  late.socket.terminate();
});

test('the same goes for a recording that is imported', async () => {
  const id = uuidv7();
  const body = {
    id,
    source: 'talk.mp3',
    startedAt: 1_795_262_400_000,
    language: 'en',
    tags: [],
    template: 'meeting',
    segments: [{ startMs: 0, endMs: 900, text: 'We launch in March.' }],
  };
  remains.add(id);
  const early = await ask('ada', 'POST', '/v1/recordings', body);
  assert.deepEqual([early.status, early.json().code], [409, 'being_removed']);
  assert.equal(early.headers['retry-after'], '2');
  remains.delete(id);
  assert.equal((await ask('ada', 'POST', '/v1/recordings', body)).status, 201);
  remains.add(id);
  assert.equal((await ask('ada', 'POST', '/v1/recordings', body)).status, 201);
});
