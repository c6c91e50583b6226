import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { v7 as uuidv7 } from 'uuid';
import { audioStreams } from '../../server/audio-log/audio-streams.ts';
import { declaredConsumers } from '../../server/bus/declared-consumers.ts';
import { busStreams } from '../../server/bus/jetstream-streams.ts';
import { execute, preparePostgres } from '../../server/fixtures/postgres-database.ts';
import { testPostgres } from '../../server/fixtures/services.ts';
import { recordSound, testApp } from '../../server/fixtures/test-app.ts';
import { migrate } from '../../server/store/sqlite-migrate.ts';
import { sqliteMigrations } from '../../server/store/sqlite-migrations.ts';
import { encodeWav } from '../../server/transcriber/wav.ts';
import { buildCli, newMachine, type RunOptions, sentence, speak } from '../harness.ts';

// docs/privacy.md names everything that is kept: a new table, stream or folder is put there, or this fails.

const page = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'privacy.md'), 'utf8');

/** First column of the table below a heading. */
function named(heading: string): string[] {
  const section = page.split(`## ${heading}\n`)[1]?.split('\n## ')[0] ?? '';
  return [...section.matchAll(/^\| `([^`]+)`/gm)].map(([, name = '']) => name);
}
/** Holds nothing of anybody: which steps of the schema were made; and rows that SQLite itself keeps. */
const OF_THE_DATABASE = ['schema_migrations', 'sqlite_sequence'];

const postgres = await testPostgres();

test('every table of both databases is on the page', { skip: postgres.missing }, async (t) => {
  const database = await postgres.createDatabase();
  t.after(() => database.drop());
  const urls = await preparePostgres(database.url);
  const { rows } = await execute(urls.admin, "select tablename from pg_tables where schemaname = 'speakr'");
  const sqlite = new DatabaseSync(':memory:');
  migrate(sqlite, sqliteMigrations);
  const inSqlite = sqlite.prepare("select name from sqlite_schema where type = 'table'").all();
  sqlite.close();
  const tables = [...rows.map(({ tablename }) => tablename), ...inSqlite.map(({ name }) => name)]
    .map(String)
    // Parts of one table.
    .filter((name) => !/^passages_\d+$/.test(name) && !OF_THE_DATABASE.includes(name));
  const onPage = new Set([...named('In the database'), ...named('Of the server itself')]);
  assert.deepEqual(
    tables.filter((name) => !onPage.has(name)),
    [],
  );
});

test('every stream is on the page', () => {
  const streams = [...busStreams(Object.keys(declaredConsumers), 1), ...audioStreams(1)].map(
    ({ name }) => name,
  );
  const patterns = named('In streams').map((name) => new RegExp(`^${name.replace('*', '.*')}$`));
  for (const stream of streams)
    assert.ok(
      patterns.some((pattern) => pattern.test(stream ?? '')),
      stream,
    );
  for (const pattern of patterns)
    assert.ok(
      streams.some((stream) => pattern.test(stream ?? '')),
      `${pattern}`,
    );
});

const filesOnPage = named('In files and objects').map((name) => name.replace('/', ''));

/** What a file is called while it is written (by process), and what SQLite has beside a database, are of that file. */
const nameOf = (entry: string) =>
  entry
    .replace(/-(wal|shm|journal)$/, '')
    .replace(/\.\d+$/, '')
    .replace(/^\.restore-.*/, '.restore-*');

/** Looks again and again, also at what is there for a moment. @returns names that the page does not have */
function watchFolder(folder: string) {
  const seen = new Set<string>();
  const look = () => {
    for (const entry of existsSync(folder) ? readdirSync(folder) : []) seen.add(nameOf(entry));
  };
  const timer = setInterval(look, 5).unref();
  return {
    seen,
    end() {
      clearInterval(timer);
      look();
      return [...seen].filter((entry) => !filesOnPage.includes(entry));
    },
  };
}

test('every folder of a server’s data directory is on the page', async (t) => {
  const app = await testApp(t);
  const folder = watchFolder(app.dataDir);
  await recordSound(app);
  const response = await app.request(`/v1/uploads?id=${uuidv7()}&recordingId=${uuidv7()}&name=a.wav`, {
    method: 'POST',
    headers: { 'content-type': 'application/octet-stream' },
    body: encodeWav(new Float32Array(16_000)),
  });
  assert.ok(response.ok, await response.text());
  assert.deepEqual(folder.end(), []);
  for (const name of ['speakr.db', 'uploads']) assert.ok(folder.seen.has(name), name);
});

test('and everything that the commands leave there', async (t) => {
  buildCli();
  const app = await testApp(t, { values: { localProcessing: 'forbidden' } });
  await using machine = newMachine({ SPEAKR_PASSPHRASE: 'correct horse' });
  const folder = watchFolder(machine.dataDir);
  const run = async (args: string[], options?: RunOptions) => {
    const { code, stderr } = await machine.run(args, options);
    assert.equal(code, 0, `${args.join(' ')}: ${stderr}`);
  };
  mkdirSync(machine.path('inbox'));
  speak(sentence, machine.path('inbox/talk.wav'));
  await run(['record', '--input', 'inbox/talk.wav', '--no-clipboard']);
  await run(['watch', 'inbox', '--once', '--settle', '0']);
  await run(['transcribe', 'inbox/talk.wav', '--upload']);
  await run(['backup', 'all.backup']);
  await run(['restore', 'all.backup', '--yes']);
  // A server that forbids it is remembered.
  await run(['record', '--input', 'inbox/talk.wav', '--no-clipboard'], {
    env: { SPEAKR_SERVER: app.url, SPEAKR_TOKEN: app.app.token },
  });
  assert.deepEqual(folder.end(), []);
  for (const name of ['intake.jsonl', 'pending-uploads', 'servers.json', 'run', 'spool', 'keys'])
    assert.ok(folder.seen.has(name), name);
});
