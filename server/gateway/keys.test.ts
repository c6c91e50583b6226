import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { ApiKeyList, NewApiKey } from '@speakr/contracts/identity';
import { AccountAudit } from '@speakr/contracts/sharing';
import type { Clock } from '../clock.ts';
import { type TestGateway, testGateway } from '../fixtures/test-gateway.ts';
import { silentLog } from '../observability/log.ts';
import type { Store } from '../store/store.ts';
import { createApiKeyAuthenticate, KEY_CACHE_MS } from './identity/api-key.ts';
import { authenticateBy, everything } from './identity/authenticate.ts';

let offset = 0;
const clock: Clock = { now: () => Date.now() + offset, monotonic: () => performance.now() + offset };
const holder: { store?: Store } = {};
let asked = 0;
const gateway: TestGateway = await testGateway({
  clock,
  authenticate: authenticateBy({
    // The store comes with the gateway.
    keys: (token) => keys(token),
    jwt: undefined,
    tokens: async (token) => everything(token, 'token'),
  }),
});
holder.store = {
  ...gateway.store,
  findApiKey(id) {
    asked += 1;
    return gateway.store.findApiKey(id);
  },
};
const keys = createApiKeyAuthenticate({ store: holder.store, clock, log: silentLog });
after(gateway.close);
const { ask } = gateway;

async function make(user: string, body: object = { name: 'ci', scopes: ['read'] }) {
  const answer = await ask(user, 'POST', '/v1/keys', body);
  assert.equal(answer.status, 201, answer.text);
  return NewApiKey.parse(answer.json());
}

test('a key is its maker, within its scopes, and is shown once', async () => {
  const made = await make('ada');
  assert.match(made.key, new RegExp(`^speakr_${made.id}_[\\w-]{43}$`));
  const who = await ask(made.key, 'GET', '/v1/identity');
  assert.deepEqual(who.json(), { user: 'ada', scopes: ['read'], method: 'key' });
  assert.equal((await ask(made.key, 'GET', '/v1/recordings')).status, 200);
  assert.equal((await ask(made.key, 'PATCH', '/v1/vocabulary', {})).status, 403);
  assert.equal((await ask(made.key, 'POST', '/v1/keys', { name: 'x', scopes: ['read'] })).status, 403);
  const listed = await ask('ada', 'GET', '/v1/keys');
  // There may be one in the secret.
  const secret = made.key.split('_').slice(2).join('_');
  assert.ok(!listed.text.includes(secret));
  assert.equal(ApiKeyList.parse(listed.json()).keys[0]?.name, 'ci');
});

test('a secret that is wrong by one character, cut or under another id opens nothing', async () => {
  const [one, other] = [await make('ada'), await make('bob')];
  const last = one.key.at(-1) === 'A' ? 'B' : 'A';
  const [, , secret = ''] = /^speakr_([0-9a-f]+)_(.*)$/.exec(one.key) ?? [];
  for (const wrong of [
    one.key.slice(0, -1) + last,
    one.key.slice(0, -1),
    `${one.key}A`,
    `speakr_${one.id}_${secret.toUpperCase()}`,
    `speakr_${other.id}_${secret}`,
    `speakr_${one.id}_`,
    `speakr_0000000000000000_${secret}`,
  ])
    assert.equal((await ask(wrong, 'GET', '/v1/identity')).status, 401, wrong);
});

test('a revoked key ends within the time a gateway remembers keys, at once where it is not remembered', async () => {
  const [fresh, used] = [await make('ada'), await make('ada')];
  assert.equal((await ask(used.key, 'GET', '/v1/identity')).status, 200);
  for (const { id } of [fresh, used])
    assert.equal((await ask('ada', 'DELETE', `/v1/keys/${id}`)).status, 204);
  assert.equal((await ask(fresh.key, 'GET', '/v1/identity')).status, 401);
  offset += KEY_CACHE_MS + 1;
  assert.equal((await ask(used.key, 'GET', '/v1/identity')).status, 401);
  assert.equal((await ask('ada', 'DELETE', `/v1/keys/${used.id}`)).status, 404);
});

test('a flood of requests with one key, right or wrong, asks the database once', async () => {
  const { key } = await make('ada');
  for (const token of [key, 'speakr_00000000000000ff_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA']) {
    await ask(token, 'GET', '/v1/identity');
    const before = asked;
    for (let count = 0; count < 20; count++) await ask(token, 'GET', '/v1/identity');
    assert.equal(asked, before);
  }
});

test('a key expires when it was said to', async () => {
  const { key } = await make('ada', { name: 'short', scopes: ['read'], expiresInDays: 1 });
  const day = 24 * 60 * 60 * 1000;
  offset += day - 60_000;
  assert.equal((await ask(key, 'GET', '/v1/identity')).status, 200);
  offset += 120_000;
  assert.equal((await ask(key, 'GET', '/v1/identity')).status, 401);
});

test('a key cannot make one that may do more, nor more than a year, nor without a scope', async () => {
  const { key } = await make('ada', { name: 'keys', scopes: ['admin', 'read'] });
  const create = async (body: object) => (await ask(key, 'POST', '/v1/keys', body)).status;
  assert.equal(await create({ name: 'x', scopes: ['read'] }), 201);
  assert.equal(await create({ name: 'x', scopes: ['read', 'write'] }), 403);
  assert.equal(await create({ name: 'x', scopes: ['read'], expiresInDays: 1000 }), 400);
  assert.equal(await create({ name: 'x', scopes: [] }), 400);
  assert.equal(await create({ name: ' ', scopes: ['read'] }), 400);
});

test('nobody sees or revokes the keys of others', async () => {
  const { id } = await make('ada');
  assert.deepEqual((await ask('carol', 'GET', '/v1/keys')).json(), { keys: [] });
  const [theirs, missing] = [
    await ask('carol', 'DELETE', `/v1/keys/${id}`),
    await ask('carol', 'DELETE', '/v1/keys/0000000000000000'),
  ];
  assert.deepEqual([theirs.status, missing.status], [404, 404]);
});

test('the trail says who made and revoked which key, page by page', async () => {
  const made = [await make('dora'), await make('dora'), await make('dora')];
  await ask('dora', 'DELETE', `/v1/keys/${made[0]?.id}`);
  const seen: (string | undefined)[] = [];
  let cursor = '';
  for (;;) {
    const page = AccountAudit.parse((await ask('dora', 'GET', `/v1/audit?limit=3${cursor}`)).json());
    seen.push(...page.entries.map(({ action, key }) => `${action} ${key}`));
    if (page.nextCursor === undefined) break;
    cursor = `&cursor=${page.nextCursor}`;
  }
  assert.deepEqual(seen, [
    `key.revoked ${made[0]?.id}`,
    ...made.toReversed().map(({ id }) => `key.created ${id}`),
  ]);
  assert.equal((await ask('dora', 'GET', '/v1/audit?cursor=nonsense')).status, 400);
});
