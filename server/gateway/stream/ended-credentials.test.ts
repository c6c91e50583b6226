import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SpeakrError } from '@speakr/contracts/problem';
import type { Clock } from '../../clock.ts';
import { finishMessage, openSocket, phrases, startMessage, testApp } from '../../fixtures/test-app.ts';
import { testGateway } from '../../fixtures/test-gateway.ts';
import { KEY_CACHE_MS } from '../identity/api-key.ts';
import { everything } from '../identity/authenticate.ts';
import { socketTimeouts } from './socket.ts';

const timeouts = { ...socketTimeouts, credentialsMs: 20 };
const HOUR_MS = 60 * 60 * 1000;

/** A server whose clock can be put forward, and keys for it. */
async function serverWithKeys(t: Parameters<typeof testApp>[0]) {
  let aheadMs = 0;
  const clock: Clock = { now: () => Date.now() + aheadMs, monotonic: () => performance.now() + aheadMs };
  const server = await testApp(t, { clock, timeouts });
  const url = `${server.url.replace('http', 'ws')}/ws/transcribe`;
  return {
    server,
    pass: (ms: number) => {
      aheadMs += ms;
    },
    key: () =>
      server.json<{ id: string; key: string }>('/v1/keys', {
        method: 'POST',
        body: JSON.stringify({ name: 'recorder', scopes: ['record', 'read'], expiresInDays: 1 }),
        headers: { 'content-type': 'application/json' },
      }),
    connect: (token: string) => openSocket(url, token),
  };
}

for (const [what, endKey] of [
  [
    'is revoked',
    async ({ server, pass }: Awaited<ReturnType<typeof serverWithKeys>>, id: string) => {
      assert.equal((await server.request(`/v1/keys/${id}`, { method: 'DELETE' })).status, 204);
      // What a gateway remembers of it.
      pass(KEY_CACHE_MS + 1);
    },
  ],
  [
    'has had its time',
    async ({ pass }: Awaited<ReturnType<typeof serverWithKeys>>) => {
      pass(25 * HOUR_MS);
    },
  ],
] as const)
  test(`a key that ${what} ends the connections that came with it; another goes on where the audio is durable`, async (t) => {
    const place = await serverWithKeys(t);
    const { id, key } = await place.key();
    const [pcm, start] = [phrases(2), startMessage()];
    const first = await place.connect(key);
    first.send(start);
    await first.next('ready');
    const half = pcm.length / 2;
    first.audio(pcm.subarray(0, half));
    await first.next('ack', ({ samples }) => samples === half);
    await endKey(place, id);
    const { problem } = await first.next('error');
    assert.deepEqual([problem.code, problem.status, problem.retryable], ['unauthorized', 401, false]);
    assert.match(problem.detail ?? '', /has ended/);
    assert.equal(await first.closed, 1008);

    const second = await place.connect((await place.key()).key);
    second.send(start);
    assert.deepEqual((await second.next('ready')).resumeFrom, [{ track: 0, sample: half }]);
    second.audio(pcm.subarray(half), half);
    second.send(finishMessage(pcm.length));
    const { receipt } = await second.next('finished');
    assert.deepEqual([receipt.acknowledgedMs, receipt.gaps], [pcm.length / 16, []]);
  });

test('a connection outlives that nobody can say whether its key is good, and ends when it is known not to be', async (t) => {
  const answers: ('good' | 'unknown' | 'ended')[] = [];
  let state: (typeof answers)[number] = 'good';
  const { gateway, close } = await testGateway({
    timeouts,
    async authenticate(token) {
      answers.push(state);
      if (state === 'unknown') throw new SpeakrError('unavailable');
      return state === 'good' ? everything(token, 'token') : undefined;
    },
  });
  t.after(close);
  await gateway.http.listen({ host: '127.0.0.1', port: 0 });
  const { port } = gateway.http.server.address() as { port: number };
  const session = await openSocket(`ws://127.0.0.1:${port}/ws/transcribe`, 'ada');
  session.send(startMessage());
  await session.next('ready');
  state = 'unknown';
  while (answers.filter((answer) => answer === 'unknown').length < 3)
    await new Promise((wake) => setTimeout(wake, 5));
  session.audio(phrases(1));
  await session.next('ack');
  state = 'ended';
  assert.equal((await session.next('error')).problem.code, 'unauthorized');
  assert.equal(await session.closed, 1008);
  const asked = answers.length;
  await new Promise((wake) => setTimeout(wake, 3 * timeouts.credentialsMs));
  assert.equal(answers.length, asked, 'nobody is asked for a connection that is over');
});
