import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

test('an answer without length that ends while nobody reads it is whole, also after Node has fetched something', async (t) => {
  const body = Buffer.alloc(70_000, 1);
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', () => {
      socket.write('HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n');
      socket.end(body);
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  await (await fetch(endpoint)).arrayBuffer().catch(() => {});
  // Loaded only now, as by a server that has asked for the keys of an issuer before.
  const { createS3Client } = await import('./s3-request.ts');
  const request = createS3Client({
    endpoint,
    region: 'eu',
    bucket: 'speakr',
    accessKeyId: 'key',
    secretAccessKey: 'secret',
  });
  for (let round = 0; round < 5; round += 1) {
    const answer = await request({ method: 'GET', key: 'audio' });
    await sleep(50);
    let bytes = 0;
    for await (const piece of answer.body) bytes += piece.length;
    assert.equal(bytes, body.length);
  }
});
