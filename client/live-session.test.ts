import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect as connectTcp, createServer, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { SpeakrError } from '@speakr/contracts/problem';
import type { Recording } from '@speakr/contracts/recording';
import type { ServerMessage } from '@speakr/contracts/stream';
import { WebSocketServer } from 'ws';
import { until } from '../scripts/until.ts';
import type { Clock } from '../server/clock.ts';
import { phrases, startMessage, type TestApp, testApp } from '../server/fixtures/test-app.ts';
import { KEY_CACHE_MS } from '../server/gateway/identity/api-key.ts';
import { socketTimeouts } from '../server/gateway/stream/socket.ts';
import { type LiveSessionOptions, type SourceChunk, startLiveSession } from './live-session.ts';

const withCode = (code: string) => (error: unknown) => error instanceof SpeakrError && error.code === code;

/** Audio that is there from the start, or comes as `more` is called; as a spool would give it. */
function source(pcm: Int16Array, available = pcm.length) {
  let end = available;
  let wake = () => {};
  return {
    more(samples: number) {
      end = samples;
      wake();
    },
    async *read(track: number, fromSample: number, signal: AbortSignal): AsyncGenerator<SourceChunk> {
      for (let at = fromSample; at < pcm.length; ) {
        while (at >= end) {
          if (signal.aborted) return;
          await new Promise<void>((resolve) => {
            wake = resolve;
            signal.addEventListener('abort', () => resolve(), { once: true });
          });
        }
        const part = pcm.slice(at, Math.min(at + 1600, end));
        yield { track, offset: at, pcm: new Uint8Array(part.buffer) };
        at += part.length;
      }
    },
  };
}

const claimsOf = (samples: number) => ({
  tracks: [{ track: 0, samples }],
  capturedMs: samples / 16,
  spooledMs: samples / 16,
});

function session(server: TestApp, changes: Partial<LiveSessionOptions> & Pick<LiveSessionOptions, 'read'>) {
  const messages: ServerMessage[] = [];
  const states: string[] = [];
  const url = `${server.url.replace('http', 'ws')}/ws/transcribe`;
  const options: LiveSessionOptions = {
    connect: () => new WebSocket(url, ['speakr.v1', `speakr.token.${server.app.token}`]),
    start: startMessage(),
    onMessage: (message) => messages.push(message),
    onConnection: (state) => states.push(state),
    backoff: { firstMs: 5, mostMs: 20 },
    ...changes,
  };
  const seen = (fits: (message: ServerMessage) => boolean) =>
    until('a message', () => messages.some(fits), { seen: () => messages });
  return { live: startLiveSession(options), messages, states, seen, start: options.start };
}

/** A way to the server that can be cut. */
async function cuttable(t: TestContext, url: string) {
  const target = Number(new URL(url).port);
  const sockets = new Set<Socket>();
  const proxy = createServer((near) => {
    const far = connectTcp(target, '127.0.0.1');
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on('error', () => {}).on('close', () => sockets.delete(socket));
    }
    near.pipe(far).pipe(near);
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  const cut = () => {
    for (const socket of sockets) socket.destroy();
  };
  t.after(() => {
    cut();
    proxy.close();
  });
  const { port } = proxy.address() as { port: number };
  return { url: `http://127.0.0.1:${port}`, cut };
}

test('audio goes up, asides with it, and the session ends with the receipt', async (t) => {
  const server = await testApp(t);
  const pcm = phrases(2);
  const { live, messages, states, start } = session(server, source(pcm));
  live.say({ type: 'note', atMs: 5, text: 'said before there was a connection' });
  live.finish(claimsOf(pcm.length));
  const { receipt } = await live.done;
  assert.equal(receipt.transcribedMs, pcm.length / 16);
  assert.deepEqual(states, ['connecting', 'connected']);
  assert.equal(messages.at(-1)?.type, 'finished');
  const { moments } = await server.json<Recording>(`/v1/recordings/${start.recordingId}`);
  assert.equal(moments.length, 1);
});

test('gaps go up as gaps', async (t) => {
  const server = await testApp(t);
  const { live } = session(server, {
    async *read(track) {
      yield { track, offset: 0, pcm: new Uint8Array(3200) };
      yield { track, offset: 1600, gapSamples: 16_000, reason: 'sleep' };
      // Longer than a chunk on the wire may be.
      yield { track, offset: 17_600, pcm: new Uint8Array(80_000) };
    },
  });
  live.finish(claimsOf(57_600));
  const { receipt } = await live.done;
  assert.deepEqual(receipt.gaps, [{ track: 0, startMs: 100, durationMs: 1000, reason: 'sleep' }]);
});

test('however often the connection is cut, everything arrives once', async (t) => {
  const server = await testApp(t);
  const way = await cuttable(t, server.url);
  const pcm = phrases(6);
  const spool = source(pcm, 16_000);
  const { live, states, seen, start } = session({ ...server, url: way.url }, spool);
  for (let part = 1; part <= 5; part += 1) {
    spool.more(part * 24_000);
    await seen((message) => message.type === 'ack' && message.samples > (part - 1) * 24_000);
    live.say({ type: 'mark', atMs: part });
    way.cut();
  }
  spool.more(pcm.length);
  live.finish(claimsOf(pcm.length));
  const { receipt } = await live.done;
  assert.equal(receipt.acknowledgedMs, pcm.length / 16);
  assert.ok(states.filter((state) => state === 'connected').length >= 4, states.join());
  const audio = await server.request(`/v1/recordings/${start.recordingId}/audio`);
  assert.deepEqual(new Int16Array((await audio.arrayBuffer()).slice(44)), pcm);
  const { moments } = await server.json<Recording>(`/v1/recordings/${start.recordingId}`);
  assert.deepEqual(
    moments.map(({ atMs }) => atMs),
    [1, 2, 3, 4, 5],
  );
});

test('it waits for a server that is not there yet', async (t) => {
  const server = await testApp(t);
  const pcm = phrases(1);
  let attempts = 0;
  const url = `${server.url.replace('http', 'ws')}/ws/transcribe`;
  const { live, states } = session(server, {
    ...source(pcm),
    connect: () => {
      attempts += 1;
      if (attempts === 1) throw new SpeakrError('unreachable');
      const to = attempts === 2 ? 'ws://127.0.0.1:9' : url;
      return new WebSocket(to, ['speakr.v1', `speakr.token.${server.app.token}`]);
    },
  });
  live.finish(claimsOf(pcm.length));
  await live.done;
  assert.deepEqual(states, ['connecting', 'lost', 'connecting', 'lost', 'connecting', 'connected']);
});

test('what another connection cannot mend ends the session', async (t) => {
  const server = await testApp(t);
  const start = startMessage({ protocol: 99 });
  const { live } = session(server, { ...source(phrases(1)), start });
  await assert.rejects(live.done, withCode('protocol_unsupported'));
  const missing = session(server, {
    ...source(phrases(1)),
    connect: () => Promise.reject(new SpeakrError('model_missing')),
  });
  await assert.rejects(missing.live.done, withCode('model_missing'));
  const broken = session(server, {
    // biome-ignore lint/correctness/useYield: it fails before there is anything to read
    async *read() {
      throw new SpeakrError('audio_damaged');
    },
  });
  await assert.rejects(broken.live.done, withCode('audio_damaged'));
});

test('cancel discards the recording after its audio, so that it can be restored whole', async (t) => {
  const server = await testApp(t);
  const pcm = phrases(2);
  const { live, seen, start } = session(server, source(pcm));
  await seen(({ type }) => type === 'ready');
  await live.cancel();
  const { state, durationMs } = await server.json<Recording>(`/v1/recordings/${start.recordingId}`);
  assert.equal(state, 'cancelled');
  assert.equal(durationMs, pcm.length / 16);
});

test('cancel without a connection says nothing and does not wait', async (t) => {
  const server = await testApp(t);
  const { live } = session(server, {
    ...source(phrases(1)),
    connect: () => Promise.reject(new SpeakrError('unreachable')),
  });
  await live.cancel();
  await assert.rejects(live.done);
});

test('abandon leaves the recording running on the server', async (t) => {
  const server = await testApp(t);
  const { live, seen, start } = session(server, source(phrases(2), 16_000));
  await seen(({ type }) => type === 'ack');
  live.abandon();
  await assert.rejects(live.done);
  const { state } = await server.json<Recording>(`/v1/recordings/${start.recordingId}`);
  assert.equal(state, 'recording');
});

test('whoever leaves while the way to the server is still being found begins nothing there', async (t) => {
  const server = await testApp(t);
  for (const leave of ['abandon', 'cancel'] as const) {
    const found = Promise.withResolvers<WebSocket>();
    const { live, messages, start } = session(server, {
      ...source(phrases(1)),
      connect: () => found.promise,
    });
    await live[leave]();
    const url = `${server.url.replace('http', 'ws')}/ws/transcribe`;
    const socket = new WebSocket(url, ['speakr.v1', `speakr.token.${server.app.token}`]);
    const closed = once(socket, 'close');
    found.resolve(socket);
    await assert.rejects(live.done);
    await closed;
    assert.deepEqual(messages, []);
    assert.equal((await server.request(`/v1/recordings/${start.recordingId}`)).status, 404);
  }
});

test('a server that talks nonsense is left; a message of a newer one is passed over', async (t) => {
  const sockets = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  t.after(() => sockets.close());
  await once(sockets, 'listening');
  const answers = ['nonsense', '{"type":"error","problem":{}}', '{"type":"tomorrow"}'];
  let connections = 0;
  sockets.on('connection', (socket) => {
    const answer = answers[connections] ?? '';
    connections += 1;
    socket.send(answer);
    const finished = { type: 'finished', recordingId: 'x', receipt: {} };
    if (answer.includes('tomorrow')) socket.send(JSON.stringify(finished));
  });
  const { port } = sockets.address() as { port: number };
  const attempt = async () => {
    const live = startLiveSession({
      connect: () => new WebSocket(`ws://127.0.0.1:${port}`),
      start: startMessage(),
      ...source(phrases(1)),
      onMessage: () => {},
      onConnection: () => {},
    });
    return live.done;
  };
  await assert.rejects(attempt(), withCode('stream_malformed'));
  await assert.rejects(attempt(), withCode('stream_malformed'));
  assert.equal((await attempt()).type, 'finished');
});

test('all connections of a session belong to one trace', async (t) => {
  const traces: unknown[] = [];
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  t.after(() => server.close());
  server.on('connection', (socket) =>
    socket.on('message', (data) => {
      traces.push(JSON.parse(String(data)).traceparent);
      socket.close(1012);
    }),
  );
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  const live = startLiveSession({
    connect: () => new WebSocket(`ws://127.0.0.1:${port}`),
    start: startMessage(),
    read: source(phrases(1)).read,
    onMessage: () => {},
    onConnection: () => {},
    backoff: { firstMs: 5, mostMs: 20 },
  });
  await until('three connections', () => traces.length >= 3);
  live.abandon();
  await assert.rejects(live.done);
  assert.match(String(traces[0]), /^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
  assert.deepEqual(new Set(traces), new Set([traces[0]]));
});

test('a token that ends in mid-recording is replaced; where there is no other, that is said and nothing more is sent', async (t) => {
  let aheadMs = 0;
  const clock: Clock = { now: () => Date.now() + aheadMs, monotonic: () => performance.now() + aheadMs };
  const server = await testApp(t, { clock, timeouts: { ...socketTimeouts, credentialsMs: 20 } });
  const url = `${server.url.replace('http', 'ws')}/ws/transcribe`;
  const newKey = () =>
    server.json<{ id: string; key: string }>('/v1/keys', {
      method: 'POST',
      body: JSON.stringify({ name: 'recorder', scopes: ['record', 'read'] }),
      headers: { 'content-type': 'application/json' },
    });
  for (const successor of [true, false]) {
    const keys = [await newKey(), await newKey()];
    const pcm = phrases(2);
    const { read, more } = source(pcm, pcm.length / 2);
    let connected = 0;
    const { live, seen, states } = session(server, {
      read,
      async connect() {
        const key = keys[connected++];
        if (key === undefined || (connected > 1 && !successor))
          throw new SpeakrError('unauthorized', 'You are not logged in.');
        return new WebSocket(url, ['speakr.v1', `speakr.token.${key.key}`]);
      },
    });
    await seen(({ type }) => type === 'ack');
    await server.request(`/v1/keys/${keys[0]?.id}`, { method: 'DELETE' });
    // What the gateway remembers of it.
    aheadMs += KEY_CACHE_MS + 1;
    while (!states.includes('lost')) await new Promise((wake) => setTimeout(wake, 5));
    more(pcm.length);
    live.finish(claimsOf(pcm.length));
    if (successor) {
      const { receipt } = await live.done;
      assert.deepEqual([receipt.acknowledgedMs, receipt.gaps], [pcm.length / 16, []]);
    } else await assert.rejects(live.done, withCode('unauthorized'));
    assert.equal(states.at(-1), successor ? 'connected' : 'lost');
  }
});
