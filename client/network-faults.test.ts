import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { Notes } from '@speakr/contracts/notes';
import { MAX_MESSAGE_BYTES, type ServerMessage } from '@speakr/contracts/stream';
import { WebSocketServer } from 'ws';
import { type FaultProxy, startFaultProxy } from '../e2e/faults/fault-proxy.ts';
import { chanceOf } from '../e2e/faults/random.ts';
import { until } from '../scripts/until.ts';
import { phrases, startMessage, testApp } from '../server/fixtures/test-app.ts';
import { socketTimeouts } from '../server/gateway/stream/socket.ts';
import { type SourceChunk, startLiveSession } from './live-session.ts';

/** Each fault, and what must have happened because of it. */
const faults: Record<string, { strike(way: FaultProxy): Promise<void>; reconnects?: true }> = {
  'a cut': { strike: async (way) => way.cut(), reconnects: true },
  'a reset': { strike: async (way) => way.cut('reset'), reconnects: true },
  'a server that is away for a while': {
    async strike(way) {
      way.refuse();
      await pause(200);
      way.admit();
    },
    reconnects: true,
  },
  'a short stall': {
    async strike(way) {
      way.stall();
      await pause(200);
      way.flow();
    },
  },
  'a stall that nobody would sit out': {
    async strike(way) {
      way.stall();
      await pause(900);
      way.flow();
    },
    reconnects: true,
  },
  'a half-open connection': { strike: async (way) => way.deafen(), reconnects: true },
  'every third packet lost': { strike: async (way) => way.lose(0.3, chanceOf(7)) },
};

for (const [fault, { strike, reconnects }] of Object.entries(faults))
  test(`${fault}: the recording goes on, everything arrives once, the receipt has no gap`, async (t) => {
    const { server, way } = await serverBehindProxy(t);
    const pcm = phrases(6);
    let available = pcm.length / 2;
    const messages: ServerMessage[] = [];
    let connected = 0;
    const start = startMessage();
    const live = startLiveSession({
      connect: () =>
        new WebSocket(`${way.url.replace('http', 'ws')}/ws/transcribe`, [
          'speakr.v1',
          `speakr.token.${server.app.token}`,
        ]),
      start,
      async *read(track, fromSample, signal): AsyncGenerator<SourceChunk> {
        for (let at = fromSample; at < pcm.length; at += 1600) {
          while (at >= available && !signal.aborted) await pause(5);
          if (signal.aborted) return;
          yield { track, offset: at, pcm: new Uint8Array(pcm.slice(at, at + 1600).buffer) };
        }
      },
      onMessage: (message) => messages.push(message),
      onConnection: (state) => {
        if (state === 'connected') connected += 1;
      },
      silenceMs: 600,
      backoff: { firstMs: 5, mostMs: 50 },
    });
    await until('a second is acknowledged', () =>
      messages.some((message) => message.type === 'ack' && message.samples > 16_000),
    );
    await strike(way);
    available = pcm.length;
    live.finish({
      tracks: [{ track: 0, samples: pcm.length }],
      capturedMs: pcm.length / 16,
      spooledMs: pcm.length / 16,
    });
    const { receipt } = await live.done;
    assert.deepEqual([receipt.acknowledgedMs, receipt.gaps], [pcm.length / 16, []]);
    if (reconnects) assert.ok(connected > 1, 'it did not notice');
    const audio = await server.request(`/v1/recordings/${start.recordingId}/audio`);
    assert.deepEqual(new Int16Array((await audio.arrayBuffer()).slice(44)), pcm);
  });

test('a server that has nothing to say gives signs of life: nobody reconnects in a long silence', async (t) => {
  const { server, way } = await serverBehindProxy(t);
  let connected = 0;
  const live = startLiveSession({
    connect: () =>
      new WebSocket(`${way.url.replace('http', 'ws')}/ws/transcribe`, [
        'speakr.v1',
        `speakr.token.${server.app.token}`,
      ]),
    start: startMessage(),
    async *read(_track, _from, signal): AsyncGenerator<SourceChunk> {
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
    },
    onMessage: () => undefined,
    onConnection: (state) => {
      if (state === 'connected') connected += 1;
    },
    silenceMs: 2000,
  });
  await pause(4000);
  assert.equal(connected, 1);
  live.abandon();
});

test('notes that are too long for a message are fetched; what is longer than a message may be is not read', async (t) => {
  const socketServer = new WebSocketServer({ port: 0 });
  t.after(() => socketServer.close());
  const { recordingId } = startMessage();
  const say = (socket: { send(text: string): void }, message: object) => socket.send(JSON.stringify(message));
  socketServer.on('connection', (socket) => {
    socket.on('message', (_, isBinary) => {
      if (isBinary) return;
      say(socket, { type: 'ready', protocol: 1, recordingId, model: 'm', resumeFrom: [] });
      say(socket, { type: 'final', text: 'x'.repeat(MAX_MESSAGE_BYTES) });
      say(socket, { type: 'notes_ready', recordingId, revision: 1, bytes: 1_000_000 });
      const receipt = { capturedMs: 1, spooledMs: 1, acknowledgedMs: 1, transcribedMs: 1, gaps: [] };
      say(socket, { type: 'finished', recordingId, receipt });
      socket.close(1000);
    });
  });
  const { port } = socketServer.address() as { port: number };
  const messages: ServerMessage[] = [];
  const live = startLiveSession({
    connect: () => new WebSocket(`ws://127.0.0.1:${port}`),
    start: startMessage({ recordingId }),
    async *read() {},
    onMessage: (message) => messages.push(message),
    onConnection: () => undefined,
    fetchNotes: async (recording) => {
      await pause(50);
      return { recordingId: recording, markdown: 'y'.repeat(1_000_000) } as Notes;
    },
  });
  await live.done;
  assert.deepEqual(
    messages.map(({ type }) => type),
    ['ready', 'notes', 'finished'],
  );
});

async function serverBehindProxy(t: TestContext) {
  const server = await testApp(t, { timeouts: { ...socketTimeouts, heartbeatMs: 150 } });
  const way = await startFaultProxy(server.url);
  t.after(() => way[Symbol.asyncDispose]());
  return { server, way };
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
