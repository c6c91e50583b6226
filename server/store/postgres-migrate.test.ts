import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { execute, preparePostgres } from '../fixtures/postgres-database.ts';
import { testPostgres } from '../fixtures/services.ts';
import { migratePostgres } from './postgres-migrate.ts';
import { postgresMigrations } from './postgres-migrations.ts';

const postgres = await testPostgres();

/** Everything that migrations make: columns, indexes, constraints, policies and grants. */
const SCHEMA = `
  select 'column' as kind, table_name as place, column_name || ' ' || data_type || ' ' || is_nullable as what
    from information_schema.columns where table_schema = 'speakr'
  union all select 'index', tablename, indexdef from pg_indexes where schemaname = 'speakr'
  union all select 'constraint', conrelid::regclass::text, pg_get_constraintdef(oid)
    from pg_constraint where connamespace = 'speakr'::regnamespace
  union all select 'policy', tablename, policyname || coalesce(qual, '') || roles::text
    from pg_policies where schemaname = 'speakr'
  union all select 'wall', relname, relrowsecurity::text || relforcerowsecurity::text
    from pg_class where relnamespace = 'speakr'::regnamespace
  union all select 'grant', table_name, grantee || ' ' || privilege_type
    from information_schema.table_privileges where table_schema = 'speakr'
  order by 1, 2, 3
`;

describe('migrations of PostgreSQL', { skip: postgres.missing }, () => {
  const prepared = async (t: TestContext) => {
    const database = await postgres.createDatabase();
    t.after(() => database.drop());
    const urls = await preparePostgres(database.url);
    const schema = async () => (await execute(urls.admin, SCHEMA)).rows;
    const version = async () =>
      (await execute(urls.admin, 'select coalesce(max(version), 0) as version from speakr.schema_migrations'))
        .rows[0].version;
    return { urls, schema, version };
  };

  it('go back step by step and forward again to the same schema', async (t) => {
    const { urls, schema } = await prepared(t);
    await migratePostgres(urls.owner, postgresMigrations, 0);
    assert.deepEqual(await schema(), []);
    const states: unknown[] = [];
    for (let version = 1; version <= postgresMigrations.length; version++) {
      await migratePostgres(urls.owner, postgresMigrations, version);
      states.push(await schema());
    }
    for (let version = postgresMigrations.length - 1; version > 0; version--) {
      await migratePostgres(urls.owner, postgresMigrations, version);
      assert.deepEqual(await schema(), states[version - 1]);
    }
    await migratePostgres(urls.owner, postgresMigrations);
    assert.deepEqual(await schema(), states.at(-1));
  });

  const steps = [
    ...postgresMigrations,
    { name: 'one', up: 'create table one (a int)', down: 'drop table one' },
    { name: 'two', up: 'create table two (a int)', down: 'drop table two' },
  ];

  it('leave the database as it was when a step fails', async (t) => {
    const { urls, schema, version } = await prepared(t);
    const before = await schema();
    const broken = [
      ...steps.slice(0, -1),
      { ...steps.at(-1)!, up: 'create table two (a int); select 1 / 0' },
    ];
    await assert.rejects(migratePostgres(urls.owner, broken), /division by zero/);
    assert.deepEqual(await schema(), before);
    assert.equal(await version(), postgresMigrations.length);
  });

  it('run once when several processes start at the same moment', async (t) => {
    const { urls, version } = await prepared(t);
    await Promise.all(Array.from({ length: 5 }, () => migratePostgres(urls.owner, steps)));
    assert.equal(await version(), steps.length);
  });

  it('refuse a database from the future, and versions that do not exist', async (t) => {
    const { urls } = await prepared(t);
    await migratePostgres(urls.owner, steps);
    await assert.rejects(migratePostgres(urls.owner, postgresMigrations), { code: 'database_newer' });
    await assert.rejects(migratePostgres(urls.owner, steps, steps.length + 1), RangeError);
  });

  it('say in a word that the database is not there', async () => {
    await assert.rejects(migratePostgres('postgres://127.0.0.1:1/speakr', postgresMigrations), {
      code: 'unavailable',
    });
  });
});
