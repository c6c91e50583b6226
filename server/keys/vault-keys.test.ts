import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it, type TestContext } from 'node:test';
import { until } from '../../scripts/until.ts';
import { ownOpenBao } from '../fixtures/own-openbao.ts';
import { startTransitServer } from './fixtures/transit-server.ts';
import { keysSuite } from './keys-suite.ts';
import { createVaultKeys } from './vault-keys.ts';

async function vault() {
  const directory = await mkdtemp(join(tmpdir(), 'speakr-vault-'));
  const tokenFile = join(directory, 'token');
  const server = await startTransitServer();
  await writeFile(tokenFile, `${server.token}\n`);
  return {
    server,
    tokenFile,
    keys: () => createVaultKeys({ url: server.url, tokenFile }),
    async cleanUp() {
      await server.close();
      await rm(directory, { recursive: true });
    },
  };
}

keysSuite('vault transit', vault);

async function setUp(t: TestContext) {
  const made = await vault();
  t.after(made.cleanUp);
  await made.keys().prepare();
  return made;
}
const dataKey = Buffer.alloc(32, 7);

describe('vault transit', () => {
  it('what was wrapped before a rotation opens after it, and derived keys stay', async (t) => {
    const { server, keys } = await setUp(t);
    const wrapped = await keys().wrap('local', dataKey, 'context');
    const derived = await keys().derive('local', 'spool');
    server.rotate();
    assert.deepEqual(await keys().unwrap('local', wrapped, 'context'), dataKey);
    assert.deepEqual(await keys().derive('local', 'spool'), derived);
    const later = await keys().wrap('local', dataKey, 'context');
    assert.match(later.toString(), /^vault:v2:/);
  });

  it('a token that was renewed in its file is taken up', async (t) => {
    const { server, keys, tokenFile } = await setUp(t);
    const mine = keys();
    await mine.derive('local', 'spool');
    server.token = 'token-2';
    await writeFile(tokenFile, 'token-2');
    await mine.derive('local', 'spool');
  });

  it('a sealed server is waited for, and then said to be away', async (t) => {
    const { server, keys } = await setUp(t);
    server.sealed = true;
    const opening = keys().derive('local', 'spool');
    setTimeout(() => {
      server.sealed = false;
    }, 50);
    assert.equal((await opening).length, 32);
    server.sealed = true;
    await assert.rejects(keys().derive('local', 'spool'), { code: 'unavailable' });
  });

  it('a token file that is not there is named', async (t) => {
    const { server } = await setUp(t);
    const keys = createVaultKeys({ url: server.url, tokenFile: '/nowhere/token' });
    await assert.rejects(keys.derive('local', 'spool'), /\/nowhere\/token/);
  });
});

const unavailable = (cause: Error) => {
  // The wheel is for Linux; there CI must not go without it.
  if (process.env.CI === 'true' && process.platform === 'linux') throw cause;
  return `OpenBao is missing: ${cause.message}`;
};
const openBao = await ownOpenBao().catch(unavailable);
const skip = typeof openBao === 'string' ? openBao : false;

describe('a real OpenBao', { skip }, () => {
  if (typeof openBao === 'string') return;
  after(() => openBao.stop());
  let mounts = 0;

  /** A transit engine, and a token that may use its key and nothing else, as docs/hosted.md says. */
  async function transit() {
    if (typeof openBao === 'string') throw new Error(openBao);
    const { ask, url } = openBao;
    const mount = `transit-${mounts++}`;
    await ask('POST', `sys/mounts/${mount}`, { type: 'transit' });
    const page = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'hosted.md'), 'utf8');
    const policy = page
      .split('\n')
      .filter((line) => line.startsWith('path "transit/'))
      .map((line) => line.replace('transit/', `${mount}/`))
      .join('\n');
    await ask('PUT', `sys/policies/acl/${mount}`, { policy });
    const newToken = async () => {
      const { auth } = await ask('POST', 'auth/token/create', { policies: [mount], no_parent: true });
      return (auth as { client_token: string }).client_token;
    };
    const directory = await mkdtemp(join(tmpdir(), 'speakr-vault-'));
    const tokenFile = join(directory, 'token');
    await writeFile(tokenFile, `${await newToken()}\n`);
    return {
      mount,
      tokenFile,
      newToken,
      keys: () => createVaultKeys({ url, tokenFile, mount }),
      cleanUp: () => rm(directory, { recursive: true }),
    };
  }

  keysSuite('OpenBao', transit);

  it('what was wrapped before a rotation opens after it, and derived keys stay', async (t) => {
    const { keys, mount, cleanUp } = await transit();
    t.after(cleanUp);
    await keys().prepare();
    const wrapped = await keys().wrap('local', dataKey, 'context');
    const derived = await keys().derive('local', 'spool');
    await openBao.ask('POST', `${mount}/keys/speakr/rotate`);
    assert.deepEqual(await keys().unwrap('local', wrapped, 'context'), dataKey);
    assert.deepEqual(await keys().derive('local', 'spool'), derived);
    assert.match((await keys().wrap('local', dataKey, 'context')).toString(), /^vault:v2:/);
  });

  it('a token that was revoked and renewed in its file is taken up; without one it is said', async (t) => {
    const { keys, tokenFile, newToken, cleanUp } = await transit();
    t.after(cleanUp);
    const mine = keys();
    await mine.prepare();
    const next = await newToken();
    await openBao.ask('POST', 'auth/token/revoke', { token: (await readFile(tokenFile, 'utf8')).trim() });
    await assert.rejects(mine.derive('local', 'spool'), { code: 'unavailable' });
    await writeFile(tokenFile, next);
    await mine.derive('local', 'spool');
  });

  it('sealed it is away, and used again once it is unsealed', async (t) => {
    const { keys, cleanUp } = await transit();
    t.after(cleanUp);
    const mine = keys();
    await mine.prepare();
    const derived = await mine.derive('local', 'spool');
    await openBao.seal();
    await assert.rejects(mine.derive('local', 'spool'), { code: 'unavailable' });
    await openBao.unseal();
    await until('it answers', () =>
      mine.derive('local', 'spool').then(
        (again) => Buffer.compare(again, derived) === 0,
        () => false,
      ),
    );
  });
});
