import { existsSync } from 'node:fs';
import { type FileHandle, link, open, readdir, rm } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { SpeakrError } from '@speakr/contracts/problem';
import { BACKED_UP_DIRECTORIES, DATABASE_FILE } from './data-directory.ts';
import { type SealedWriter, sealedWriter } from './sealed-stream.ts';
import { translating } from './sqlite-errors.ts';

const READ_BYTES = 256 * 1024;
/** Waits this long for another process that writes, ms. */
const BUSY_TIMEOUT_MS = 5000;

/**
 * What is inside the sealed stream: for each file u32 length and JSON of this, then its content in pieces, each with
 * its length before it (u32), the end marked by a piece of length 0. The last entry has no path and no pieces.
 */
export type BackupEntry = { path: string } | { end: true; files: number };

export interface BackupSummary {
  /** How many files it holds. */
  readonly files: number;
  /** Size of the backup, in bytes. */
  readonly bytes: number;
}

const u32 = (value: number) => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
};

async function writeEntry(writer: SealedWriter, entry: BackupEntry): Promise<void> {
  const json = Buffer.from(JSON.stringify(entry));
  await writer.write(Buffer.concat([u32(json.length), json]));
}

/** Files that grow while they are read are copied as far as they are; the journals bear that. */
async function writeFile(writer: SealedWriter, path: string, file: FileHandle): Promise<void> {
  await writeEntry(writer, { path });
  const buffer = Buffer.alloc(READ_BYTES);
  let { size: left } = await file.stat();
  while (left > 0) {
    const { bytesRead } = await file.read(buffer, 0, Math.min(buffer.length, left), null);
    if (bytesRead === 0) break;
    left -= bytesRead;
    await writer.write(Buffer.concat([u32(bytesRead), buffer.subarray(0, bytesRead)]));
  }
  await writer.write(u32(0));
}

const isMissing = (error: unknown) => (error as NodeJS.ErrnoException).code === 'ENOENT';

/** @returns whether the file was still there */
async function copyFile(writer: SealedWriter, source: string, path: string): Promise<boolean> {
  let file: FileHandle;
  try {
    file = await open(source, 'r');
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
  try {
    await writeFile(writer, path, file);
    return true;
  } finally {
    await file.close();
  }
}

async function copyDirectory(writer: SealedWriter, dataDir: string, path: string): Promise<number> {
  let files = 0;
  const entries = await readdir(join(dataDir, path), { withFileTypes: true }).catch((error: unknown) => {
    if (isMissing(error)) return [];
    throw error;
  });
  for (const entry of entries) {
    const child = posix.join(path, entry.name);
    if (entry.isDirectory()) files += await copyDirectory(writer, dataDir, child);
    else if (entry.isFile() && (await copyFile(writer, join(dataDir, child), child))) files++;
  }
  return files;
}

/** A consistent copy, also while others write. */
function copyDatabase(source: string, target: string): void {
  translating(() => {
    const database = new DatabaseSync(source, { timeout: BUSY_TIMEOUT_MS });
    try {
      database.prepare('vacuum into ?').run(target);
    } finally {
      database.close();
    }
  });
}

/**
 * Writes everything that is needed to have the recordings again, keys included, into one file that only the passphrase
 * opens. May run beside a server; blocks its own thread while the database is copied.
 * @param to a file that does not exist yet; it appears when it is complete
 * @throws SpeakrError `not_found` without a database, `conflict` when `to` exists, `usage` for an empty passphrase,
 *   `disk_full`, `database_locked`, `database_corrupt`
 */
export async function backup({
  dataDir,
  to,
  passphrase,
}: {
  dataDir: string;
  to: string;
  passphrase: string;
}): Promise<BackupSummary> {
  if (passphrase === '') throw new SpeakrError('usage', 'A backup needs a passphrase.');
  const database = join(dataDir, DATABASE_FILE);
  if (!existsSync(database)) {
    throw new SpeakrError('not_found', `There is no database in ${dataDir}.`, {
      hint: 'Record something first, or give another data directory.',
    });
  }
  const taken = () =>
    new SpeakrError('conflict', `There is already a file ${to}.`, { hint: 'Choose another name.' });
  if (existsSync(to)) throw taken();

  const draft = `${to}.part`;
  const copy = `${to}.database`;
  await rm(copy, { force: true });
  let file: FileHandle | undefined;
  try {
    file = await open(draft, 'w', 0o600);
    const writer = await sealedWriter(file, passphrase);
    copyDatabase(database, copy);
    await copyFile(writer, copy, DATABASE_FILE);
    let files = 1;
    for (const directory of BACKED_UP_DIRECTORIES) files += await copyDirectory(writer, dataDir, directory);
    await writeEntry(writer, { end: true, files });
    await writer.end();
    await file.sync();
    const { size: bytes } = await file.stat();
    // A link does not replace a file that has appeared in the meantime.
    await link(draft, to);
    return { files, bytes };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOSPC') throw new SpeakrError('disk_full', undefined, { cause: error });
    if (code === 'EEXIST') throw taken();
    throw error;
  } finally {
    await file?.close();
    await rm(draft, { force: true });
    await rm(copy, { force: true });
  }
}
