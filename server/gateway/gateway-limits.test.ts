import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { Problem } from '@speakr/contracts/problem';
import { v7 as uuidv7 } from 'uuid';
import { until } from '../../scripts/until.ts';
import { openSocket, phrases, startMessage } from '../fixtures/test-app.ts';
import { testGateway } from '../fixtures/test-gateway.ts';
import type { RateLimiter } from '../limits/rate-limiter.ts';
import { createGatewayLimits, networkOf } from './gateway-limits.ts';

/** Lets so many through for each key, and says which keys were asked for. */
function counting(most: number) {
  const counts = new Map<string, number>();
  const limiter: RateLimiter = {
    async take(key) {
      counts.set(key, (counts.get(key) ?? 0) + 1);
      return counts.get(key)! > most ? 1500 : 0;
    },
    refusedFor: (key) => ((counts.get(key) ?? 0) > most ? 1500 : 0),
  };
  return { limiter, counts };
}

async function limited(
  t: TestContext,
  most: number,
  more: { trustedProxies?: string; maxRecordingMs?: number; mostUnfinished?: number } = {},
) {
  const { limiter, counts } = counting(most);
  const places = new Set<string>();
  const made = await testGateway({
    limits: createGatewayLimits({
      limiter,
      slots: {
        async take(owner, id) {
          places.add(`${owner}/${id}`);
          return () => places.delete(`${owner}/${id}`);
        },
      },
      policyOf: async () => ({
        requestsPerMinute: 60,
        liveSessions: 10,
        recordingMs: more.maxRecordingMs ?? 0,
        unfinishedRecordings: more.mostUnfinished ?? 0,
      }),
      perAddress: 60,
    }),
    ...(more.trustedProxies === undefined ? {} : { trustedProxies: more.trustedProxies }),
  });
  t.after(made.close);
  return { ...made, counts, places };
}

test('who asks too much is told when to come again; others are not touched', async (t) => {
  const { ask, counts } = await limited(t, 3, { trustedProxies: '127.0.0.1' });
  // Each from an address of their own.
  const get = (user: string, address: string) =>
    ask(user, 'GET', '/v1/recordings', undefined, { 'x-forwarded-for': address });
  for (let count = 0; count < 3; count++) assert.equal((await get('ada', `10.0.0.${count}`)).status, 200);
  const refused = await get('ada', '10.0.0.9');
  assert.equal(refused.status, 429);
  assert.equal(refused.headers['retry-after'], '2');
  const problem: Problem = refused.json();
  assert.deepEqual(
    [problem.code, problem.retryable, problem.retryAfterMs],
    ['too_many_requests', true, 1500],
  );
  assert.equal((await get('bob', '10.0.0.10')).status, 200);
  assert.equal(counts.get('user ada'), 4);
});

test('an address is limited whoever asks from it, and health is not', async (t) => {
  const { ask } = await limited(t, 2);
  for (const user of ['ada', 'bob']) assert.equal((await ask(user, 'GET', '/v1/recordings')).status, 200);
  assert.equal((await ask('carol', 'GET', '/v1/recordings')).status, 429);
  assert.equal((await ask('', 'GET', '/health')).status, 200);
});

test('wrong tokens are counted, and then nothing from there is looked at', async (t) => {
  const { ask, counts } = await limited(t, 4, { trustedProxies: '127.0.0.1' });
  const from = { 'x-forwarded-for': '10.0.0.1' };
  for (let count = 0; count < 4; count++)
    assert.equal((await ask('nobody', 'GET', '/v1/recordings', undefined, from)).status, 401);
  assert.equal((await ask('nobody', 'GET', '/v1/recordings', undefined, from)).status, 429);
  assert.equal((await ask('ada', 'GET', '/v1/recordings', undefined, from)).status, 429);
  assert.equal(counts.has('user ada'), false);
  const elsewhere = { 'x-forwarded-for': '10.0.0.2' };
  assert.equal((await ask('ada', 'GET', '/v1/recordings', undefined, elsewhere)).status, 200);
});

test('nobody chooses an address of their own: the header counts only where it comes from a trusted proxy', async (t) => {
  const { ask, counts } = await limited(t, 100);
  await ask('ada', 'GET', '/v1/recordings', undefined, { 'x-forwarded-for': '10.0.0.1' });
  assert.deepEqual([...counts.keys()], ['address 127.0.0.1', 'user ada']);
  const behind = await limited(t, 100, { trustedProxies: '10.0.0.0/8, 127.0.0.1' });
  await behind.ask('ada', 'GET', '/v1/recordings', undefined, {
    'x-forwarded-for': '6.6.6.6, 192.0.2.7, 10.1.1.1',
  });
  assert.deepEqual([...behind.counts.keys()][0], 'address 192.0.2.7');
});

test('a customer of IPv6 has one network, however many addresses', () => {
  assert.equal(networkOf('2001:db8:1:2:3:4:5:6'), '2001:db8:1:2::/64');
  assert.equal(networkOf('2001:db8:1:2::9'), '2001:db8:1:2::/64');
  assert.equal(networkOf('2001:0DB8:0001:0002::'), '2001:db8:1:2::/64');
  assert.equal(networkOf('::1'), '0:0:0:0::/64');
  assert.equal(networkOf('::ffff:192.0.2.7'), '192.0.2.7');
  assert.equal(networkOf('192.0.2.7'), '192.0.2.7');
});

test('a recording that is too long is told to stop, then cut off; its place is given back', async (t) => {
  const { gateway, places } = await limited(t, 100, { maxRecordingMs: 2000 });
  await gateway.http.listen({ host: '127.0.0.1', port: 0 });
  const { port } = gateway.http.server.address() as { port: number };
  const session = await openSocket(`ws://127.0.0.1:${port}/ws/transcribe`, 'ada');
  const start = startMessage();
  session.send(start);
  await session.next('ready');
  assert.deepEqual([...places], [`ada/${start.recordingId}`]);
  const second = phrases(1).subarray(0, 16_000);
  for (let count = 0; count < 3; count++) session.audio(second, count * 16_000);
  assert.equal((await session.next('command')).command, 'stop');
  for (let count = 3; count < 64; count++) session.audio(second, count * 16_000);
  assert.equal((await session.next('error')).problem.code, 'recording_too_long');
  await session.closed;
  assert.equal(session.messages.filter(({ type }) => type === 'command').length, 1);
  await until('the places are given back', () => places.size === 0);
});

test('so many recordings may be unfinished, live or brought along; what is known goes on, and one that ends makes room', async (t) => {
  const { gateway, ask } = await limited(t, 1000, { mostUnfinished: 2 });
  await gateway.http.listen({ host: '127.0.0.1', port: 0 });
  const { port } = gateway.http.server.address() as { port: number };
  const open = async (user: string, start = startMessage()) => {
    const session = await openSocket(`ws://127.0.0.1:${port}/ws/transcribe`, user);
    session.send(start);
    return { session, start };
  };
  const bring = (id = uuidv7()) =>
    ask('ada', 'POST', '/v1/recordings', {
      ...{ id, source: 'x', startedAt: 1, language: 'en', title: 'Brought', tags: [], template: 'meeting' },
      segments: [],
    });
  const first = await open('ada');
  await first.session.next('ready');
  const brought = uuidv7();
  assert.equal((await bring(brought)).status, 201);

  const third = await open('ada');
  const { problem } = await third.session.next('error');
  assert.deepEqual([problem.code, problem.retryable], ['too_many_requests', true]);
  assert.ok((problem.retryAfterMs ?? 0) > 0);
  const refused = await bring();
  assert.equal(refused.status, 429);
  assert.ok(Number(refused.headers['retry-after']) >= 1);

  assert.equal((await bring(brought)).status, 201);
  const again = await open('ada', first.start);
  await again.session.next('ready');
  await (await open('bob')).session.next('ready');

  assert.equal(
    (await ask('ada', 'POST', `/v1/recordings/${brought}/commands`, { command: 'cancel' })).status,
    202,
  );
  const fourth = await open('ada');
  await fourth.session.next('ready');
});
