import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import { after, test } from 'node:test';
import { encodeChunk } from '@speakr/contracts/chunk';
import { MAX_MESSAGE_BYTES } from '@speakr/contracts/stream';
import { WebSocket } from 'ws';
import {
  openSocket,
  phrases,
  recordSound,
  startMessage,
  type TestSocket,
  testApp,
} from '../../fixtures/test-app.ts';
import { socketTimeouts } from './socket.ts';

// One server for the whole file: whatever a test does to it, the next one must find it well.
const server = await testApp({ after: (hook) => after(hook as () => void) });
const { recordingId: _, ...withoutId } = startMessage();

async function started(changes = {}): Promise<TestSocket> {
  const session = await server.connect();
  session.send(startMessage(changes));
  await session.next('ready');
  return session;
}

const first: Record<string, string | Uint8Array> = {
  'no JSON': 'hello',
  'JSON that is no object': '[1,2]',
  'a message without type': '{}',
  'an unknown type': '{"type":"launch"}',
  'a start without recording id': JSON.stringify(withoutId),
  'a start with a wrong id': JSON.stringify(startMessage({ recordingId: '../../etc/passwd' })),
  'a start with too many tracks': JSON.stringify(
    startMessage({ tracks: Array(9).fill({ track: 0, label: 'x' }) }),
  ),
  'finish before start': JSON.stringify({ type: 'finish', tracks: [], capturedMs: 0, spooledMs: 0 }),
  'audio before start': encodeChunk({ track: 0, offset: 0, pcm: new Uint8Array(3200) }),
};
for (const [what, frame] of Object.entries(first))
  test(`${what} is answered with a typed error and the end`, async () => {
    const session = await server.connect();
    session.socket.send(frame);
    const { problem } = await session.next('error');
    assert.equal(problem.code, 'stream_malformed');
    assert.ok(problem.requestId);
    assert.ok(!JSON.stringify(problem).includes('passwd'));
    assert.equal(await session.closed, 1008);
  });

const later: Record<string, [string | Uint8Array, string]> = {
  'a second start': [JSON.stringify(startMessage()), 'stream_malformed'],
  'a chunk without samples': [
    encodeChunk({ track: 0, offset: 0, pcm: new Uint8Array(0) }),
    'stream_malformed',
  ],
  'half a sample': [encodeChunk({ track: 0, offset: 0, pcm: new Uint8Array(3) }), 'stream_malformed'],
  'a chunk of another version': [new Uint8Array(40).fill(9), 'stream_malformed'],
  'a chunk longer than a second': [
    encodeChunk({ track: 0, offset: 0, pcm: new Uint8Array(32_002) }),
    'payload_too_large',
  ],
  'a track that was not announced': [
    encodeChunk({ track: 5, offset: 0, pcm: new Uint8Array(320) }),
    'stream_malformed',
  ],
  'a chunk that skips samples': [
    encodeChunk({ track: 0, offset: 1600, pcm: new Uint8Array(320) }),
    'stream_out_of_order',
  ],
  'a gap on an unknown track': [
    JSON.stringify({ type: 'gap', track: 3, fromSample: 0, samples: 1, reason: 'sleep' }),
    'stream_malformed',
  ],
  'a message above the limit': [
    JSON.stringify({ type: 'note', atMs: 0, text: 'x'.repeat(MAX_MESSAGE_BYTES) }),
    'payload_too_large',
  ],
};
for (const [what, [frame, code]] of Object.entries(later))
  test(`${what} ends a running session with ${code}`, async () => {
    const session = await started();
    session.socket.send(frame);
    assert.equal((await session.next('error')).problem.code, code);
    await session.closed;
  });

test('another protocol version is refused by name', async () => {
  const session = await server.connect();
  session.send(startMessage({ protocol: 99 }));
  assert.equal((await session.next('error')).problem.code, 'protocol_unsupported');
});

test('a frame far above the limit breaks the connection', async () => {
  const session = await started();
  session.socket.send(Buffer.alloc(3_000_000));
  assert.equal(await session.closed, 1009);
});

test('without the token there is no socket', async () => {
  const url = `${server.url.replace('http', 'ws')}/ws/transcribe`;
  await assert.rejects(openSocket(url, 'wrong'), /401/);
  const rejected = new WebSocket(url);
  await assert.rejects(new Promise((_, reject) => rejected.once('error', reject)), /401/);
});

test('the token may come in the header as well, and web pages of others are kept out', async () => {
  const url = `${server.url.replace('http', 'ws')}/ws/transcribe`;
  const authorization = `Bearer ${server.app.token}`;
  const welcome = new WebSocket(url, { headers: { authorization } });
  await new Promise((resolve, reject) => welcome.once('open', resolve).once('error', reject));
  welcome.close();
  const page = new WebSocket(url, { headers: { authorization }, origin: 'https://example.com' });
  await assert.rejects(new Promise((_, reject) => page.once('error', reject)), /403/);
});

test('a client that never starts is let go', async (t) => {
  const impatient = await testApp(t, { timeouts: { ...socketTimeouts, startMs: 50 } });
  const session = await impatient.connect();
  assert.equal((await session.next('error')).problem.code, 'stream_malformed');
  await session.closed;
});

test('a client that does not answer pings is gone; one that does stays', async (t) => {
  const impatient = await testApp(t, { timeouts: { ...socketTimeouts, pingMs: 500 } });
  const alive = await impatient.connect();
  alive.send(startMessage());
  await alive.next('ready');
  const dead = await impatient.connect();
  // Half-open: the kernel answers, the client does not.
  dead.socket.pause();
  dead.socket.on('close', () => {});
  while ((await impatient.app.activity()).sockets > 1)
    await new Promise((resolve) => setTimeout(resolve, 20));
  alive.audio(phrases(1));
  await alive.next('ack');
  dead.socket.terminate();
});

test('thousands of malformed messages leave the server well', async () => {
  let seed = 42;
  const random = (below: number) => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
    return (seed >>> 8) % below;
  };
  const valid = [
    JSON.stringify(startMessage()),
    JSON.stringify({ type: 'gap', track: 0, fromSample: 0, samples: 100, reason: 'sleep' }),
    JSON.stringify({ type: 'note', atMs: 1, text: 'note' }),
    JSON.stringify({ type: 'finish', tracks: [{ track: 0, samples: 5 }], capturedMs: 1, spooledMs: 1 }),
    JSON.stringify({ type: 'cancel' }),
  ];
  const values = [
    'null',
    '-1',
    '1e308',
    '"x"',
    '[]',
    '{}',
    'true',
    '99999999999999999999',
    '""',
    '"\\u0000"',
  ];
  const mutate = (text: string): string => {
    const kind = random(4);
    if (kind === 0) return text.slice(0, random(text.length));
    if (kind === 1)
      return text.replaceAll(/:("[^"]*"|\d+)/g, (all) => (random(3) ? all : `:${values[random(10)]}`));
    if (kind === 2) return text.slice(0, random(text.length)) + randomBytes(8).toString('latin1') + text;
    return `{"type":"${['start', 'gap', 'finish', 'mark'][random(4)]}","__proto__":{"a":1},"x":${'['.repeat(random(50))}`;
  };
  const binary = (): Uint8Array => {
    const bytes = randomBytes(random(200));
    if (bytes.length > 4 && random(2)) bytes.set([1, random(9), 0, 0]);
    return bytes;
  };
  const attack = async () => {
    const session = await server.connect();
    session.socket.on('error', () => {});
    if (random(2)) session.send(startMessage());
    for (let frame = 0; frame < 25; frame += 1)
      session.socket.send(random(3) ? mutate(valid[random(valid.length)]!) : binary(), () => {});
    if (random(5) === 0) session.socket.terminate();
    // Whatever was valid so far, this is not.
    else session.send('the end');
    await session.closed;
    for (const message of session.messages)
      if (message.type === 'error') assert.notEqual(message.problem.code, 'internal');
  };
  for (let round = 0; round < 20; round += 1) await Promise.all(Array.from({ length: 8 }, attack));

  const health = await fetch(`${server.url}/health`);
  assert.equal(health.status, 200);
  await recordSound(server);
});

test('garbage instead of HTTP or WebSocket frames leaves the server well', async () => {
  const { port } = new URL(server.url);
  const upgrade =
    `GET /ws/transcribe HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
    `Authorization: Bearer ${server.app.token}\r\nSec-WebSocket-Version: 13\r\n` +
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n';
  for (let round = 0; round < 60; round += 1)
    await new Promise<void>((resolve) => {
      const raw = connect(Number(port), '127.0.0.1', () => {
        raw.write(round % 2 ? randomBytes(500) : upgrade);
        raw.write(randomBytes(500));
        setTimeout(() => raw.destroy(), 5);
      });
      raw.on('error', () => {});
      raw.on('close', () => resolve());
    });
  await recordSound(server);
});
