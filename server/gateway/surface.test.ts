import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { after, test } from 'node:test';
import { Problem } from '@speakr/contracts/problem';
import { WebSocket } from 'ws';
import { type Method, testGateway } from '../fixtures/test-gateway.ts';
import { crossOrigin } from './cross-origin.ts';

const consolePage = 'https://console.test';
const { gateway, ask, close } = await testGateway({ origins: [consolePage], trustedProxies: '127.0.0.1' });
after(close);
await gateway.http.listen({ host: '127.0.0.1', port: 0 });
const { port } = gateway.http.server.address() as { port: number };

test('a request keeps the id it came with when it is well-formed, in answer and problem', async () => {
  const get = (id: string) => ask('ada', 'GET', '/v1/recordings/none', undefined, { 'x-request-id': id });
  const kept = await get('client-1234.a');
  assert.equal(kept.headers['x-request-id'], 'client-1234.a');
  assert.equal(kept.json().requestId, 'client-1234.a');
  for (const bad of ['short', 'with a blank', 'a'.repeat(200), 'new\u0001line-1234']) {
    const made = await get(bad);
    assert.match(String(made.headers['x-request-id']), /^[0-9a-f-]{36}$/, bad);
    assert.equal(made.json().requestId, made.headers['x-request-id']);
  }
  const ids = await Promise.all(Array.from({ length: 50 }, () => ask('ada', 'GET', '/v1/recordings')));
  assert.equal(new Set(ids.map(({ headers }) => headers['x-request-id'])).size, 50);
});

test('a NUL character is refused wherever a name or a filter may be', async () => {
  const asked: readonly [Method, string][] = [
    ['DELETE', '/v1/keys/a%00b'],
    ['GET', '/v1/recordings?tag=a&tag=%00'],
    ['GET', '/v1/jobs?recording=%00'],
    ['GET', '/v1/audit?cursor=%00'],
  ];
  for (const [method, url] of asked) {
    const { status, ...answer } = await ask('ada', method, url);
    assert.deepEqual([status, answer.json().code], [400, 'invalid_request'], url);
  }
});

test('every answer forbids browsers to guess, run, frame and keep it, also errors and strangers', async () => {
  for (const [user, url] of [
    ['ada', '/v1/recordings'],
    ['ada', '/v1/nothing'],
    ['nobody', '/v1/recordings'],
    ['', '/health'],
  ] as const) {
    const { headers } = await ask(user, 'GET', url);
    assert.equal(headers['x-content-type-options'], 'nosniff', url);
    assert.match(String(headers['content-security-policy']), /default-src 'none'/);
    assert.equal(headers['cache-control'], 'no-store');
    assert.equal(headers['referrer-policy'], 'no-referrer');
    assert.equal(headers['strict-transport-security'], undefined);
    assert.ok(!('x-powered-by' in headers || 'server' in headers));
  }
  const https = await ask('ada', 'GET', '/v1/recordings', undefined, { 'x-forwarded-proto': 'https' });
  assert.match(String(https.headers['strict-transport-security']), /max-age=\d{8}/);
});

test('pages of an allowed origin may read, and ask before without a token; others may not', async () => {
  const read = await ask('ada', 'GET', '/v1/recordings', undefined, { origin: consolePage });
  assert.equal(read.headers['access-control-allow-origin'], consolePage);
  assert.equal(read.headers.vary, 'origin');
  const refused = await ask('nobody', 'GET', '/v1/recordings', undefined, { origin: consolePage });
  assert.deepEqual([refused.status, refused.headers['access-control-allow-origin']], [401, consolePage]);
  const preflight = (origin: string) =>
    ask('', 'OPTIONS', '/v1/recordings/last', undefined, {
      origin,
      'access-control-request-method': 'PATCH',
    });
  const asked = await preflight(consolePage);
  assert.equal(asked.status, 204);
  assert.match(String(asked.headers['access-control-allow-methods']), /PATCH/);
  assert.match(String(asked.headers['access-control-allow-headers']), /authorization/);
  assert.equal(asked.headers['access-control-allow-credentials'], undefined);
  for (const origin of ['https://evil.test', `${consolePage}.evil.test`, 'http://console.test', 'null']) {
    const other = await preflight(origin);
    assert.deepEqual([other.status, other.headers['access-control-allow-origin']], [403, undefined], origin);
    const plain = await ask('ada', 'GET', '/v1/recordings', undefined, { origin });
    assert.equal(plain.headers['access-control-allow-origin'], undefined);
  }
});

test('without a setting no page of another origin may do anything', () => {
  const reply = { header: () => reply } as never;
  const request = {
    method: 'GET',
    headers: { host: 'speakr.test', origin: consolePage, upgrade: 'websocket' },
  };
  assert.throws(() => crossOrigin([]).check(request as never, reply), { code: 'forbidden' });
});

/** @returns the status of an upgrade: 101 when it was done */
const upgrade = (origin: string | undefined) =>
  new Promise<number>((resolve, reject) => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/ws/transcribe`, ['speakr.v1', 'speakr.token.ada'], {
      ...(origin === undefined ? {} : { origin }),
    });
    socket.once('open', () => resolve(101));
    socket.once('open', () => socket.close());
    socket.once('unexpected-response', (_, response) => resolve(response.statusCode ?? 0));
    socket.once('error', reject);
  });

test('a page of another origin opens no socket, whatever token it has', async () => {
  assert.equal(await upgrade(undefined), 101);
  assert.equal(await upgrade(consolePage), 101);
  assert.equal(await upgrade(`http://127.0.0.1:${port}`), 101);
  for (const origin of ['https://evil.test', 'null', `http://127.0.0.1:${port + 1}`])
    assert.equal(await upgrade(origin), 403, origin);
});

/** What comes back for bytes that are sent as they are. */
const raw = (bytes: string) =>
  new Promise<string>((resolve, reject) => {
    const chunks: Buffer[] = [];
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes));
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.on('close', () => resolve(Buffer.concat(chunks).toString()));
    socket.on('error', reject);
  });

for (const [what, bytes, status, code] of [
  ['no HTTP at all', 'speakr\r\n\r\n', 400, 'invalid_request'],
  ['a header without a name', 'GET / HTTP/1.1\r\n: x\r\n\r\n', 400, 'invalid_request'],
  [
    'two lengths',
    'POST /v1/query HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n',
    400,
    'invalid_request',
  ],
  [
    'length and chunks (request smuggling)',
    'POST /v1/query HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n',
    400,
    'invalid_request',
  ],
  [
    'headers of 20,000 characters',
    `GET / HTTP/1.1\r\nHost: x\r\nA: ${'a'.repeat(20_000)}\r\n\r\n`,
    431,
    'headers_too_large',
  ],
  [
    'a path that cannot be decoded',
    'GET /v1/%zz HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer ada\r\n\r\n',
    400,
    'invalid_request',
  ],
] as const)
  test(`${what} is answered with a problem as everything else`, async () => {
    const [head = '', body = ''] = (await raw(bytes)).split('\r\n\r\n');
    assert.match(head, new RegExp(`^HTTP/1.1 ${status} `));
    assert.match(head, /content-type: application\/problem\+json/i);
    const problem = Problem.parse(JSON.parse(body));
    assert.deepEqual([problem.status, problem.code], [status, code]);
    assert.ok(!body.includes('zz') && !body.includes('aaaa'));
  });
