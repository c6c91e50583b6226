import { SpeakrError } from '@speakr/contracts/problem';
import pg from 'pg';
import { translatePostgresError } from './postgres-errors.ts';
import type { PostgresMigration } from './postgres-migrations.ts';

/** Any number that nothing else locks: one migrator at a time. */
const MIGRATION_LOCK = 7_310_511;

/** How many migrations the database has been through. */
export async function postgresSchemaVersion(client: Pick<pg.ClientBase, 'query'>): Promise<number> {
  const { rows } = await client.query(`select to_regclass('speakr.schema_migrations') is not null as there`);
  if (!rows[0].there) return 0;
  const found = await client.query('select count(*)::int as version from speakr.schema_migrations');
  return found.rows[0].version;
}

/**
 * Brings the schema to a version, forward or back, in one transaction; several processes may try at once, the others
 * wait and find it done.
 * @param url of the role that owns the tables (deploy/postgres/roles.sql)
 * @param to how many of `migrations` shall be in force; all when absent
 * @throws SpeakrError `database_newer` when the database has been through more than are known here; `unavailable`,
 *   `database_inaccessible`
 */
export async function migratePostgres(
  url: string,
  migrations: readonly PostgresMigration[],
  to: number = migrations.length,
): Promise<void> {
  if (!Number.isInteger(to) || to < 0 || to > migrations.length) {
    throw new RangeError(`There is no schema version ${to}.`);
  }
  const client = new pg.Client({ connectionString: url, application_name: 'speakr migration' });
  // A connection that breaks also fails the query under way; unheard, it would end the process.
  client.on('error', () => {});
  try {
    await client.connect();
    await client.query('begin');
    await client.query('select pg_advisory_xact_lock($1)', [MIGRATION_LOCK]);
    await client.query('set local search_path = speakr, public');
    await step(client, migrations, to);
    await client.query('commit');
  } catch (error) {
    throw translatePostgresError(error);
  } finally {
    await client.end().catch(() => {});
  }
}

async function step(client: pg.Client, migrations: readonly PostgresMigration[], to: number): Promise<void> {
  const from = await postgresSchemaVersion(client);
  if (from > migrations.length) {
    throw new SpeakrError(
      'database_newer',
      `The database has schema version ${from}; this speakr knows ${migrations.length}.`,
    );
  }
  if (from === 0 && to > 0) {
    await client.query(`
      create table if not exists schema_migrations (
        version integer primary key,
        name text not null,
        applied_at timestamptz not null default now()
      );
      grant select on schema_migrations to speakr_app, speakr_worker;
    `);
  }
  for (let version = from; version < to; version++) {
    const { name, up } = migrations[version]!;
    await client.query(up);
    await client.query('insert into schema_migrations (version, name) values ($1, $2)', [version + 1, name]);
  }
  for (let version = from; version > to; version--) {
    await client.query(migrations[version - 1]!.down);
    await client.query('delete from schema_migrations where version = $1', [version]);
  }
  if (from > 0 && to === 0) await client.query('drop table schema_migrations');
}
