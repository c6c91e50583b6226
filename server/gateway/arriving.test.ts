import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { arriving } from './arriving.ts';

async function all(body: AsyncIterable<Uint8Array>): Promise<Uint8Array[]> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return chunks;
}

test('a body comes as it is sent', async () => {
  const body = new PassThrough();
  body.write('a');
  body.end('b');
  assert.equal(Buffer.concat(await all(arriving(body))).toString(), 'ab');
});

test('a body that stands still is given up', async () => {
  const body = new PassThrough();
  body.write('a');
  await assert.rejects(all(arriving(body, 10)), { code: 'request_timeout' });
});

test('a body that breaks off says so', async () => {
  const body = new PassThrough();
  setImmediate(() => body.destroy(new Error('reset')));
  await assert.rejects(all(arriving(body)), { code: 'interrupted' });
});

test('what nobody wants is read and forgotten', async () => {
  const body = new PassThrough({ highWaterMark: 4 });
  body.write('abcd');
  for await (const _ of arriving(body)) break;
  const taken = new Promise<void>((resolve) => body.write('x'.repeat(100), () => resolve()));
  await taken;
  body.end();
});
