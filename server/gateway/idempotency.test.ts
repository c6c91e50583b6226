import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { v7 as uuidv7 } from 'uuid';
import { until } from '../../scripts/until.ts';
import { type TestGateway, testGateway } from '../fixtures/test-gateway.ts';
import type { GatewayServices } from './services.ts';

let written = 0;
let failing = false;
let gate: Promise<void> | undefined;
const gateway: TestGateway = await testGateway({
  services: {
    async writeNotes(_owner: string, recordingId: string) {
      written += 1;
      await gate;
      if (failing) throw new Error('broken');
      return { recordingId, run: written } as never;
    },
  } as Partial<GatewayServices> as GatewayServices,
});
after(gateway.close);
const { ask } = gateway;

async function recording(user: string) {
  const id = uuidv7();
  const body = { id, source: 'x', startedAt: 1, language: 'en', tags: [], template: 'meeting', segments: [] };
  assert.equal((await ask(user, 'POST', '/v1/recordings', body)).status, 201);
  return `/v1/recordings/${id}/notes`;
}
const write = (user: string, url: string, key: string, body: object = { template: 'plain' }) =>
  ask(user, 'POST', url, body, { 'idempotency-key': key });

test('a request that comes again under its key is answered again, and done once', async () => {
  const url = await recording('ada');
  const before = written;
  const first = await write('ada', url, 'key-1');
  const again = await write('ada', url, 'key-1');
  assert.equal(written, before + 1);
  assert.deepEqual([again.status, again.text], [first.status, first.text]);
  assert.deepEqual(
    [first.headers['idempotency-replayed'], again.headers['idempotency-replayed']],
    [undefined, 'true'],
  );
  await write('ada', url, 'key-2');
  await ask('ada', 'POST', url, { template: 'plain' });
  assert.equal(written, before + 3);
});

test('another request under the same key is refused; the same key of somebody else is another', async () => {
  const [url, bobs] = [await recording('ada'), await recording('bob')];
  await write('ada', url, 'key-3');
  for (const answer of [
    await write('ada', url, 'key-3', { template: 'soap' }),
    await write('ada', await recording('ada'), 'key-3'),
  ])
    assert.deepEqual([answer.status, answer.json().code], [422, 'idempotency_key_reused']);
  assert.equal((await write('bob', bobs, 'key-3')).status, 200);
});

test('two at once are done once: the second is told to ask again', async () => {
  const url = await recording('ada');
  const before = written;
  const { promise, resolve } = Promise.withResolvers<void>();
  gate = promise;
  const first = write('ada', url, 'key-4');
  await until('it is written', () => written !== before);
  const second = await write('ada', url, 'key-4');
  assert.deepEqual([second.status, second.headers['retry-after']], [409, '1']);
  resolve();
  gate = undefined;
  assert.equal((await write('ada', url, 'key-5')).status, 200);
  assert.equal((await first).status, 200);
  assert.equal((await write('ada', url, 'key-4')).text, (await first).text);
  assert.equal(written, before + 2);
});

test('what failed can be tried again under its key', async () => {
  const url = await recording('ada');
  failing = true;
  assert.equal((await write('ada', url, 'key-6')).status, 500);
  failing = false;
  assert.equal((await write('ada', url, 'key-6')).status, 200);
  assert.equal((await write('ada', '/v1/recordings/none/notes', 'key-7')).status, 404);
  assert.equal((await write('ada', '/v1/recordings/none/notes', 'key-7')).status, 404);
});

test('a key that is none is refused, and so is one where the answer is a secret', async () => {
  const url = await recording('ada');
  for (const key of ['', 'with blank', 'a'.repeat(300)])
    assert.equal((await write('ada', url, key)).status, 400, key);
  assert.equal((await write('ada', '/v1/keys', 'key-8', { name: 'x', scopes: ['read'] })).status, 400);
});
