import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';

const POLL_MS = 200;

/**
 * Runs `work` while no other process pulls into the same models directory. The lock is SQLite's on an empty database:
 * the operating system releases it when its holder dies, however that happens.
 * @param options `onWait` is called once when another pull is under way
 */
export async function withPullLock<T>(
  modelsDir: string,
  work: () => Promise<T>,
  { signal, onWait }: { signal?: AbortSignal; onWait?: () => void } = {},
): Promise<T> {
  const database = new DatabaseSync(join(modelsDir, '.pull-lock'), { timeout: 0 });
  try {
    for (let attempt = 0; !tryLock(database); attempt++) {
      if (attempt === 0) onWait?.();
      await sleep(POLL_MS, undefined, { signal });
    }
    return await work();
  } finally {
    database.close();
  }
}

const SQLITE_BUSY = 5;

function tryLock(database: DatabaseSync): boolean {
  try {
    database.exec('BEGIN EXCLUSIVE');
    return true;
  } catch (error) {
    if ((error as { errcode?: number }).errcode === SQLITE_BUSY) return false;
    throw error;
  }
}
