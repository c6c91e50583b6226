import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, open, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, it, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { sql } from 'kysely';
import { systemClock } from '../clock.ts';
import { createKeyFile } from '../keys/key-file.ts';
import { openSqliteStore, type SqliteStore } from './sqlite-store.ts';
import { create, createSpoken, notes, passage, read, segment, write } from './suite/samples.ts';

const code = (expected: string) => (error: unknown) => (error as { code?: string }).code === expected;

/** A data directory in which stores can be opened and closed. */
async function setUp(t: TestContext) {
  const dataDir = await mkdtemp(join(tmpdir(), 'speakr-faults-'));
  const opened: SqliteStore[] = [];
  t.after(async () => {
    for (const store of opened) await store.close();
    await rm(dataDir, { recursive: true, force: true });
  });
  const path = join(dataDir, 'speakr.db');
  const keyPath = join(dataDir, 'keys', 'key');
  return {
    dataDir,
    path,
    keyPath,
    async open(lockPatienceMs?: number) {
      const keys = createKeyFile({ path: keyPath });
      const store = await openSqliteStore({ path, keys, clock: systemClock, lockPatienceMs });
      opened.push(store);
      return store;
    },
  };
}

function startFixture(name: string, argument: string) {
  const program = fileURLToPath(new URL(`fixtures/${name}.ts`, import.meta.url));
  return spawn(process.execPath, [program, argument], { stdio: ['pipe', 'pipe', 'inherit'] });
}

describe('a database', () => {
  it('that is not one is called damaged, and left as it is', async (t) => {
    const { path, open: openStore } = await setUp(t);
    const text = 'Dear diary, this is no database. '.repeat(100);
    await writeFile(path, text);
    await assert.rejects(openStore(), code('database_corrupt'));
    assert.equal(await readFile(path, 'utf8'), text);
  });

  it('with overwritten pages is called damaged when they are read', async (t) => {
    const { path, open: openStore } = await setUp(t);
    const store = await openStore();
    for (let index = 0; index < 20; index++) await createSpoken(store, ['x'.repeat(2000)]);
    await store.close();
    const file = await open(path, 'r+');
    const { size } = await file.stat();
    await file.write(Buffer.alloc(size - 4096, 0xa5), 0, size - 4096, 4096);
    await file.close();
    await assert.rejects(async () => {
      const damaged = await openStore();
      await read(damaged, (tx) => tx.listRecordings({ limit: 100 }));
    }, code('database_corrupt'));
  });

  it('that was cut off is called damaged', async (t) => {
    const { path, open: openStore } = await setUp(t);
    const store = await openStore();
    for (let index = 0; index < 20; index++) await createSpoken(store, ['x'.repeat(2000)]);
    await store.close();
    await truncate(path, 8192);
    await assert.rejects(async () => {
      const damaged = await openStore();
      await read(damaged, (tx) => tx.listRecordings({ limit: 100 }));
    }, code('database_corrupt'));
  });

  it('of a newer speakr is refused, and left as it is', async (t) => {
    const { path, open: openStore } = await setUp(t);
    await (await openStore()).close();
    const database = new DatabaseSync(path);
    database.exec('pragma user_version = 999');
    database.close();
    await assert.rejects(openStore(), code('database_newer'));
    const after = new DatabaseSync(path);
    assert.deepEqual({ ...after.prepare('pragma user_version').get() }, { user_version: 999 });
    after.close();
  });

  it('that another program keeps locked can be read, and says so when written', async (t) => {
    const { path, open: openStore } = await setUp(t);
    const store = await openStore(50);
    const id = await create(store);
    const holder = startFixture('lock-holder', path);
    t.after(() => holder.kill('SIGKILL'));
    await once(holder.stdout, 'data');
    assert.ok(await read(store, (tx) => tx.getRecording(id)));
    await assert.rejects(create(store), code('database_locked'));
    // Opening needs no lock either.
    const second = await openStore(50);
    assert.ok(await read(second, (tx) => tx.getRecording(id)));
    holder.stdin.end();
    await once(holder, 'exit');
    await create(store);
  });

  it('that is locked for a moment is waited for, with the event loop free', async (t) => {
    const { path, open: openStore } = await setUp(t);
    const store = await openStore();
    await create(store);
    const holder = startFixture('lock-holder', path);
    await once(holder.stdout, 'data');
    const creating = create(store);
    let turns = 0;
    for (; turns < 5; turns++) await new Promise((resolve) => setTimeout(resolve, 1));
    holder.stdin.end();
    await creating;
    assert.equal(turns, 5);
  });

  it('on a full disk says so, keeps what it has, and goes on when there is room', async (t) => {
    const { open: openStore } = await setUp(t);
    const store = await openStore();
    const id = await createSpoken(store, ['kept']);
    const limit = async (pages: number) => {
      await sql.raw(`pragma max_page_count = ${pages}`).execute(store.writer);
    };
    await limit(1);
    const big = segment(1, 'x'.repeat(500_000));
    await assert.rejects(
      write(store, (tx) => tx.putSegments(id, 1, [big])),
      code('disk_full'),
    );
    assert.equal((await read(store, (tx) => tx.getTranscript(id)))?.segments.length, 1);
    await limit(1_000_000);
    await write(store, (tx) => tx.putSegments(id, 1, [big]));
    assert.equal((await read(store, (tx) => tx.getTranscript(id)))?.segments.length, 2);
  });

  it('in a place that cannot be written says so', async (t) => {
    const { dataDir } = await setUp(t);
    await writeFile(join(dataDir, 'file'), '');
    const path = join(dataDir, 'file', 'speakr.db');
    const keys = createKeyFile({ path: join(dataDir, 'keys', 'key') });
    await assert.rejects(openSqliteStore({ path, keys, clock: systemClock }), code('database_inaccessible'));
    const directory = join(dataDir, 'directory.db');
    await rm(directory, { force: true });
    await assert.rejects(
      openSqliteStore({ path: dataDir, keys, clock: systemClock }),
      code('database_inaccessible'),
    );
  });

  it('killed in the middle of transactions has whole ones only, and all that were committed', async (t) => {
    const { dataDir, open: openStore } = await setUp(t);
    for (const pairs of [1, 3, 6]) {
      const child = startFixture('dying-writer', dataDir);
      let said = '';
      child.stdout.on('data', (data) => {
        said += data;
        if (said.split('\n').length > pairs) child.kill('SIGKILL');
      });
      await once(child, 'close');
      const committed = said.trim().split('\n').length;
      const store = await openStore();
      const { recordings } = await read(store, (tx) => tx.listRecordings({ limit: 10_000 }));
      assert.equal(recordings.length % 2, 0);
      assert.ok(recordings.length >= 2 * committed);
      for (const { id } of recordings) await write(store, (tx) => tx.deleteRecording(id));
      await store.close();
    }
  });

  it('is shared by processes that write at the same time', async (t) => {
    const { dataDir, open: openStore } = await setUp(t);
    // The first start, with its migrations and its key, is part of the race.
    const children = [1, 2, 3].map(() => startFixture('dying-writer', dataDir));
    await Promise.all(
      children.map(async (child) => {
        let said = '';
        for await (const data of child.stdout) {
          said += data;
          if (said.split('\n').length > 5) break;
        }
        child.kill('SIGKILL');
      }),
    );
    const store = await openStore();
    const { recordings } = await read(store, (tx) => tx.listRecordings({ limit: 10_000 }));
    assert.ok(recordings.length >= 30);
  });
});

describe('what is said', () => {
  it('is nowhere on the disk in plain text', async (t) => {
    const { dataDir, open: openStore } = await setUp(t);
    const store = await openStore();
    const secret = (name: string) => `pomegranate-${name}`;
    const id = await createSpoken(store, [secret('text')], {
      title: secret('title'),
      tags: [secret('tag')],
      source: secret('source'),
      template: secret('template'),
      templateText: secret('template-text'),
      tracks: [{ track: 0, label: secret('label'), samples: 0 }],
    });
    await write(store, async (tx) => {
      const words = [{ text: secret('word'), startMs: 0, endMs: 1, estimated: true }];
      await tx.putSegments(id, 1, [segment(1, secret('text'), { speaker: secret('speaker'), words })]);
      await tx.putNotes(notes(id, [secret('action')], { markdown: secret('notes') }));
      await tx.addMoment(id, { atMs: 0, kind: 'note', text: secret('moment') });
      const text = secret('passage');
      await tx.putPassages(id, 1, 0, [passage(id, 0, { text, terms: [secret('term')] })]);
      await tx.publish('notes.generated.v1', { recordingId: id, revision: 1 });
    });
    for (const state of ['open', 'closed']) {
      if (state === 'closed') await store.close();
      const names = await readdir(dataDir, { recursive: true });
      for (const name of names) {
        const file = join(dataDir, name);
        if (!(await stat(file)).isFile()) continue;
        assert.equal((await readFile(file)).includes('pomegranate'), false, `${name}, ${state}`);
      }
    }
  });

  it('is gone with its key from every file once it is deleted', async (t) => {
    const { path, open: openStore } = await setUp(t);
    const store = await openStore();
    const id = await createSpoken(store, ['one']);
    const { wrapped_key } = await store.reader
      .selectFrom('recordings')
      .select('wrapped_key')
      .executeTakeFirstOrThrow();
    const { content } = await store.reader.selectFrom('segments').select('content').executeTakeFirstOrThrow();
    const holds = async (bytes: Uint8Array) =>
      (await Promise.all([path, `${path}-wal`].map((name) => readFile(name)))).some((file) =>
        file.includes(Buffer.from(bytes)),
      );
    assert.equal(await holds(wrapped_key), true);
    await write(store, (tx) => tx.deleteRecording(id));
    assert.equal(await holds(wrapped_key), false);
    assert.equal(await holds(content), false);
  });

  it('cannot be moved to another place: each value opens where it belongs only', async (t) => {
    const { open: openStore } = await setUp(t);
    const store = await openStore();
    const id = await createSpoken(store, ['one', 'two']);
    const { content } = await store.reader
      .selectFrom('segments')
      .select('content')
      .where('id', '=', '1.0.0')
      .executeTakeFirstOrThrow();
    await store.writer.updateTable('segments').set({ content }).where('id', '=', '1.0.1').execute();
    await assert.rejects(
      read(store, (tx) => tx.getTranscript(id)),
      code('database_corrupt'),
    );
  });

  it('cannot be read without its key file, and no new one is made', async (t) => {
    const { keyPath, open: openStore } = await setUp(t);
    const store = await openStore();
    await create(store);
    await store.close();
    const key = await readFile(keyPath);
    await rm(keyPath);
    const list = async () => {
      const opened = await openStore();
      return read(opened, (tx) => tx.listRecordings({ limit: 1 }));
    };
    await assert.rejects(list(), code('key_missing'));
    await assert.rejects(readFile(keyPath), code('ENOENT'));

    const other = join(keyPath, '..', 'other');
    await createKeyFile({ path: other, protects: [] }).prepare();
    await writeFile(keyPath, await readFile(other));
    await assert.rejects(list(), code('key_missing'));

    await writeFile(keyPath, key);
    assert.equal((await list()).recordings.length, 1);
  });

  it('is in files that only their owner can read', { skip: process.platform === 'win32' }, async (t) => {
    const { dataDir, path, keyPath, open: openStore } = await setUp(t);
    const store = await openStore();
    await create(store);
    const mode = async (name: string) => ((await stat(name)).mode & 0o777).toString(8);
    assert.deepEqual(
      [await mode(path), await mode(`${path}-wal`), await mode(keyPath), await mode(join(dataDir, 'keys'))],
      ['600', '600', '600', '700'],
    );
    await chmod(keyPath, 0o644);
    const second = await openStore();
    await read(second, (tx) => tx.listRecordings({ limit: 1 }));
    assert.equal(await mode(keyPath), '600');
  });
});
