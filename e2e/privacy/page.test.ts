import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { audioStreams } from '../../server/audio-log/audio-streams.ts';
import { declaredConsumers } from '../../server/bus/declared-consumers.ts';
import { busStreams } from '../../server/bus/jetstream-streams.ts';
import { execute, preparePostgres } from '../../server/fixtures/postgres-database.ts';
import { testPostgres } from '../../server/fixtures/services.ts';
import { recordSound, testApp } from '../../server/fixtures/test-app.ts';
import { migrate } from '../../server/store/sqlite-migrate.ts';
import { sqliteMigrations } from '../../server/store/sqlite-migrations.ts';

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

test('every folder of the data directory is on the page', async (t) => {
  const app = await testApp(t);
  await recordSound(app);
  const names = named('In files and objects').map((name) => name.replace('/', ''));
  for (const entry of readdirSync(app.dataDir))
    assert.ok(names.includes(entry.replace(/-(wal|shm)$/, '')), `${entry} is not in docs/privacy.md`);
});
