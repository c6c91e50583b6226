import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Runs `work` while no other process of this machine does so for the same lock. A lock whose owner has died is taken.
 * @template T
 * @param {string} directory the lock: holds the owner's process id, removed at the end
 * @param {{ onWait: () => void }} options `onWait` is called once, when somebody else holds the lock
 * @param {() => T | Promise<T>} work
 */
export async function withLock(directory, { onWait }, work) {
  mkdirSync(path.dirname(directory), { recursive: true });
  for (let waited = false; !acquire(directory); waited = true) {
    if (!waited) onWait();
    await sleep(200);
  }
  // Renamed first: while its content is removed, an empty directory could be taken by the next owner.
  const release = () => {
    const released = `${directory}-released-${process.pid}`;
    if (moves(directory, released)) rmSync(released, { recursive: true, force: true });
  };
  process.once('exit', release);
  try {
    return await work();
  } finally {
    process.off('exit', release);
    release();
  }
}

function acquire(directory) {
  // The directory appears with the process id in it, in one step.
  const mine = `${directory}-${process.pid}`;
  mkdirSync(mine, { recursive: true });
  writeFileSync(path.join(mine, 'pid'), String(process.pid));
  if (moves(mine, directory)) return true;
  rmSync(mine, { recursive: true, force: true });

  const dead = deadOwner(directory);
  if (dead !== undefined) {
    // Only one of several waiting processes can move it there: the name is taken for the others.
    const stale = `${directory}-stale-${dead}`;
    if (moves(directory, stale))
      setTimeout(() => rmSync(stale, { recursive: true, force: true }), 1000).unref();
  }
  return false;
}

function moves(from, to) {
  try {
    renameSync(from, to);
    return true;
  } catch (error) {
    if (existsSync(to) || error.code === 'ENOENT') return false;
    throw error;
  }
}

function deadOwner(directory) {
  try {
    const pid = Number(readFileSync(path.join(directory, 'pid'), 'utf8'));
    process.kill(pid, 0);
  } catch (error) {
    if (error.code === 'ESRCH') return Number(readFileSync(path.join(directory, 'pid'), 'utf8'));
  }
  return undefined;
}
