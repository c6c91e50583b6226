import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { v7 as uuidv7 } from 'uuid';
import { z } from 'zod';

const Ids = z.object({ uploadId: z.uuid(), recordingId: z.uuid() });

/** An upload that may take several runs of the command. */
export interface PendingUpload extends z.infer<typeof Ids> {
  /** Whether an earlier run began it. */
  readonly isResumed: boolean;
  /** It has come to its end, or is of no use any more. */
  forget(): Promise<void>;
}

/** Servers keep what they have been sent for seven days at the most. */
const KEPT_MS = 8 * 24 * 60 * 60 * 1000;

const directoryIn = (dataDir: string) => join(dataDir, 'pending-uploads');

/** Forgets all of them, at any server, since only their hash says where: what was under way begins anew. */
export const erasePendingUploads = (dataDir: string): Promise<void> =>
  rm(directoryIn(dataDir), { recursive: true, force: true, maxRetries: 10 });

/**
 * The ids of an upload: those of the run before, when that was broken off. Only hashes and ids are kept.
 * @param identity what makes it the same upload: server, file as it is, wishes
 */
export async function openPendingUpload(
  dataDir: string,
  identity: readonly unknown[],
): Promise<PendingUpload> {
  const directory = directoryIn(dataDir);
  await mkdir(directory, { recursive: true, mode: 0o700 });
  await removeOld(directory);
  const name = createHash('sha256').update(JSON.stringify(identity)).digest('hex');
  const path = join(directory, `${name}.json`);
  const forget = () => rm(path, { force: true });
  const known = Ids.safeParse(await readFile(path, 'utf8').then(JSON.parse, () => undefined));
  if (known.success) return { ...known.data, isResumed: true, forget };
  const ids = { uploadId: uuidv7(), recordingId: uuidv7() };
  await writeFile(path, JSON.stringify(ids), { mode: 0o600 });
  return { ...ids, isResumed: false, forget };
}

async function removeOld(directory: string): Promise<void> {
  for (const name of await readdir(directory)) {
    const path = join(directory, name);
    const facts = await stat(path).catch(() => undefined);
    if (facts !== undefined && facts.mtimeMs < Date.now() - KEPT_MS) await rm(path, { force: true });
  }
}
