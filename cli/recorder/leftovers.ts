import { rm } from 'node:fs/promises';
import { isRunning, listSpools, type SpoolMeta, spoolDirectory } from './spool-meta.ts';

/** How long a discarded recording can be taken back. */
export const RESTORABLE_MS = 7 * 24 * 60 * 60 * 1000;

export type OpenSpoolMeta = Omit<SpoolMeta, 'secret'>;

export interface Leftovers {
  /** Being recorded right now, by a process that is there. */
  readonly running: OpenSpoolMeta[];
  /** Left by a crash, or by a server that never came up. */
  readonly unfinished: OpenSpoolMeta[];
  /** Discarded, and not yet too old to be taken back. */
  readonly discarded: OpenSpoolMeta[];
}

/** Sorts what is in the spool directory; discarded recordings that are too old are removed for good. */
export async function sortSpools(spoolDir: string, now: number): Promise<Leftovers> {
  const all = await listSpools(spoolDir);
  const tooOld = all.filter(
    (meta) => meta.state === 'discarded' && (meta.discardedAt ?? 0) + RESTORABLE_MS < now,
  );
  for (const { recordingId } of tooOld)
    await rm(spoolDirectory(spoolDir, recordingId), { recursive: true, force: true });
  const rest = all.filter((meta) => !tooOld.includes(meta));
  return {
    running: rest.filter(isRunning),
    unfinished: rest.filter((meta) => meta.state !== 'discarded' && !isRunning(meta)),
    discarded: rest.filter((meta) => meta.state === 'discarded'),
  };
}
