import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
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
/** Prepared statements kept per connection; queries with lists of values differ in text. */
const MAX_STATEMENTS = 200;

/**
 * Waits for the lock without blocking the event loop: SQLite's own busy handler sleeps in the thread, and would keep
 * a transaction of this process from ending for which it waits.
 */
async function whenFree(begin: () => Promise<unknown>, patienceMs: number): Promise<void> {
  const start = performance.now();
  for (;;) {
    try {
      await begin();
      return;
    } catch (error) {
      const busy = isBusy((error as Error).cause ?? error);
      if (!busy || performance.now() - start > patienceMs) throw error;
      await sleep(LOCK_RETRY_MS);
    }
  }
}

class ImmediateSqliteDriver extends SqliteDriver {
  readonly #lockPatienceMs: number;

  constructor(config: SqliteDialectConfig, lockPatienceMs: number) {
    super(config);
    this.#lockPatienceMs = lockPatienceMs;
  }

  /** Takes the write lock at once, so that a transaction that has begun cannot fail for it later. */
  override async beginTransaction(
    connection: DatabaseConnection,
    settings?: TransactionSettings,
  ): Promise<void> {
    const mode = settings?.accessMode === 'read only' ? 'deferred' : 'immediate';
    const begin = CompiledQuery.raw(`begin ${mode}`);
    await whenFree(() => connection.executeQuery(begin), this.#lockPatienceMs);
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
  dialect.createDriver = (): Driver => new ImmediateSqliteDriver(config, lockPatienceMs);
  return dialect;
}
