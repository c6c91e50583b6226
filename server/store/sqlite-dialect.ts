import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import {
  CompiledQuery,
  type DatabaseConnection,
  type Driver,
  SqliteDialect,
  type SqliteDialectConfig,
  SqliteDriver,
  type TransactionSettings,
} from 'kysely';
import { isBusy, translateSqliteError, translating } from './sqlite-errors.ts';

/** How long a transaction waits for another process to finish its own, ms. */
const LOCK_PATIENCE_MS = 5000;
const LOCK_RETRY_MS = 10;
/** SQLite answers without a wait, so a chain of transactions would keep sockets and timers out for as long as it is. */
const TURN_MS = 10;
/** Prepared statements kept per connection; queries with lists of values differ in text. */
const MAX_STATEMENTS = 200;

/**
 * Waits for the lock without blocking the event loop: SQLite's own busy handler sleeps in the thread, and would keep
 * a transaction of this process from ending for which it waits.
 */
async function whenFree<T>(attempt: () => Promise<T>, patienceMs: number): Promise<T> {
  const start = performance.now();
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      const isLocked = isBusy((error as Error).cause);
      if (!isLocked || performance.now() - start > patienceMs) throw error;
      await sleep(LOCK_RETRY_MS);
    }
  }
}

class PatientSqliteDriver extends SqliteDriver {
  readonly #database: DatabaseSync;
  readonly #lockPatienceMs: number;
  #connection: DatabaseConnection | undefined;
  #turnBegan = performance.now();

  constructor(config: SqliteDialectConfig, database: DatabaseSync, lockPatienceMs: number) {
    super(config);
    this.#database = database;
    this.#lockPatienceMs = lockPatienceMs;
  }

  /** A connection that waits where the lock is taken: at the begin of a transaction and for a lone statement. */
  override async acquireConnection(): Promise<DatabaseConnection> {
    const plain = await super.acquireConnection();
    this.#connection ??= {
      executeQuery: (query) => {
        if (this.#database.isTransaction) return plain.executeQuery(query);
        return whenFree(() => plain.executeQuery(query), this.#lockPatienceMs);
      },
      streamQuery: (query, chunkSize) => plain.streamQuery(query, chunkSize),
    };
    return this.#connection;
  }

  /** Takes the write lock at once, so that a transaction that has begun cannot fail for it later. */
  override async beginTransaction(
    connection: DatabaseConnection,
    settings?: TransactionSettings,
  ): Promise<void> {
    if (performance.now() - this.#turnBegan > TURN_MS) {
      await nextTurn();
      this.#turnBegan = performance.now();
    }
    const mode = settings?.accessMode === 'read only' ? 'deferred' : 'immediate';
    await connection.executeQuery(CompiledQuery.raw(`begin ${mode}`));
  }

  /** SQLite has rolled back by itself after a full disk or an I/O error. */
  override async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    await super.rollbackTransaction(connection).catch((error: unknown) => {
      if (!String(error).includes('no transaction is active')) throw error;
    });
  }
}

type Parameters = readonly unknown[];
const values = (parameters: Parameters) => parameters as SQLInputValue[];

/** Kysely's SQLite dialect on node:sqlite. */
export function nodeSqliteDialect(
  database: DatabaseSync,
  { lockPatienceMs = LOCK_PATIENCE_MS }: { lockPatienceMs?: number } = {},
): SqliteDialect {
  const statements = new Map<string, StatementSync>();
  const prepare = (sql: string) => {
    const known = statements.get(sql);
    if (known) return known;
    if (statements.size >= MAX_STATEMENTS) statements.clear();
    const statement = translating(() => database.prepare(sql));
    statements.set(sql, statement);
    return statement;
  };
  const config: SqliteDialectConfig = {
    database: {
      close: () => {
        statements.clear();
        database.close();
      },
      prepare(sql) {
        const statement = prepare(sql);
        return {
          reader: statement.columns().length > 0,
          all: (parameters: Parameters) => translating(() => statement.all(...values(parameters))),
          run: (parameters: Parameters) => translating(() => statement.run(...values(parameters))),
          *iterate(parameters: Parameters) {
            try {
              yield* statement.iterate(...values(parameters));
            } catch (error) {
              throw translateSqliteError(error);
            }
          },
        };
      },
    },
  };
  const dialect = new SqliteDialect(config);
  dialect.createDriver = (): Driver => new PatientSqliteDriver(config, database, lockPatienceMs);
  return dialect;
}
