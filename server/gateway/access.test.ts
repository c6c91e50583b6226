import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { adminRoutes } from '@speakr/contracts/admin';
import { type Route, routes, scopeOf } from '@speakr/contracts/api';
import { LOGIN_PATH, LoginMetadata, type Scope, scopes } from '@speakr/contracts/identity';
import { systemClock } from '../clock.ts';
import { testGateway } from '../fixtures/test-gateway.ts';
import { testIssuer } from '../fixtures/test-issuer.ts';
import { silentLog } from '../observability/log.ts';
import { authenticateBy } from './identity/authenticate.ts';
import { createJwtAuthenticate, userOf } from './identity/jwt.ts';

const hooks = { after: (hook: unknown) => after(hook as () => void) };
const issuer = await testIssuer(hooks);
const key = await issuer.key('k');
issuer.serve([key.jwk]);
const audience = 'https://speakr.test';
const login: LoginMetadata = {
  resource: audience,
  authorization_servers: [issuer.issuer],
  bearer_methods_supported: ['header'],
  scopes_supported: ['openid'],
  speakr_client_id: 'speakr',
};
const { ask, close } = await testGateway({
  login,
  authenticate: authenticateBy({
    jwt: createJwtAuthenticate({
      issuer: issuer.issuer,
      audience,
      administrators: { claim: 'roles', role: 'operators' },
      clock: systemClock,
      log: silentLog,
    }),
    tokens: undefined,
    keys: undefined,
  }),
});
after(close);

test('a login is who its token says, from the first request on', async () => {
  const answer = await ask(await key.sign({ sub: 'ada' }), 'GET', '/v1/identity');
  assert.deepEqual(answer.json(), {
    user: userOf(issuer.issuer, 'ada'),
    scopes: ['read', 'write', 'record', 'admin'],
    method: 'login',
  });
  const list = await ask(await key.sign({ sub: 'ada' }), 'GET', '/v1/recordings');
  assert.deepEqual([list.status, list.json()], [200, { recordings: [] }]);
});

test('without a valid token nothing answers, and the answer says where to log in', async () => {
  for (const token of ['', 'x', 'a.b.c', await key.sign({ aud: 'other' })]) {
    const answer = await ask(token, 'GET', '/v1/recordings');
    assert.equal(answer.status, 401);
    assert.equal(
      answer.headers['www-authenticate'],
      `Bearer resource_metadata="http://localhost${LOGIN_PATH}"`,
    );
  }
  const metadata = await ask('', 'GET', LOGIN_PATH);
  assert.deepEqual(LoginMetadata.parse(metadata.json()), login);
});

test('while the issuer cannot be asked nobody is turned away as a stranger', async (t) => {
  const away = await testIssuer(t);
  away.serve(undefined);
  const jwt = createJwtAuthenticate({ issuer: away.issuer, audience, clock: systemClock, log: silentLog });
  const other = await testGateway({ authenticate: jwt });
  t.after(other.close);
  assert.equal((await other.ask(await key.sign(), 'GET', '/v1/identity')).status, 503);
});

/** What each route asks for, written down once more: a route that slips into another scope is noticed here. */
const expected: Record<Scope, readonly string[]> = {
  read: ['query'],
  write: [],
  record: ['importRecording', 'importTranscript', 'commandRecording'],
  admin: [
    'listKeys',
    'createKey',
    'revokeKey',
    'getAccountAudit',
    'exportAccount',
    'eraseAccount',
    ...Object.keys(adminRoutes),
  ],
};
for (const [name, route] of Object.entries<Route>(routes)) {
  const scope = scopeOf(route);
  if (scope === 'any') continue;
  test(`${name} is closed without the scope ${scope}, whatever else the token may do`, async () => {
    const named = scopes.find((each) => expected[each].includes(name));
    assert.equal(scope, named ?? (route.method === 'GET' ? 'read' : 'write'));
    const others = scopes.filter((each) => each !== scope).map((each) => `speakr:${each}`);
    const path = route.path.replaceAll(/\{\w+\}/g, 'last');
    const body = route.body === undefined ? undefined : {};
    const roles = ['operators'];
    const without = await ask(await key.sign({ scope: others.join(' '), roles }), route.method, path, body);
    assert.equal(without.status, 403, without.text);
    assert.equal(without.json().code, 'forbidden');
    const given = await ask(await key.sign({ scope: `speakr:${scope}`, roles }), route.method, path, body);
    assert.notEqual(given.status, 403, given.text);
  });
}

for (const [name, route] of Object.entries<Route>(routes)) {
  if (route.role === undefined) continue;
  test(`${name} is closed without the role ${route.role}, also by its other path and to a person with all scopes`, async () => {
    const body = route.body === undefined ? undefined : {};
    for (const path of [route.path, route.path.replace('/v1/', '/api/')])
      for (const roles of [undefined, [], ['readers'], 'operators-not', { operators: true }]) {
        const url = path.replaceAll(/\{\w+\}/g, 'last');
        const refused = await ask(await key.sign({ roles }), route.method, url, body);
        assert.deepEqual([refused.status, refused.json().code], [403, 'forbidden'], url);
      }
  });
}
