import { SpeakrError } from '@speakr/contracts/problem';
import { sql } from 'kysely';
import type { Clock } from '../clock.ts';
import type { Keys } from '../keys/keys.ts';
import type { EraseQueries } from './erase-owner.ts';
import { createKyselyStore } from './kysely-store.ts';
import { connectPostgres, ownerTransactions, type PostgresOptions } from './postgres-database.ts';
import { postgresMigrations } from './postgres-migrations.ts';
import { rowPassages } from './row-passages.ts';
import type { Queries } from './schema.ts';
import type { Store } from './store.ts';

/** A role that sees everybody's rows would make the database's own check of ownership void. */
async function demandWall(db: Queries): Promise<void> {
  const { rows } = await sql<{ all: boolean }>`
    select rolsuper or rolbypassrls or exists (
      select from pg_class where relowner = pg_roles.oid and relnamespace = to_regnamespace('speakr')
    ) as all
    from pg_roles where rolname = current_user
  `.execute(db);
  if (rows[0]?.all !== false)
    throw new SpeakrError(
      'config_invalid',
      'The role of databaseUrl (DATABASE_URL) sees the rows of all users: take speakr_app.',
    );
}

async function demandSchema(db: Queries): Promise<void> {
  const { rows } = await sql<{ version: number }>`
    select count(*)::int as version from schema_migrations
  `.execute(db);
  const version = rows[0]?.version ?? 0;
  if (version > postgresMigrations.length)
    throw new SpeakrError(
      'database_newer',
      `The database has schema version ${version}; this speakr knows ${postgresMigrations.length}.`,
    );
  if (version < postgresMigrations.length)
    throw new SpeakrError(
      'database_inaccessible',
      `The database has schema version ${version} and needs ${postgresMigrations.length}: run the migrations first.`,
    );
}

const erase: EraseQueries = {
  async audit(db, _owner, now) {
    const { rows } = await sql<{ entries: number }>`select erase_audit_log(${now}) as entries`.execute(db);
    return rows[0]?.entries ?? 0;
  },
  async beside(db, owner) {
    await db.deleteFrom('session_slots').where('user_id', '=', owner).execute();
    await db.deleteFrom('rate_buckets').where('key', '=', `user ${owner}`).execute();
  },
};

/**
 * Opens the store of the hosted profile.
 * @param url of a role that owns nothing and sees one user's rows at a time, `speakr_app`
 * @throws SpeakrError `unavailable`; `database_inaccessible` when it is not prepared or migrated; `database_newer`;
 *   `config_invalid` when the role could see the rows of all users
 */
export async function openPostgresStore({
  keys,
  clock,
  traceparent,
  auditing,
  ...options
}: PostgresOptions & {
  keys: Keys;
  clock: Clock;
  /** Of a role that appends to the audit log and reads it, `speakr_worker`. */
  auditing: Queries;
  /** W3C trace context of what is running, for the messages. */
  traceparent?: () => string | undefined;
}): Promise<Store> {
  const database = connectPostgres(options);
  try {
    await demandWall(database.db);
    await demandSchema(database.db);
    await keys.prepare();
  } catch (error) {
    await database.close();
    throw error;
  }
  return createKyselyStore({
    ...ownerTransactions(database, options),
    passages: rowPassages,
    erase,
    auditing,
    keys,
    clock,
    traceparent,
    close: database.close,
  });
}
