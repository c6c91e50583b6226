import { closeSync, mkdirSync, openSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { SpeakrError } from '@speakr/contracts/problem';
import { Kysely } from 'kysely';
import type { Clock } from '../clock.ts';
import type { Keys } from '../keys/keys.ts';
import type { EraseQueries } from './erase-owner.ts';
import { createHeldPages, type HeldPages } from './held-pages.ts';
import { createKyselyStore } from './kysely-store.ts';
import { pagePassages } from './page-passages.ts';
import { pageScan } from './page-scan.ts';
import { finishRestore } from './restore-swap.ts';
import type { Queries, Tables } from './schema.ts';
import { nodeSqliteDialect } from './sqlite-dialect.ts';
import { isBusy, translateSqliteError, translating } from './sqlite-errors.ts';
import { migrate } from './sqlite-migrate.ts';
import { sqliteMigrations } from './sqlite-migrations.ts';
import type { Store } from './store.ts';

/** SQLite waits this long in the thread; longer waits leave the event loop free (sqlite-dialect.ts). */
const BUSY_TIMEOUT_MS = 20;
const LOCK_PATIENCE_MS = 5000;

/** A store on SQLite, with the connections that the bus of the same process shares. */
export interface SqliteStore extends Store {
  /** The only connection of this process that writes: a second one would wait for this one's transaction. */
  readonly writer: Queries;
  /** Sees what was committed when its transaction began. */
  readonly reader: Queries;
  readonly path: string;
}

function connect(path: string, timeout: number): DatabaseSync {
  const database = new DatabaseSync(path, { timeout, enableForeignKeyConstraints: true });
  try {
    database.exec(`
      pragma journal_mode = wal;
      pragma synchronous = full;
      pragma secure_delete = on;
      pragma temp_store = memory;
      pragma trusted_schema = off;
    `);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** Opens and migrates, waiting while another process does the same. */
async function openMigrated(path: string, patienceMs: number): Promise<DatabaseSync> {
  const start = performance.now();
  for (;;) {
    let database: DatabaseSync | undefined;
    try {
      database = connect(path, BUSY_TIMEOUT_MS);
      migrate(database, sqliteMigrations);
      return database;
    } catch (error) {
      database?.close();
      if (!isBusy(error) || performance.now() - start > patienceMs) throw translateSqliteError(error);
      await sleep(BUSY_TIMEOUT_MS);
    }
  }
}

const isEmpty = (path: string) => (statSync(path, { throwIfNoEntry: false })?.size ?? 0) === 0;

/** Made with the right mode from the start; SQLite gives its side files the mode of the database. */
function createFile(path: string): void {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    closeSync(openSync(path, 'a', 0o600));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new SpeakrError(
      code === 'ENOSPC' ? 'disk_full' : 'database_inaccessible',
      `The database ${path} cannot be made (${code}).`,
      { cause: error },
    );
  }
}

const erase: EraseQueries = {
  async audit(db, owner, now) {
    const { entries } = await db
      .selectFrom('audit_log')
      .select(({ fn }) => fn.countAll<number>().as('entries'))
      .where('user_id', '=', owner)
      .executeTakeFirstOrThrow();
    if (entries === 0) return 0;
    const nobody = { user_id: '', actor: '', recording_id: '' };
    const { seq } = await db
      .insertInto('audit_log')
      .values({ ...nobody, at: now, action: 'account.erased', subject: String(entries) })
      .returning('seq')
      .executeTakeFirstOrThrow();
    await db
      .updateTable('audit_log')
      .set({ ...nobody, subject: null, salt: null, erased_by: seq })
      .where('user_id', '=', owner)
      .execute();
    return entries;
  },
  beside: async () => {},
};

/**
 * Opens the database of the embedded profile, makes and migrates it where needed.
 * @param path the database file, `speakr.db` of the data directory
 * @param lockPatienceMs how long to wait for other processes, ms
 * @throws SpeakrError `database_newer`, `database_corrupt`, `database_locked`, `database_inaccessible`, `disk_full`,
 *   `key_missing`
 */
export async function openSqliteStore({
  path,
  keys,
  clock,
  traceparent,
  lockPatienceMs = LOCK_PATIENCE_MS,
  held = createHeldPages(),
}: {
  path: string;
  keys: Keys;
  clock: Clock;
  /** W3C trace context of what is running, for the messages. */
  traceparent?: () => string | undefined;
  lockPatienceMs?: number;
  /** Pages of passages in memory; closed with the store. */
  held?: HeldPages;
}): Promise<SqliteStore> {
  finishRestore(dirname(path));
  if (isEmpty(path)) {
    await keys.prepare();
    createFile(path);
  }
  const database = await openMigrated(path, lockPatienceMs);
  const writer = new Kysely<Tables>({ dialect: nodeSqliteDialect(database, { lockPatienceMs }) });
  // A reader waits only while another process opens or mends the database after a crash.
  const readDatabase = translating(() => connect(path, lockPatienceMs));
  readDatabase.exec('pragma query_only = on');
  const reader = new Kysely<Tables>({ dialect: nodeSqliteDialect(readDatabase, { lockPatienceMs }) });
  const anyUser = await reader.selectFrom('users').select('id').limit(1).executeTakeFirst();
  if (!anyUser) await keys.prepare();

  const store = createKyselyStore({
    write: (_owner, work) => writer.transaction().execute(work),
    read: (_owner, work) => reader.transaction().setAccessMode('read only').execute(work),
    readAsKey: (_key, work) => reader.transaction().setAccessMode('read only').execute(work),
    passages: (context) => ({ ...pagePassages(context), ...pageScan(context, held) }),
    erase,
    auditing: writer,
    keys,
    clock,
    traceparent,
    // What was deleted is still in the write-ahead log. A reader of another process may keep a part of it alive; the
    // data key is unreadable without the user key all the same.
    wipe(owner, recordingIds) {
      held.forget(owner, recordingIds);
      translating(() => database.exec('pragma wal_checkpoint(truncate)'));
    },
    async close() {
      held.close();
      await reader.destroy();
      await writer.destroy();
      // Kysely leaves a connection alone that it has never used.
      for (const each of [readDatabase, database]) if (each.isOpen) each.close();
    },
  });
  return { ...store, writer, reader, path };
}
