import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { createFileStorage } from './file-storage.ts';
import { storageSuite } from './storage-suite.ts';

async function temporary() {
  const directory = await mkdtemp(join(tmpdir(), 'speakr-storage-'));
  return { directory, storage: createFileStorage({ directory }) };
}

storageSuite('files', async () => {
  const { directory, storage } = await temporary();
  return { storage, partBytes: 64 * 1024, cleanUp: () => rm(directory, { recursive: true }) };
});

test('files and folders are for their owner only, and drafts do not stay', async (t) => {
  const { directory, storage } = await temporary();
  t.after(() => rm(directory, { recursive: true }));
  async function* body() {
    yield Buffer.from('x');
  }
  await storage.create('audio/a', body());
  await assert.rejects(storage.create('audio/a', body()));
  assert.deepEqual(await readdir(join(directory, 'audio')), ['a']);
  if (process.platform === 'win32') return;
  assert.equal((await stat(join(directory, 'audio'))).mode & 0o777, 0o700);
  assert.equal((await stat(join(directory, 'audio', 'a'))).mode & 0o777, 0o600);
});
