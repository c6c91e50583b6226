import { open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

const Manifest = z.object({
  owner: z.string(),
  tracks: z.array(z.int()),
  /** Track and samples, once the log is complete. */
  sealed: z.array(z.tuple([z.int(), z.int()])).optional(),
});

/** Whose log it is, and how long its tracks are once it is sealed. */
export interface LogManifest {
  readonly owner: string;
  readonly tracks: readonly number[];
  readonly sealed?: ReadonlyMap<number, number>;
}

const FILE = 'log.json';

/** @returns undefined when there is no log in the folder */
export async function readManifest(folder: string): Promise<LogManifest | undefined> {
  let text: string;
  try {
    text = await readFile(join(folder, FILE), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  const { sealed, ...manifest } = Manifest.parse(JSON.parse(text));
  return { ...manifest, ...(sealed === undefined ? {} : { sealed: new Map(sealed) }) };
}

/** Replaces the manifest as a whole: after a crash it is the old or the new one. */
export async function writeManifest(folder: string, manifest: LogManifest): Promise<void> {
  const { sealed, ...rest } = manifest;
  const draft = join(folder, `${FILE}.new`);
  const file = await open(draft, 'w', 0o600);
  try {
    await file.writeFile(
      JSON.stringify({ ...rest, ...(sealed === undefined ? {} : { sealed: [...sealed] }) }),
    );
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(draft, join(folder, FILE));
}
