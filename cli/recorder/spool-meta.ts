import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { SpeakrError } from '@speakr/contracts/problem';
import type { ClientMessage } from '@speakr/contracts/stream';

/** What the user did during the recording; sent to the server, and again after a crash. */
export type SpoolMoment = Extract<ClientMessage, { type: 'mark' | 'note' | 'pause' | 'resume' }>;

/** What a user may not want others to read: encrypted in the file. */
export interface SpoolSecret {
  readonly title?: string;
  readonly tags: readonly string[];
  readonly templateText?: string;
  /** Terms of the project. */
  readonly vocabulary?: readonly string[];
  readonly moments: readonly SpoolMoment[];
}

/** `meta.json` of a spooled recording: enough to finish it after a crash. */
export interface SpoolMeta {
  readonly version: 1;
  readonly recordingId: string;
  readonly startedAt: number;
  readonly language: string;
  readonly model?: string;
  readonly template: string;
  readonly source: string;
  readonly tracks: readonly {
    readonly track: number;
    readonly label: string;
    readonly kind?: 'microphone' | 'system' | 'file';
  }[];
  /** Server it goes to; absent: the one of this machine. */
  readonly server?: string;
  /** Process that records; it may be gone. */
  readonly pid: number;
  /** `recording` until capture ends in an orderly way; a `discarded` spool is removed after 7 days. */
  readonly state: 'recording' | 'captured' | 'discarded';
  readonly discardedAt?: number;
  /**
   * The server of this machine went on while `server` was away, and has finished it: then `server` is still to get it.
   */
  readonly here?: 'started' | 'finished';
  /** Data key, wrapped by the user's key; base64. */
  readonly wrappedKey: string;
  readonly secret: SpoolSecret;
}

type StoredMeta = Omit<SpoolMeta, 'secret'> & { secret: string };

const META = 'meta.json';

export const spoolDirectory = (spoolDir: string, recordingId: string): string => join(spoolDir, recordingId);

export const journalPath = (spoolDir: string, recordingId: string, track: number): string =>
  join(spoolDirectory(spoolDir, recordingId), `track-${track}.journal`);

/** Writes `meta.json` (0600) whole or not at all. @throws NodeJS.ErrnoException, such as ENOSPC */
export async function writeSpoolMeta(spoolDir: string, meta: SpoolMeta, dataKey: Uint8Array): Promise<void> {
  const directory = spoolDirectory(spoolDir, meta.recordingId);
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const stored: StoredMeta = {
    ...meta,
    secret: seal(JSON.stringify(meta.secret), dataKey, meta.recordingId),
  };
  const temporary = join(directory, `${META}.${randomBytes(4).toString('hex')}`);
  const file = await open(temporary, 'w', 0o600);
  try {
    await file.writeFile(`${JSON.stringify(stored, null, 2)}\n`);
    await file.sync();
  } catch (error) {
    await file.close();
    await rm(temporary, { force: true });
    throw error;
  }
  await file.close();
  await rename(temporary, join(directory, META));
}

/** Unwraps the data key of a recording. */
export type UnwrapKey = (wrapped: Uint8Array, recordingId: string) => Promise<Uint8Array>;

/** What `meta.json` says in the clear. @throws SpeakrError `not_found` when there is no readable one */
export async function readSpoolMeta(
  spoolDir: string,
  recordingId: string,
): Promise<Omit<SpoolMeta, 'secret'>> {
  const { secret: _, ...open } = await readStored(spoolDir, recordingId);
  return open;
}

/** All of `meta.json`, with the data key. @throws SpeakrError `not_found`, `key_missing` */
export async function openSpoolMeta(
  spoolDir: string,
  recordingId: string,
  unwrap: UnwrapKey,
): Promise<{ meta: SpoolMeta; dataKey: Uint8Array }> {
  const stored = await readStored(spoolDir, recordingId);
  const dataKey = await unwrap(Buffer.from(stored.wrappedKey, 'base64'), recordingId);
  const secret = JSON.parse(unseal(stored.secret, dataKey, recordingId)) as SpoolSecret;
  return { meta: { ...stored, secret }, dataKey };
}

async function readStored(spoolDir: string, recordingId: string): Promise<StoredMeta> {
  try {
    const stored = JSON.parse(await readFile(join(spoolDirectory(spoolDir, recordingId), META), 'utf8'));
    if (stored.version === 1 && stored.recordingId === recordingId) return stored;
  } catch (error) {
    if (!(error instanceof SyntaxError) && (error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  throw new SpeakrError('not_found', `There is no spool of ${recordingId}.`);
}

/** Every spooled recording of this machine, oldest first; directories without a readable `meta.json` are left out. */
export async function listSpools(spoolDir: string): Promise<Omit<SpoolMeta, 'secret'>[]> {
  const names = await readdir(spoolDir).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  const found = await Promise.all(names.map((name) => readSpoolMeta(spoolDir, name).catch(() => undefined)));
  return found.filter((meta) => meta !== undefined).sort((a, b) => a.startedAt - b.startedAt);
}

/** Whether the process that records is still there. */
export function isRunning(meta: Pick<SpoolMeta, 'pid' | 'state'>): boolean {
  if (meta.state === 'discarded') return false;
  try {
    process.kill(meta.pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

const NONCE_BYTES = 12;
const TAG_BYTES = 16;

function seal(text: string, key: Uint8Array, context: string): string {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(`spool-meta/${context}`));
  const sealed = Buffer.concat([nonce, cipher.update(text, 'utf8'), cipher.final()]);
  return Buffer.concat([sealed, cipher.getAuthTag()]).toString('base64');
}

function unseal(sealed: string, key: Uint8Array, context: string): string {
  const bytes = Buffer.from(sealed, 'base64');
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, NONCE_BYTES))
    .setAAD(Buffer.from(`spool-meta/${context}`))
    .setAuthTag(bytes.subarray(-TAG_BYTES));
  try {
    return (
      decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES), undefined, 'utf8') + decipher.final('utf8')
    );
  } catch (cause) {
    throw new SpeakrError('key_missing', `The key does not open the spool of ${context}.`, { cause });
  }
}
