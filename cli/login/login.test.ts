import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { LOGIN_PATH } from '@speakr/contracts/identity';
import { freePort } from '../../scripts/services/port.ts';
import { until } from '../../scripts/until.ts';
import { systemClock } from '../../server/clock.ts';
import { oidcProvider, type TestProvider } from '../../server/fixtures/oidc-provider.ts';
import { testGateway } from '../../server/fixtures/test-gateway.ts';
import { createJwtAuthenticate, userOf } from '../../server/gateway/identity/jwt.ts';
import { silentLog } from '../../server/observability/log.ts';
import { fakeIo } from '../fixtures/fake-io.ts';
import { main } from '../main.ts';
import { createAccessToken } from './access-token.ts';
import { type Credential, openCredentials } from './credentials.ts';
import { findLogin } from './issuer.ts';

// The CLI in this process, a real gateway and a real OpenID Connect provider on loopback.

function temporary(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'speakr-login-'));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

async function team(t: TestContext, { accessTokenS = 600 } = {}) {
  const port = await freePort(21_000);
  const url = `http://127.0.0.1:${port}`;
  const provider = await oidcProvider(t, { resource: url, accessTokenS });
  const { issuer } = provider;
  const { gateway, close } = await testGateway({
    login: {
      resource: url,
      authorization_servers: [issuer],
      bearer_methods_supported: ['header'],
      scopes_supported: ['openid', 'offline_access'],
      speakr_client_id: 'speakr',
    },
    authenticate: createJwtAuthenticate({ issuer, audience: url, clock: systemClock, log: silentLog }),
  });
  t.after(close);
  await gateway.http.listen({ host: '127.0.0.1', port });
  return { url, provider, userOf: (account: string) => userOf(issuer, account) };
}

function machine(t: TestContext) {
  const directory = temporary(t);
  const env = {
    PATH: process.env.PATH,
    HOME: directory,
    XDG_CONFIG_HOME: join(directory, 'config'),
    XDG_DATA_HOME: join(directory, 'data'),
  };
  const start = (argv: string[], extra: Record<string, string> = {}) => {
    const io = fakeIo({ env: { ...env, ...extra }, cwd: directory, input: '' });
    return { io, code: main(argv, io) };
  };
  const config = (name: string) => join(directory, 'config', 'speakr', name);
  return {
    credentialsFile: config('credentials.json'),
    configFile: config('config.json'),
    start,
    async run(...argv: string[]) {
      const { io, code } = start(argv);
      return { code: await code, out: io.out(), err: io.err() };
    },
    async login(
      provider: TestProvider,
      url: string,
      account: string,
      answer: 'approve' | 'refuse' = 'approve',
    ) {
      const { io, code } = start(['login', '--server', url]);
      let ended = false;
      void code.then(() => {
        ended = true;
      });
      const address = () => /^Open (\S+)$/m.exec(io.err())?.[1];
      await until('an address is shown', () => address() !== undefined || ended, { seen: io.err });
      const shown = address();
      if (shown !== undefined) await provider[answer](shown, account);
      return { code: await code, out: io.out(), err: io.err() };
    },
  };
}

test('a login works for every command, is kept for its user alone, and ends with logout', async (t) => {
  const { url, provider, userOf } = await team(t);
  const ada = machine(t);
  const before = await ada.run('list', '--server', url);
  assert.deepEqual([before.code, before.out], [6, '']);
  assert.match(before.err, /You are not logged in at .*\. Run `speakr login --server /);

  const login = await ada.login(provider, url, 'ada');
  assert.equal(login.code, 0, login.err);
  assert.match(login.err, new RegExp(`Logged in at ${url} as ${userOf('ada')}\\.`));
  assert.equal(login.out, '');
  assert.equal(statSync(ada.credentialsFile).mode & 0o777, 0o600);
  assert.equal(JSON.parse(readFileSync(ada.configFile, 'utf8')).server, url);

  assert.deepEqual((await ada.run('whoami')).out, `${userOf('ada')}\n`);
  assert.equal(JSON.parse((await ada.run('whoami', '--json')).out).server, url);
  assert.equal((await ada.run('list')).code, 0);
  assert.equal((await ada.run('vocab', 'add', 'Kubernetes')).code, 0);

  const bob = machine(t);
  assert.equal((await bob.login(provider, url, 'bob')).code, 0);
  assert.equal((await bob.run('whoami')).out, `${userOf('bob')}\n`);
  assert.deepEqual(JSON.parse((await bob.run('vocab', '--json')).out).terms, []);
  assert.deepEqual(JSON.parse((await ada.run('vocab', '--json')).out).terms, [{ term: 'Kubernetes' }]);

  const { refreshToken } = openCredentials(ada.credentialsFile).find(url) as Credential;
  const logout = await ada.run('logout');
  assert.equal(logout.code, 0, logout.err);
  assert.deepEqual(JSON.parse(readFileSync(ada.configFile, 'utf8')), {});
  assert.equal(openCredentials(ada.credentialsFile).find(url), undefined);
  assert.ok(!readFileSync(ada.credentialsFile, 'utf8').includes(refreshToken as string));
  assert.equal((await ada.run('list', '--server', url)).code, 6);
  assert.equal((await ada.run('logout')).code, 2);
});

test('a login that was refused, or that is for another server, leaves nothing behind', async (t) => {
  const { url, provider } = await team(t);
  const ada = machine(t);
  const refused = await ada.login(provider, url, 'ada', 'refuse');
  assert.equal(refused.code, 6);
  assert.match(refused.err, /The login was refused\./);
  assert.throws(() => readFileSync(ada.credentialsFile));
  assert.throws(() => readFileSync(ada.configFile));
  // The same server under another name: its tokens would not be for it.
  const other = await ada.run('login', '--server', url.replace('127.0.0.1', 'localhost'));
  assert.equal(other.code, 6);
  assert.match(other.err, /asks for a login to http:\/\/127\.0\.0\.1/);
  assert.equal((await ada.run('login')).code, 2);
  assert.equal((await ada.run('login', '--server', 'http://127.0.0.1:9')).code, 5);
});

test('an expired login is renewed once, however many processes need it, and then goes on', async (t) => {
  const { url, provider, userOf } = await team(t);
  const ada = machine(t);
  await ada.login(provider, url, 'ada');
  const credentials = openCredentials(ada.credentialsFile);
  const age = () => {
    const known = credentials.find(url) as Credential;
    credentials.keep(url, { ...known, issuedAt: known.issuedAt - 900_000, expiresAt: Date.now() - 1000 });
    return known;
  };
  const first = age();
  const runs = await Promise.all(Array.from({ length: 5 }, () => ada.run('whoami')));
  assert.deepEqual(
    runs.map(({ out }) => out),
    Array.from({ length: 5 }, () => `${userOf('ada')}\n`),
  );
  const renewals = () => provider.grants.filter((grant) => grant.includes('refresh_token'));
  assert.deepEqual(renewals(), ['refresh_token']);
  const second = age();
  assert.notEqual(second.refreshToken, first.refreshToken);
  assert.equal((await ada.run('whoami')).code, 0);
  assert.deepEqual(renewals(), ['refresh_token', 'refresh_token']);
});

test('a token that the server refuses, whatever it looks like here, is renewed and tried again', async (t) => {
  const { url, provider } = await team(t);
  const ada = machine(t);
  await ada.login(provider, url, 'ada');
  const credentials = openCredentials(ada.credentialsFile);
  credentials.keep(url, { ...(credentials.find(url) as Credential), accessToken: 'a.b.c' });
  assert.equal((await ada.run('vocab', 'add', 'Kubernetes')).code, 0);
  assert.notEqual(credentials.find(url)?.accessToken, 'a.b.c');
});

test('a login that has ended says so, and what to do', async (t) => {
  const { url, provider } = await team(t);
  const ada = machine(t);
  await ada.login(provider, url, 'ada');
  const credentials = openCredentials(ada.credentialsFile);
  const known = credentials.find(url) as Credential;
  credentials.keep(url, { ...known, refreshToken: 'withdrawn', expiresAt: 0 });
  const ended = await ada.run('list');
  assert.equal(ended.code, 6);
  assert.match(ended.err, /has ended \(invalid_grant\)\. Run `speakr login --server /);
  credentials.keep(url, { ...known, refreshToken: undefined, expiresAt: 0 });
  assert.match((await ada.run('list')).err, /has ended\. Run/);
});

test('while the issuer is away a login is not taken for ended', async (t) => {
  const path = join(temporary(t), 'credentials.json');
  const credentials = openCredentials(path);
  const credential: Credential = {
    issuer: 'http://127.0.0.1:9',
    clientId: 'speakr',
    resource: 'https://speakr.test',
    accessToken: 'old',
    refreshToken: 'r',
    issuedAt: 0,
    expiresAt: 1000,
  };
  credentials.keep('https://speakr.test', credential);
  const token = createAccessToken({ server: 'https://speakr.test', credentials, fetch, clock: systemClock });
  await assert.rejects(token(), { code: 'unreachable' });
  assert.deepEqual(credentials.find('https://speakr.test'), credential);
});

test('no login goes to an issuer that is not reached over HTTPS', async () => {
  const answer = { resource: 'https://speakr.test', authorization_servers: ['http://login.test'] };
  const fetched: string[] = [];
  const fetch = async (url: string) => {
    fetched.push(url);
    return Response.json({
      ...answer,
      bearer_methods_supported: [],
      scopes_supported: [],
      speakr_client_id: 'speakr',
    });
  };
  const login = await findLogin('https://speakr.test', fetch);
  const { deviceLogin } = await import('./device-login.ts');
  const { signal } = new AbortController();
  await assert.rejects(deviceLogin({ login, fetch, clock: systemClock, signal, onCode() {} }), {
    code: 'forbidden',
  });
  assert.deepEqual(fetched, [`https://speakr.test${LOGIN_PATH}`]);
});

test('a damaged file is named, and nothing of it is said', (t) => {
  const path = join(temporary(t), 'credentials.json');
  writeFileSync(path, '{"https://speakr.test": {"accessToken": "secret"');
  assert.throws(
    () => openCredentials(path).find('https://speakr.test'),
    (error: Error & { code: string }) =>
      error.code === 'config_invalid' && !`${error.stack} ${error.cause}`.includes('secret'),
  );
});

test('a file that cannot be written is named, before a login is renewed into nothing', async (t) => {
  const directory = temporary(t);
  writeFileSync(join(directory, 'file'), '');
  const credentials = openCredentials(join(directory, 'file', 'credentials.json'));
  let worked = false;
  const work = credentials.exclusively(async () => {
    worked = true;
  });
  await assert.rejects(work, {
    code: 'config_invalid',
    message: /credentials\.json cannot be written \(\w+\)/,
  });
  assert.equal(worked, false);
});

test('a lock that a killed process left is no lock for long', async (t) => {
  const path = join(temporary(t), 'credentials.json');
  const { mkdirSync, utimesSync } = await import('node:fs');
  mkdirSync(`${path}.lock`);
  const long = Date.now() / 1000 - 60;
  utimesSync(`${path}.lock`, long, long);
  assert.equal(await openCredentials(path).exclusively(async () => 'done'), 'done');
});
