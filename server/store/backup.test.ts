import assert from 'node:assert/strict';
import { cp, mkdir, mkdtemp, open, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, before, describe, it, type TestContext } from 'node:test';
import { systemClock } from '../clock.ts';
import { createKeyFile } from '../keys/key-file.ts';
import { backup } from './backup.ts';
import { restore } from './restore.ts';
import { commitRestore, finishRestore } from './restore-swap.ts';
import { openSqliteStore, type SqliteStore } from './sqlite-store.ts';
import { createSpoken, newRecording, read, write } from './suite/samples.ts';

const passphrase = 'correct horse é battery';
const code = (expected: string) => (error: unknown) => (error as { code?: string }).code === expected;

const openStore = (dataDir: string): Promise<SqliteStore> =>
  openSqliteStore({
    path: join(dataDir, 'speakr.db'),
    keys: createKeyFile({ path: join(dataDir, 'keys', 'key') }),
    clock: systemClock,
  });

async function temporaryDirectory(t: { after: TestContext['after'] }): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'speakr-backup-'));
  t.after(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

describe('backup and restore', () => {
  let home = '';
  let dataDir = '';
  let file = '';
  let id = '';
  const flac = Buffer.alloc(700_000, 'fLaC');

  after(() => rm(home, { recursive: true, force: true }));

  before(async () => {
    home = await mkdtemp(join(tmpdir(), 'speakr-backup-'));
    dataDir = join(home, 'data');
    file = join(home, 'speakr.backup');
    const store = await openStore(dataDir);
    id = await createSpoken(store, ['we launch in March'], { title: 'Launch' });
    await mkdir(join(dataDir, 'audio', 'deep'), { recursive: true });
    await writeFile(join(dataDir, 'audio', 'deep', 'a.flac'), flac);
    await writeFile(join(dataDir, 'audio', 'empty'), '');
    await mkdir(join(dataDir, 'models'));
    await writeFile(join(dataDir, 'models', 'big'), 'not part of it');
    // The store stays open: a backup runs beside a server.
    const summary = await backup({ dataDir, to: file, passphrase });
    await store.close();
    assert.equal(summary.files, 4);
    assert.equal(summary.bytes, (await stat(file)).size);
  });

  const heard = async (directory: string) => {
    const store = await openStore(directory);
    const transcript = await read(store, (tx) => tx.getTranscript(id));
    await store.close();
    return transcript?.segments[0]?.text;
  };

  it('bring everything back on another machine, readable for its owner only', async (t) => {
    const other = join(await temporaryDirectory(t), 'new', 'data');
    assert.deepEqual(await restore({ from: file, dataDir: other, passphrase }), { files: 4 });
    assert.equal(await heard(other), 'we launch in March');
    assert.ok(flac.equals(await readFile(join(other, 'audio', 'deep', 'a.flac'))));
    assert.equal((await readFile(join(other, 'audio', 'empty'))).length, 0);
    const all = await readdir(other);
    assert.deepEqual(
      all.filter((name) => name.startsWith('.restore') || name === 'models'),
      [],
    );
    if (process.platform !== 'win32') {
      assert.equal((await stat(join(other, 'keys', 'key'))).mode & 0o777, 0o600);
      assert.equal((await stat(file)).mode & 0o777, 0o600);
    }
  });

  it('leave nothing in the backup that can be read without the passphrase', async () => {
    const bytes = await readFile(file);
    for (const plain of ['SQLite format', 'fLaC', 'speakr-key', 'launch', id]) {
      assert.equal(bytes.includes(plain), false, plain);
    }
  });

  it('refuse a wrong passphrase, and take the right one however it is composed', async (t) => {
    const other = await temporaryDirectory(t);
    await assert.rejects(
      restore({ from: file, dataDir: other, passphrase: 'wrong' }),
      code('passphrase_wrong'),
    );
    assert.deepEqual(await readdir(other), []);
    await restore({ from: file, dataDir: other, passphrase: passphrase.normalize('NFD') });
  });

  it('refuse to replace data without force, and then replace all of it', async (t) => {
    const other = await temporaryDirectory(t);
    const store = await openStore(other);
    const foreign = await createSpoken(store, ['something else']);
    await store.close();
    await mkdir(join(other, 'spool'));
    await writeFile(join(other, 'spool', 'left'), 'over');
    await assert.rejects(restore({ from: file, dataDir: other, passphrase }), code('conflict'));
    await restore({ from: file, dataDir: other, passphrase, force: true });
    assert.equal(await heard(other), 'we launch in March');
    assert.deepEqual(await readdir(join(other, 'spool')), []);
    const after = await openStore(other);
    assert.equal(await read(after, (tx) => tx.getRecording(foreign)), undefined);
    await after.close();
  });

  it('do not replace a database that another process has open', async (t) => {
    const other = await temporaryDirectory(t);
    const store = await openStore(other);
    t.after(() => store.close());
    const restoring = restore({ from: file, dataDir: other, passphrase, force: true });
    await assert.rejects(restoring, code('database_locked'));
    await createSpoken(store, ['still works']);
  });

  it('mend a data directory whose database is damaged', async (t) => {
    const other = await temporaryDirectory(t);
    await writeFile(join(other, 'speakr.db'), 'not a database at all, but quite long'.repeat(50));
    await restore({ from: file, dataDir: other, passphrase, force: true });
    assert.equal(await heard(other), 'we launch in March');
  });

  it('notice any damage, and change nothing', async (t) => {
    const other = await temporaryDirectory(t);
    const bytes = await readFile(file);
    const damaged = join(await temporaryDirectory(t), 'damaged');
    const flipped = (at: number) => {
      const copy = Buffer.from(bytes);
      copy[at]! ^= 1;
      return copy;
    };
    const costly = Buffer.from(bytes);
    costly[24] = 31;
    for (const [name, content, expected] of [
      ['middle', flipped(Math.floor(bytes.length / 2)), 'backup_invalid'],
      ['length', flipped(52), 'backup_invalid'],
      ['last byte', flipped(bytes.length - 1), 'backup_invalid'],
      ['cut', bytes.subarray(0, bytes.length - 1000), 'backup_invalid'],
      ['cut at a frame', bytes.subarray(0, 50), 'backup_invalid'],
      ['empty', Buffer.alloc(0), 'backup_invalid'],
      ['something else', Buffer.from('# Notes\n'.repeat(20)), 'backup_invalid'],
      ['a cost that would fill the memory', costly, 'backup_invalid'],
    ] as const) {
      await writeFile(damaged, content);
      await assert.rejects(restore({ from: damaged, dataDir: other, passphrase }), code(expected), name);
      assert.deepEqual(await readdir(other), [], name);
    }
    await assert.rejects(
      restore({ from: join(other, 'nowhere'), dataDir: other, passphrase }),
      code('file_missing'),
    );
  });

  it('refuse a backup of a newer speakr', async (t) => {
    const newer = join(await temporaryDirectory(t), 'data');
    await cp(dataDir, newer, { recursive: true });
    const database = new DatabaseSync(join(newer, 'speakr.db'));
    database.exec('pragma user_version = 999');
    database.close();
    await backup({ dataDir: newer, to: `${newer}.backup`, passphrase });
    const restoring = restore({ from: `${newer}.backup`, dataDir: `${newer}.restored`, passphrase });
    await assert.rejects(restoring, code('database_newer'));
  });

  it('do not overwrite a file with a backup, nor leave a half one', async (t) => {
    const directory = await temporaryDirectory(t);
    const to = join(directory, 'notes.md');
    await writeFile(to, 'precious');
    await assert.rejects(backup({ dataDir, to, passphrase }), code('conflict'));
    assert.equal(await readFile(to, 'utf8'), 'precious');
    await assert.rejects(backup({ dataDir, to: `${to}2`, passphrase: '' }), code('usage'));
    await assert.rejects(backup({ dataDir: directory, to: `${to}2`, passphrase }), code('not_found'));
    assert.deepEqual(await readdir(directory), ['notes.md']);
  });

  it('copy a database that is written to meanwhile in one consistent state', async (t) => {
    const busy = await temporaryDirectory(t);
    const store = await openStore(busy);
    let isWriting = true;
    let written = 0;
    const writing = (async () => {
      while (isWriting) {
        // Half of it would be an odd number of recordings.
        await write(store, async (tx) => {
          await tx.createRecording(newRecording());
          await new Promise(setImmediate);
          await tx.createRecording(newRecording());
        });
        written += 2;
      }
    })();
    await backup({ dataDir: busy, to: `${busy}.backup`, passphrase });
    t.after(() => rm(`${busy}.backup`));
    isWriting = false;
    await writing;
    await store.close();
    const other = await temporaryDirectory(t);
    await restore({ from: `${busy}.backup`, dataDir: other, passphrase });
    const restored = await openStore(other);
    t.after(() => restored.close());
    const { recordings } = await read(restored, (tx) => tx.listRecordings({ limit: 10_000 }));
    assert.ok(recordings.length > 0 && recordings.length <= written);
    assert.equal(recordings.length % 2, 0);
  });

  it('end a swap that was interrupted at any point', async (t) => {
    const staged = await temporaryDirectory(t);
    await restore({ from: file, dataDir: staged, passphrase });
    const names = ['keys', 'spool', 'audio-log', 'audio', 'speakr.db'];
    for (let done = 0; done <= names.length; done++) {
      const other = join(await temporaryDirectory(t), 'data');
      const store = await openStore(other);
      await createSpoken(store, ['old']);
      await store.close();
      // As if the process had died after `done` of the renames.
      const ready = join(other, '.restore-ready');
      await cp(staged, ready, { recursive: true });
      for (const name of names.slice(0, done)) {
        await rm(join(other, name), { recursive: true, force: true });
        await cp(join(ready, name), join(other, name), { recursive: true });
        await rm(join(ready, name), { recursive: true });
      }
      assert.equal(await heard(other), 'we launch in March', `after ${done} renames`);
    }
  });

  it('leave nothing behind that a crash kept, and what is being unpacked alone', async (t) => {
    const other = await temporaryDirectory(t);
    for (const name of ['.restore-replaced', '.restore-old', '.restore-new']) {
      await mkdir(join(other, name));
      await writeFile(join(other, name, 'speakr.db'), 'what was said');
    }
    const longAgo = new Date(Date.now() - 2 * 24 * 60 * 60_000);
    await utimes(join(other, '.restore-old'), longAgo, longAgo);
    finishRestore(other);
    assert.deepEqual(await readdir(other), ['.restore-new']);
  });

  it('do nothing at the start when there is nothing to end', async (t) => {
    const other = await temporaryDirectory(t);
    finishRestore(other);
    assert.deepEqual(await readdir(other), []);
    const staged = join(other, 'staged');
    await mkdir(staged);
    await (await open(join(staged, 'speakr.db'), 'w')).close();
    commitRestore(other, staged);
    assert.ok((await readdir(other)).includes('speakr.db'));
  });
});
