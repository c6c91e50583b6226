import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A write of Node takes less than 2 GiB. */
const FILLER_BYTES = 2 ** 28;

/** A file system of its own in memory, small enough to be filled. */
export interface SmallDisk extends Disposable {
  /** Leaves no room for anything more. */
  fill(): void;
  free(): void;
}

/** Whether this process may mount file systems: only as root on Linux, and not in every container. */
export function canMount(): boolean {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return false;
  const probe = '/tmp/speakr-mount-probe';
  mkdirSync(probe, { recursive: true });
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', probe]).status === 0;
  if (mounted) spawnSync('umount', [probe]);
  rmSync(probe, { recursive: true, force: true });
  return mounted;
}

/** Mounts one on a directory. @param megabytes its size */
export function smallDisk(directory: string, megabytes: number): SmallDisk {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const mount = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m,mode=700`, 'tmpfs', directory], {
    encoding: 'utf8',
  });
  if (mount.status !== 0) throw new Error(`a file system could not be mounted: ${mount.stderr}`);
  const filler = (index: number) => join(directory, `filler-${index}`);
  let fillers = 0;
  return {
    fill() {
      // Whoever gives up space meanwhile must not leave any.
      for (let tries = 0; tries < 5; tries += 1) {
        const { bavail, bsize } = statfsSync(directory);
        if (bavail === 0) return;
        for (let left = bavail * bsize; left > 0; left -= FILLER_BYTES) {
          try {
            writeFileSync(filler(fillers), Buffer.alloc(Math.min(left, FILLER_BYTES)));
          } catch (error) {
            if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
          }
          fillers += 1;
        }
      }
    },
    free() {
      for (; fillers > 0; fillers -= 1) rmSync(filler(fillers - 1), { force: true });
    },
    [Symbol.dispose]() {
      spawnSync('umount', ['-l', directory]);
    },
  };
}
