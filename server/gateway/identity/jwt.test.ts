import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { type CryptoKey, exportSPKI, importJWK, SignJWT } from 'jose';
import { systemClock } from '../../clock.ts';
import { testIssuer } from '../../fixtures/test-issuer.ts';
import { silentLog } from '../../observability/log.ts';
import { authenticateBy } from './authenticate.ts';
import { createJwtAuthenticate, userOf } from './jwt.ts';

const audience = 'https://speakr.test';
const issuer = await testIssuer({ after: (hook) => after(hook as () => void) });
const first = await issuer.key('first');
/** Not every issuer says which algorithm a key is for. */
const open = await issuer.key('open');
const { alg: _, ...withoutAlgorithm } = open.jwk;
issuer.serve([first.jwk, withoutAlgorithm]);
const options = { issuer: issuer.issuer, audience, clock: systemClock, log: silentLog };
const authenticate = authenticateBy({
  jwt: createJwtAuthenticate(options),
  tokens: undefined,
  keys: undefined,
});

const now = () => Math.floor(Date.now() / 1000);
const base64url = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
const ada = userOf(issuer.issuer, 'ada');

test('a token of the issuer is its subject, who may do everything', async () => {
  assert.deepEqual(await authenticate(await first.sign()), {
    user: ada,
    scopes: ['read', 'write', 'record', 'admin'],
    method: 'login',
  });
  assert.match(ada, /^u-[\w-]{22}$/);
  assert.notEqual(userOf('https://other.test', 'ada'), ada);
  // Issuer and subject cannot be cut in another place to be somebody else.
  assert.notEqual(userOf('https://a', 'bc'), userOf('https://ab', 'c'));
});

test('several audiences, and clocks that are a little apart, do not matter', async () => {
  for (const claims of [
    { aud: ['other', audience] },
    { exp: now() - 30 },
    { nbf: now() + 30 },
    { iat: now() + 30 },
  ])
    assert.equal((await authenticate(await first.sign(claims)))?.user, ada, JSON.stringify(claims));
});

test('scopes of speakr in a token limit it to them; those of others do not', async () => {
  const scopesOf = async (claims: object) => (await authenticate(await first.sign({ ...claims })))?.scopes;
  assert.deepEqual(await scopesOf({ scope: 'openid speakr:read speakr:record' }), ['read', 'record']);
  assert.deepEqual(await scopesOf({ scp: ['speakr:read'] }), ['read']);
  assert.deepEqual(await scopesOf({ scope: 'speakr:everything' }), []);
  assert.equal((await scopesOf({ scope: 'openid email' }))?.length, 4);
});

const stranger = await issuer.key('first');
const claims = { iss: issuer.issuer, aud: audience, sub: 'ada', iat: now(), exp: now() + 600 };
const secretOfPublicKey = new TextEncoder().encode(
  await exportSPKI((await importJWK(first.jwk, 'RS256')) as CryptoKey),
);
const refused: Record<string, string> = {
  'without a signature (alg none)': `${base64url({ alg: 'none', typ: 'JWT' })}.${base64url(claims)}.`,
  'with alg none and a signature that was right': `${base64url({ alg: 'none' })}.${(await first.sign()).split('.').slice(1).join('.')}`,
  'signed with HS256 and the public key as the secret': await new SignJWT(claims)
    .setProtectedHeader({ alg: 'HS256', kid: 'first' })
    .sign(secretOfPublicKey),
  'signed with another algorithm of the same key (PS256)': await new SignJWT(claims)
    .setProtectedHeader({ alg: 'PS256', kid: 'open' })
    .sign(
      await crypto.subtle.importKey(
        'pkcs8',
        await crypto.subtle.exportKey('pkcs8', open.privateKey),
        { name: 'RSA-PSS', hash: 'SHA-256' },
        false,
        ['sign'],
      ),
    ),
  'signed with a wrong key under the right id': await stranger.sign(),
  'with its own key in the header': await stranger.sign({}, { kid: 'mine', jwk: stranger.jwk }),
  'with the address of other keys in the header': await stranger.sign(
    {},
    { kid: 'mine', jku: 'http://127.0.0.1:1/keys' },
  ),
  'of another issuer': await first.sign({ iss: 'https://other.test' }),
  'for another audience': await first.sign({ aud: 'https://other.test' }),
  'for no audience': await first.sign({ aud: undefined }),
  'that is not valid yet': await first.sign({ nbf: now() + 600 }),
  'that was made in the future': await first.sign({ iat: now() + 600 }),
  'that never expires': await first.sign({ exp: undefined }),
  'without the time it was made': await first.sign({ iat: undefined }),
  'whose times are no numbers': await first.sign({ exp: '9999999999' as never }),
  'without a subject': await first.sign({ sub: undefined }),
  'with an empty subject': await first.sign({ sub: '' }),
  'with a subject that is no text': await first.sign({ sub: 7 as never }),
  'with a subject of 300 characters': await first.sign({ sub: 'a'.repeat(300) }),
  'with critical headers that nobody knows': await first.sign().then((token) => {
    const [, ...rest] = token.split('.');
    return [base64url({ alg: 'RS256', kid: 'first', crit: ['speakr'], speakr: 1 }), ...rest].join('.');
  }),
  'that is huge': await first.sign({ padding: 'x'.repeat(9000) }),
  'whose claims were changed': await first.sign().then((token) => {
    const [header, , signature] = token.split('.');
    return [header, base64url({ ...claims, sub: 'maria' }), signature].join('.');
  }),
  'that is no JSON': `${base64url('x')}.x.x`,
};
for (const [what, token] of Object.entries(refused))
  test(`a token ${what} is nobody's`, async () => {
    assert.equal(await authenticate(token), undefined);
  });

test('an expired token is told from a wrong one, so that the client renews it', async () => {
  await assert.rejects(authenticate(await first.sign({ iat: now() - 900, exp: now() - 300 })), {
    code: 'unauthorized',
    message: 'The token has expired.',
  });
});

test('a new key is found when its first token comes; a withdrawn one is believed no longer', async (t) => {
  const own = await testIssuer(t);
  let offset = 0;
  const clock = { now: () => Date.now(), monotonic: () => performance.now() + offset };
  const [old, fresh] = [await own.key('old'), await own.key('fresh')];
  own.serve([old.jwk]);
  const check = createJwtAuthenticate({ ...options, issuer: own.issuer, clock });
  assert.ok(await check(await old.sign()));
  own.serve([old.jwk, fresh.jwk]);
  // Just looked: a flood of unknown key ids must not become a flood of requests.
  assert.equal(await check(await fresh.sign()), undefined);
  assert.equal(own.asked, 1);
  offset = 20_000;
  assert.ok(await check(await fresh.sign()));
  assert.equal(own.asked, 2);
  own.serve([fresh.jwk]);
  assert.ok(await check(await old.sign()));
  offset += 11 * 60_000;
  assert.equal(await check(await old.sign()), undefined);
  assert.ok(await check(await fresh.sign()));
});

test('many tokens at once ask for the keys once', async (t) => {
  const own = await testIssuer(t);
  const key = await own.key('k');
  own.serve([key.jwk]);
  const check = createJwtAuthenticate({ ...options, issuer: own.issuer });
  const token = await key.sign();
  assert.ok((await Promise.all(Array.from({ length: 20 }, () => check(token)))).every(Boolean));
  assert.equal(own.asked, 1);
});

test('while the issuer is away what is known is believed for a day; without that nobody is judged', async (t) => {
  const own = await testIssuer(t);
  let offset = 0;
  const clock = { now: () => Date.now(), monotonic: () => performance.now() + offset };
  const key = await own.key('k');
  own.serve(undefined);
  const check = createJwtAuthenticate({ ...options, issuer: own.issuer, clock });
  await assert.rejects(check(await key.sign()), { code: 'unavailable' });
  own.serve([key.jwk]);
  assert.ok(await check(await key.sign()));
  own.serve(undefined);
  offset = 60 * 60_000;
  assert.ok(await check(await key.sign()));
  offset = 25 * 60 * 60_000;
  await assert.rejects(check(await key.sign()), { code: 'unavailable' });
});

test('an issuer that names itself differently is not the one that was configured', async () => {
  const check = createJwtAuthenticate({ ...options, issuer: `${issuer.issuer}/` });
  await assert.rejects(check(await first.sign()), { code: 'unavailable' });
});

test('roles are read from the claim that the settings name, however issuers nest and write them', async (t) => {
  const own = await testIssuer(t);
  const first = await own.key('roles');
  own.serve([first.jwk]);
  const check = (claim: string) =>
    createJwtAuthenticate({
      ...options,
      issuer: own.issuer,
      administrators: { claim, role: 'operators' },
    });
  const rolesOf = async (claim: string, payload: Record<string, unknown>) =>
    (await check(claim)(await first.sign(payload)))?.roles;
  assert.deepEqual(await rolesOf('roles', { roles: ['readers', 'operators'] }), ['admin']);
  assert.deepEqual(await rolesOf('roles', { roles: 'readers operators' }), ['admin']);
  const nested = { realm_access: { roles: ['operators'] } };
  assert.deepEqual(await rolesOf('realm_access.roles', nested), ['admin']);
  const url = 'https://login.example.org/roles';
  assert.deepEqual(await rolesOf(url, { [url]: ['operators'] }), ['admin']);
  for (const payload of [
    {},
    { roles: null },
    { roles: 7 },
    { roles: { operators: 1 } },
    { roles: ['Operators'] },
  ])
    assert.equal(await rolesOf('roles', payload), undefined);
  assert.equal(await rolesOf('constructor.name', {}), undefined);
});
