import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { withLock } from './lock.mjs';

async function temporary(t: TestContext): Promise<string> {
  const directory = await mkdtemp(path.join(tmpdir(), 'speakr-lock-'));
  t.after(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

test('the lock is there while the work runs, and gone afterwards even when the work fails', async (t) => {
  const lock = path.join(await temporary(t), 'deep', 'lock');
  const onWait = () => assert.fail('nobody else holds it');
  const owner = await withLock(lock, { onWait }, () => readFile(path.join(lock, 'pid'), 'utf8'));
  assert.equal(owner, String(process.pid));
  await assert.rejects(
    withLock(lock, { onWait }, () => Promise.reject(new Error('broken'))),
    /broken/,
  );
  assert.equal(await withLock(lock, { onWait }, () => 'again'), 'again');
});

test('processes take turns, and a lock whose owner was killed is taken over', async (t) => {
  const directory = await temporary(t);
  const lock = path.join(directory, 'lock');
  const log = path.join(directory, 'log');

  const dead = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 60_000)']);
  await mkdir(lock);
  await writeFile(path.join(lock, 'pid'), String(dead.pid));
  dead.kill('SIGKILL');
  await once(dead, 'exit');

  const program = `
    import { appendFileSync } from 'node:fs';
    import { setTimeout as sleep } from 'node:timers/promises';
    import { withLock } from ${JSON.stringify(import.meta.resolve('./lock.mjs'))};
    await withLock(${JSON.stringify(lock)}, { onWait() {} }, async () => {
      appendFileSync(${JSON.stringify(log)}, 'in ');
      await sleep(50);
      appendFileSync(${JSON.stringify(log)}, 'out ');
    });`;
  const children = Array.from({ length: 5 }, () =>
    spawn(process.execPath, ['--input-type=module', '-e', program], { stdio: 'inherit' }),
  );
  const codes = await Promise.all(children.map((child) => once(child, 'exit')));
  assert.deepEqual(
    codes.map(([code]) => code),
    [0, 0, 0, 0, 0],
  );
  assert.equal(await readFile(log, 'utf8'), 'in out '.repeat(5));
  assert.deepEqual(
    (await readdir(directory)).filter((name) => name === 'lock'),
    [],
  );
});
