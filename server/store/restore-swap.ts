import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { BACKED_UP_DIRECTORIES, DATABASE_FILE } from './data-directory.ts';

/** Holds a verified backup that shall take the place of what is in the data directory. */
const READY = '.restore-ready';
const REPLACED = '.restore-replaced';

/** What is swapped as a whole. Side files of the database belong to the old one. */
const swapped = [...BACKED_UP_DIRECTORIES, `${DATABASE_FILE}-wal`, `${DATABASE_FILE}-shm`, DATABASE_FILE];

/**
 * Puts a verified backup in place. From the rename on it is certain: after a crash `finishRestore` goes on.
 * @param staged a directory within `dataDir`
 */
export function commitRestore(dataDir: string, staged: string): void {
  finishRestore(dataDir);
  // Every directory is swapped, also one of which the backup has nothing.
  for (const directory of BACKED_UP_DIRECTORIES) mkdirSync(join(staged, directory), { recursive: true });
  renameSync(staged, join(dataDir, READY));
  finishRestore(dataDir);
}

/**
 * Ends a restore that a crash interrupted, and removes what an earlier one left; does nothing without one. Called before
 * the database is opened.
 */
export function finishRestore(dataDir: string): void {
  const ready = join(dataDir, READY);
  if (!existsSync(ready)) {
    removeLeftovers(dataDir);
    return;
  }
  const replaced = join(dataDir, REPLACED);
  mkdirSync(replaced, { recursive: true, mode: 0o700 });
  const isSwapped = () => !existsSync(join(ready, DATABASE_FILE));
  for (const name of isSwapped() ? [] : swapped) {
    const isSideFile = name.startsWith(`${DATABASE_FILE}-`);
    const fresh = join(ready, name);
    if (!isSideFile && !existsSync(fresh)) continue;
    const current = join(dataDir, name);
    if (existsSync(current)) {
      rmSync(join(replaced, name), { recursive: true, force: true });
      renameSync(current, join(replaced, name));
    }
    if (!isSideFile) renameSync(fresh, current);
  }
  rmSync(ready, { recursive: true, force: true });
  rmSync(replaced, { recursive: true, force: true });
}

/** A backup is unpacked within this, ms: what is older was left by a crash. */
const UNPACKED_MS = 24 * 60 * 60 * 1000;

/** Nobody needs what was replaced, nor a backup that was not unpacked to its end; both are somebody's data. */
function removeLeftovers(dataDir: string): void {
  for (const name of namesIn(dataDir)) {
    if (!name.startsWith('.restore-') || name === READY) continue;
    const path = join(dataDir, name);
    const changedAt = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
    if (name === REPLACED || changedAt < Date.now() - UNPACKED_MS)
      rmSync(path, { recursive: true, force: true });
  }
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    // Opening the database says what is wrong with it.
    return [];
  }
}
