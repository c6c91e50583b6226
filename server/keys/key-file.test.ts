import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { createKeyFile } from './key-file.ts';
import { keysSuite } from './keys-suite.ts';

const dataKey = Buffer.alloc(32, 7);
const code = (expected: string) => (error: unknown) => (error as { code?: string }).code === expected;

async function setUp(t: TestContext) {
  const dataDir = await mkdtemp(join(tmpdir(), 'speakr-keys-'));
  t.after(() => rm(dataDir, { recursive: true, force: true }));
  const path = join(dataDir, 'keys', 'key');
  return { dataDir, path, keys: () => createKeyFile({ path }) };
}

keysSuite('key file', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'speakr-keys-'));
  return {
    keys: () => createKeyFile({ path: join(dataDir, 'keys', 'key') }),
    cleanUp: () => rm(dataDir, { recursive: true }),
  };
});

describe('the key file', () => {
  it('is made on first use and serves every process after', async (t) => {
    const { dataDir, keys } = await setUp(t);
    const wrapped = await keys().wrap('local', dataKey, 'context');
    assert.equal(Buffer.from(wrapped).includes(dataKey), false);
    assert.deepEqual(await keys().unwrap('local', wrapped, 'context'), dataKey);
    assert.deepEqual(await readdir(join(dataDir, 'keys')), ['key']);
  });

  it('is made once when many ask at the same time', async (t) => {
    const { keys } = await setUp(t);
    const many = await Promise.all(Array.from({ length: 20 }, () => keys().derive('local', 'spool')));
    assert.equal(new Set(many.map((key) => Buffer.from(key).toString('hex'))).size, 1);
  });

  it('is not made anew once there is data', async (t) => {
    const { dataDir, path, keys } = await setUp(t);
    await writeFile(join(dataDir, 'speakr.db'), 'data');
    const service = keys();
    await assert.rejects(service.derive('local', 'spool'), code('key_missing'));
    await assert.rejects(readFile(path), code('ENOENT'));
    // Restored in the meantime: the same process may go on.
    await createKeyFile({ path, protects: [] }).prepare();
    assert.equal((await service.derive('local', 'spool')).length, 32);
  });

  it('that is damaged is refused and left as it is', async (t) => {
    const { path, keys } = await setUp(t);
    await keys().prepare();
    const text = await readFile(path, 'utf8');
    const changed = text.replace(/[A-Za-z](?=[^ ]* [0-9a-f]+\n$)/, (letter) => (letter === 'A' ? 'B' : 'A'));
    assert.notEqual(changed, text);
    for (const damaged of ['', 'nonsense', text.slice(0, 30), changed]) {
      await writeFile(path, damaged);
      await assert.rejects(keys().prepare(), code('key_missing'));
      assert.equal(await readFile(path, 'utf8'), damaged);
    }
  });
});
