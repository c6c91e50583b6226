import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
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
