import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { checksumsOf } from '../../scripts/release/checksums.ts';
import { publicKeyLine, readPrivateKey, signMessage } from '../../scripts/release/sign.ts';
import { run } from './verify-download.ts';

const newKey = () =>
  readPrivateKey(
    generateKeyPairSync('ed25519').privateKey.export({ format: 'pem', type: 'pkcs8' }) as string,
  );

function setUp(t: TestContext) {
  const cwd = mkdtempSync(join(tmpdir(), 'speakr-verify-'));
  t.after(() => rmSync(cwd, { recursive: true }));
  const key = newKey();
  writeFileSync(join(cwd, 'speakr.tar.xz'), 'the release');
  const sums = checksumsOf(cwd, ['speakr.tar.xz']);
  writeFileSync(join(cwd, 'SHA256SUMS'), sums);
  writeFileSync(join(cwd, 'SHA256SUMS.sig'), signMessage(Buffer.from(sums), key));
  const said: string[] = [];
  const context = { io: { cwd }, output: { talk: (text: string) => said.push(text) } };
  const verify = (file = 'speakr.tar.xz', pinned = publicKeyLine(key)) =>
    run(
      { files: [file] } as Parameters<typeof run>[0],
      context as unknown as Parameters<typeof run>[1],
      pinned,
    );
  return { cwd, verify, said };
}

test('a file of a release is recognized', async (t) => {
  const { verify, said } = setUp(t);
  await verify();
  assert.deepEqual(said, ['speakr.tar.xz is what was released.']);
});

test('a changed file, changed checksums, another key and a file that is not named are refused', async (t) => {
  const invalid = { code: 'download_invalid' };
  const { cwd, verify, said } = setUp(t);
  await assert.rejects(verify('speakr.tar.xz', publicKeyLine(newKey())), invalid);
  await assert.rejects(verify('speakr.tar.xz', ''), invalid);
  writeFileSync(join(cwd, 'other'), 'x');
  await assert.rejects(verify('other'), invalid);
  await assert.rejects(verify('/nowhere/speakr'), { code: 'file_missing' });
  writeFileSync(join(cwd, 'speakr.tar.xz'), 'the release, changed');
  await assert.rejects(verify(), invalid);
  writeFileSync(join(cwd, 'SHA256SUMS'), checksumsOf(cwd, ['speakr.tar.xz']));
  await assert.rejects(verify(), invalid);
  assert.deepEqual(said, []);
});
