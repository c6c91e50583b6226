import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { after, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { Problem } from '@speakr/contracts/problem';
import { testGateway } from '../fixtures/test-gateway.ts';

const { gateway, close } = await testGateway({
  requestTimeouts: { headMs: 2000, wholeMs: 2500, lookMs: 100 },
});
after(close);
await gateway.http.listen({ host: '127.0.0.1', port: 0 });
const { port } = gateway.http.server.address() as { port: number };
const url = `http://127.0.0.1:${port}`;

/** Sends a beginning, and then a piece again and again until the server ends it. @returns what it answered */
const drip = (beginning: string, piece: string) =>
  new Promise<string>((resolve) => {
    const answer: Buffer[] = [];
    let timer: NodeJS.Timeout | undefined;
    const socket = connect(port, '127.0.0.1', () => {
      socket.write(beginning);
      // Not before: what is written to a socket that is not connected yet comes first.
      timer = setInterval(() => socket.write(piece), 20);
    });
    socket.on('data', (chunk) => answer.push(chunk));
    socket.on('error', () => {});
    socket.on('close', () => {
      clearInterval(timer);
      resolve(Buffer.concat(answer).toString());
    });
  });

for (const [what, beginning, piece] of [
  ['whose head never ends', 'GET /v1/recordings HTTP/1.1\r\nHost: x\r\n', 'A: b\r\n'],
  [
    'whose body never ends',
    'POST /v1/query HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ada\r\nContent-Type: application/json\r\n' +
      'Content-Length: 100000\r\n\r\n{"question":"',
    'a',
  ],
] as const)
  test(`many requests ${what} are ended with an answer, and others are served meanwhile`, async () => {
    const slow = Promise.all(Array.from({ length: 50 }, () => drip(beginning, piece)));
    let ended = false;
    void slow.then(() => {
      ended = true;
    });
    while (!ended) {
      await new Promise((wake) => setTimeout(wake, 50));
      const response = await fetch(`${url}/v1/recordings`, { headers: { authorization: 'Bearer bob' } });
      assert.equal(response.status, 200);
      await response.body?.cancel();
    }
    for (const answer of await slow) {
      const [head = '', body = ''] = answer.split('\r\n\r\n');
      assert.match(head, /^HTTP\/1\.1 408 /);
      assert.equal(Problem.parse(JSON.parse(body)).code, 'request_timeout');
    }
  });

test('nothing is unpacked: a bomb is a body of that size, and no JSON', async () => {
  const bomb = gzipSync(Buffer.alloc(200 * 1024 * 1024, ' '));
  const before = process.memoryUsage().rss;
  const response = await fetch(`${url}/v1/query`, {
    method: 'POST',
    body: bomb,
    headers: { authorization: 'Bearer ada', 'content-type': 'application/json', 'content-encoding': 'gzip' },
  });
  assert.equal(response.status, 400);
  assert.equal(Problem.parse(await response.json()).code, 'invalid_request');
  assert.ok(process.memoryUsage().rss - before < 100 * 1024 * 1024);
});
