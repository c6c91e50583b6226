import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { readZipEntry } from './zip-entry.ts';
import { zip } from './zip-fixture.ts';

const files = { 'a/packed.bin': Buffer.alloc(10_000, 'speech '), 'a/plain.txt': Buffer.from('as it is') };

test('packed and plain entries come out as they went in', async (t) => {
  const path = await save(t, zip(files));
  assert.deepEqual(await readZipEntry(path, 'a/packed.bin'), files['a/packed.bin']);
  assert.deepEqual(Buffer.from(await readZipEntry(path, 'a/plain.txt')), files['a/plain.txt']);
});

test('what is not there, or not a zip, or cut, is an error', async (t) => {
  const whole = zip(files);
  await assert.rejects(readZipEntry(await save(t, whole), 'b'), /no b in it/);
  await assert.rejects(readZipEntry(await save(t, Buffer.from('no zip at all, but long')), 'b'), /not a zip/);
  await assert.rejects(
    readZipEntry(await save(t, whole.subarray(0, whole.length - 30)), 'a/plain.txt'),
    /not a zip/,
  );
  await assert.rejects(readZipEntry(await save(t, whole.subarray(100)), 'a/plain.txt'), /truncated|no a/);
});

async function save(t: TestContext, bytes: Buffer): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'speakr-zip-'));
  t.after(() => rm(directory, { recursive: true, force: true }));
  await writeFile(join(directory, 'file.zip'), bytes);
  return join(directory, 'file.zip');
}
