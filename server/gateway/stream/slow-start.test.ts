import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { openSocket, startMessage } from '../../fixtures/test-app.ts';
import { testGateway } from '../../fixtures/test-gateway.ts';
import type { GatewayServices } from '../services.ts';
import { socketTimeouts } from './socket.ts';

const START_MS = 100;

const { gateway, close } = await testGateway({
  timeouts: { ...socketTimeouts, startMs: START_MS },
  services: {
    async resolveModel() {
      await sleep(4 * START_MS);
      return 'scripted';
    },
  } as unknown as GatewayServices,
});
after(close);
await gateway.http.listen({ host: '127.0.0.1', port: 0 });
const { port } = gateway.http.server.address() as { port: number };
const connect = () => openSocket(`ws://127.0.0.1:${port}/ws/transcribe`, 'ada');

test('a server that takes its time over start does not blame the client', async () => {
  const session = await connect();
  session.send(startMessage());
  await session.next('ready');
  session.socket.terminate();
});

test('who connects and says nothing is let go', async () => {
  const session = await connect();
  assert.equal((await session.next('error')).problem.code, 'stream_malformed');
  assert.equal(await session.closed, 1008);
});
