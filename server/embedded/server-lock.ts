import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

const SQLITE_BUSY = 5;

/**
 * Holds the one place a data directory has for a running server. The lock is SQLite's on an empty database: the
 * operating system releases it when its holder dies, however that happens.
 * @returns releases it; undefined when another server holds it
 */
export function takeServerLock(runtimeDir: string): (() => void) | undefined {
  mkdirSync(runtimeDir, { recursive: true, mode: 0o700 });
  const database = new DatabaseSync(join(runtimeDir, 'server.lock'), { timeout: 0 });
  try {
    database.exec('BEGIN EXCLUSIVE');
    return () => database.close();
  } catch (error) {
    database.close();
    if ((error as { errcode?: number }).errcode === SQLITE_BUSY) return undefined;
    throw error;
  }
}
