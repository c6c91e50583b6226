import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage, request as send } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { describe, it, type TestContext } from 'node:test';
import { testS3 } from '../fixtures/services.ts';
import { createS3Client, elementsOf } from './s3-request.ts';
import { createS3Storage, ensureBucket, PART_BYTES } from './s3-storage.ts';
import { storageSuite } from './storage-suite.ts';

const s3 = await testS3();

/** A fresh bucket. */
async function bucket() {
  const { missing: _, ...options } = await testS3();
  await ensureBucket(options);
  return options;
}

async function* body(bytes: number) {
  for (let left = bytes; left > 0; left -= 1_000_000) yield Buffer.alloc(Math.min(left, 1_000_000), 7);
}

describe('hosted', { skip: s3.missing }, () => {
  storageSuite('s3', async () => {
    const options = await bucket();
    const storage = createS3Storage(options);
    return {
      storage,
      partBytes: PART_BYTES,
      async cleanUp() {
        await storage.removeAll('');
        await createS3Client(options)({ method: 'DELETE' });
      },
    };
  });

  it('an upload that a crash cut off goes with its folder', async () => {
    const options = await bucket();
    const request = createS3Client(options);
    await request({ method: 'POST', key: 'audio/a/track-0', query: { uploads: '' } });
    const uploads = async () =>
      elementsOf(await (await request({ method: 'GET', query: { uploads: '' } })).text(), 'Upload').length;
    assert.equal(await uploads(), 1);
    await createS3Storage(options).removeAll('audio/a/');
    assert.equal(await uploads(), 0);
  });

  it('what the server breaks off is done again, and what it refuses is not', async (t) => {
    const options = await bucket();
    const flaky = await flakyProxy(t, options.endpoint);
    const storage = createS3Storage({ ...options, endpoint: flaky.url });
    flaky.fail = [503, 'hang up'];
    assert.equal(await storage.create('a', body(10_000)), 10_000);
    assert.equal(flaky.requests, 3);
    flaky.fail = ['cut', 'cut'];
    let bytes = 0;
    for await (const part of storage.read('a')) bytes += part.length;
    assert.equal(bytes, 10_000);
    const stranger = createS3Storage({ ...options, secretAccessKey: 'wrong' });
    await assert.rejects(stranger.size('a'), { code: 'internal' });
  });
});

/** A proxy that fails in the ways it is told, one for each request, and then works. */
async function flakyProxy(t: TestContext, target: string) {
  const proxy = { url: '', requests: 0, fail: [] as (number | 'hang up' | 'cut')[] };
  const server = createServer(async (request, response) => {
    proxy.requests += 1;
    const failure = proxy.fail.shift();
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    if (failure === 'hang up') return request.socket.destroy();
    if (typeof failure === 'number') return response.writeHead(failure).end();
    // The headers as they came: the host is signed too.
    const forward = send(target + request.url, { method: request.method, headers: request.headers });
    forward.end(Buffer.concat(parts));
    const [answer] = (await once(forward, 'response')) as [IncomingMessage];
    const content = await buffer(answer);
    response.writeHead(answer.statusCode ?? 0, answer.headers);
    if (failure === 'cut') {
      response.write(content.subarray(0, content.length / 3));
      setTimeout(() => request.socket.destroy(), 20);
    } else response.end(content);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  proxy.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return proxy;
}
