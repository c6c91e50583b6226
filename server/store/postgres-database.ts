import { setTimeout as sleep } from 'node:timers/promises';
import { CompiledQuery, Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';
import type { RunTransaction } from './kysely-store.ts';
import { behind, PipeliningDriver, statementNames, tuneClient } from './postgres-driver.ts';
import { postgresFailure, translatePostgresError } from './postgres-errors.ts';
import type { Queries, Tables } from './schema.ts';

/** Longest time for one statement, and for waiting for another transaction of the same owner, ms. */
const STATEMENT_MS = 30_000;
const LOCK_MS = 10_000;
/** A server that does not even say so in time has vanished: this much longer, or twice the time for one statement. */
const SILENCE_MS = 5000;
/** How soon a connection on which nothing is said is tested, ms. */
const KEEP_ALIVE_MS = 10_000;
/** A process that forgets a transaction must not keep its owner out, ms. */
const IDLE_IN_TRANSACTION_MS = 60_000;
/** Longest wait for a free connection, ms. */
const CONNECT_MS = 10_000;
const POOL_SIZE = 10;

/** How long a transaction is tried again while the database is away (a restart takes a second), ms. */
const PATIENCE_MS = 10_000;
const COLLISION_ATTEMPTS = 5;
const RETRY_MS = 50;
const LONGEST_RETRY_MS = 1000;

export interface PostgresOptions {
  readonly url: string;
  /** Connections at most; 10 when absent. */
  readonly poolSize?: number;
  /** Longest wait for a connection, ms. */
  readonly connectMs?: number;
  /** Longest time for one statement, ms. */
  readonly statementMs?: number;
  /** How long a broken transaction is tried again, ms. */
  readonly patienceMs?: number;
}

const INT8 = 20;
const numbers = {
  getTypeParser(oid: number, format?: 'text' | 'binary') {
    // All 64-bit numbers that are read here are times and counts, far below 2 ** 53.
    if (oid === INT8 && format !== 'binary') return Number;
    return pg.types.getTypeParser(oid, format as 'text');
  },
} as pg.CustomTypesConfig;

export interface PostgresDatabase {
  readonly db: Queries;
  close(): Promise<void>;
}

/** A pool of connections. Connects when it is first used. */
export function connectPostgres(options: PostgresOptions): PostgresDatabase {
  const { statementMs = STATEMENT_MS } = options;
  const pool = new pg.Pool({
    connectionString: options.url,
    max: options.poolSize ?? POOL_SIZE,
    connectionTimeoutMillis: options.connectMs ?? CONNECT_MS,
    application_name: 'speakr',
    options: '-c search_path=speakr,public',
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_MS,
    statement_timeout: statementMs,
    query_timeout: statementMs + Math.min(SILENCE_MS, statementMs),
    lock_timeout: LOCK_MS,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS,
    types: numbers,
    pipeline: true,
  });
  const nameOf = statementNames();
  // A connection may break while no query is under way, in the pool or between two statements. Unheard, that would end
  // the process; the next query fails for it, and the pool drops it.
  pool.on('error', () => {});
  pool.on('connect', (client) => {
    client.on('error', () => {});
    tuneClient(client, nameOf);
  });
  const dialect = new PostgresDialect({ pool });
  dialect.createDriver = () => new PipeliningDriver({ pool });
  const db = new Kysely<Tables>({ dialect });
  return { db, close: () => db.destroy() };
}

/**
 * Transactions in the name of one owner. The database lets them see that owner's rows only, whatever their queries
 * say: `app.user` ends with the transaction. Those that write wait for each other, owner by owner. After a collision,
 * or when the connection breaks before the commit was sent, they run again.
 */
export function ownerTransactions(
  { db }: Pick<PostgresDatabase, 'db'>,
  { patienceMs = PATIENCE_MS }: { patienceMs?: number } = {},
): { write: RunTransaction; read: RunTransaction; readAsKey: RunTransaction } {
  // Values are part of these statements, so that they can travel with the one that begins the transaction.
  const write: RunTransaction = (owner, work) =>
    retrying(patienceMs, (progress) =>
      db
        .transaction()
        .setIsolationLevel('read committed')
        .execute(async (transaction) => {
          // The owner's lock first: every later statement sees what the one before it committed.
          const name = pg.escapeLiteral(owner);
          const begun = transaction.executeQuery(
            CompiledQuery.raw(
              `select set_config('app.user', ${name}, true), pg_advisory_xact_lock(hashtextextended(${name}, 0))`,
            ),
          );
          const result = await behind(begun, () => work(transaction));
          progress.committing = true;
          return result;
        }),
    );
  const readAs =
    (setting: 'app."user"' | 'app.key'): RunTransaction =>
    (name, work) =>
      retrying(patienceMs, () =>
        db
          .transaction()
          .setIsolationLevel('repeatable read')
          .setAccessMode('read only')
          .execute(async (transaction) => {
            const begun = transaction.executeQuery(
              CompiledQuery.raw(`set local ${setting} to ${pg.escapeLiteral(name)}`),
            );
            return behind(begun, () => work(transaction));
          }),
      );
  return { write, read: readAs('app."user"'), readAsKey: readAs('app.key') };
}

interface Progress {
  /** From here on a broken connection may hide a commit that happened. */
  committing: boolean;
}

/** Runs a transaction again as long as that is safe and may help. */
async function retrying<T>(patienceMs: number, attempt: (progress: Progress) => Promise<T>): Promise<T> {
  const start = performance.now();
  for (let tries = 1; ; tries++) {
    const progress: Progress = { committing: false };
    try {
      return await attempt(progress);
    } catch (error) {
      const failure = postgresFailure(error);
      const mayHelp =
        (failure === 'collision' && tries < COLLISION_ATTEMPTS) ||
        ((failure === 'unsent' || (failure === 'lost' && !progress.committing)) &&
          performance.now() - start < patienceMs);
      // What Kysely itself throws, the driver has not seen.
      if (!mayHelp) throw translatePostgresError(error);
      const wait = Math.min(RETRY_MS * 2 ** (tries - 1), LONGEST_RETRY_MS);
      await sleep(wait * (0.5 + Math.random() / 2));
    }
  }
}
