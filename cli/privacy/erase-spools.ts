import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isRunning, listSpools } from '../recorder/spool-meta.ts';

/** How long a recorder that was told to discard may take, and how soon that is looked at, ms. */
const END_MS = 10_000;
const LOOK_MS = 100;

/** Removes what recorders of this machine have kept, once they have ended. @returns how many recordings */
export async function eraseSpools(spoolDir: string): Promise<number> {
  const recording = async () => (await listSpools(spoolDir)).some(isRunning);
  for (let waited = 0; waited < END_MS && (await recording()); waited += LOOK_MS) await sleep(LOOK_MS);
  const names = await readdir(spoolDir).catch(() => []);
  for (const name of names) await rm(join(spoolDir, name), { recursive: true, force: true, maxRetries: 10 });
  return names.length;
}
