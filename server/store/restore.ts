import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { type FileHandle, mkdir, open, readdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { SpeakrError } from '@speakr/contracts/problem';
import type { BackupEntry } from './backup.ts';
import { BACKED_UP_DIRECTORIES, DATABASE_FILE } from './data-directory.ts';
import { commitRestore } from './restore-swap.ts';
import { sealedFrames } from './sealed-stream.ts';
import { isBusy } from './sqlite-errors.ts';
import { schemaVersion } from './sqlite-migrate.ts';
import { sqliteMigrations } from './sqlite-migrations.ts';

const MAX_ENTRY_BYTES = 64 * 1024;
const invalid = (detail: string) => new SpeakrError('backup_invalid', detail);

/** Takes byte counts out of a stream of frames. */
function byteReader(frames: AsyncGenerator<Buffer>) {
  let pending = Buffer.alloc(0);
  const take = async (bytes: number): Promise<Buffer> => {
    while (pending.length < bytes) {
      const { value, done } = await frames.next();
      if (done) throw invalid('The backup ends in the middle.');
      pending = Buffer.concat([pending, value]);
    }
    const taken = pending.subarray(0, bytes);
    pending = pending.subarray(bytes);
    return taken;
  };
  const length = async () => (await take(4)).readUInt32BE(0);
  return {
    length,
    async entry(): Promise<BackupEntry> {
      const bytes = await length();
      if (bytes > MAX_ENTRY_BYTES) throw invalid('The backup is damaged.');
      return JSON.parse((await take(bytes)).toString());
    },
    take,
    async atEnd() {
      return pending.length === 0 && (await frames.next()).done === true;
    },
  };
}

/** A backup holds files of the data directory only, whatever it says. */
function targetOf(staged: string, path: string): string {
  const parts = path.split('/');
  const isKnown =
    path === DATABASE_FILE ||
    (parts.length > 1 && (BACKED_UP_DIRECTORIES as readonly string[]).includes(parts[0]!));
  const isSafe = parts.every((part) => part !== '' && part !== '.' && part !== '..' && !/[\\\0:]/.test(part));
  if (!isKnown || !isSafe) throw invalid('The backup holds a file that does not belong there.');
  return join(staged, ...parts);
}

async function unpack(file: FileHandle, passphrase: string, staged: string): Promise<number> {
  const reader = byteReader(sealedFrames(file, passphrase));
  for (let files = 0; ; files++) {
    const entry = await reader.entry();
    if ('end' in entry) {
      if (entry.files !== files || !(await reader.atEnd())) throw invalid('The backup is incomplete.');
      return files;
    }
    const target = targetOf(staged, entry.path);
    await mkdir(dirname(target), { recursive: true, mode: 0o700 });
    const output = await open(target, 'wx', 0o600);
    try {
      for (let bytes = await reader.length(); bytes > 0; bytes = await reader.length()) {
        await output.appendFile(await reader.take(bytes));
      }
      await output.sync();
    } finally {
      await output.close();
    }
  }
}

/** @throws SpeakrError `backup_invalid`, `database_newer` */
function verifyDatabase(path: string): void {
  if (!existsSync(path)) throw invalid('The backup has no database.');
  const database = new DatabaseSync(path, { readOnly: true });
  try {
    const result = database.prepare('pragma integrity_check(1)').get() as { integrity_check: string };
    if (result.integrity_check !== 'ok') throw invalid('The database in the backup is damaged.');
    if (schemaVersion(database) > sqliteMigrations.length) {
      throw new SpeakrError('database_newer', 'The backup was made by a newer speakr.');
    }
  } finally {
    database.close();
  }
}

/** @throws SpeakrError `database_locked` while another process has the database open */
function demandUnused(path: string): void {
  if (!existsSync(path)) return;
  const database = new DatabaseSync(path);
  try {
    // In this mode SQLite shares the file with nobody, so the first access fails when somebody else has it open.
    database.exec('pragma locking_mode = exclusive; begin immediate; rollback');
  } catch (error) {
    // Any other failure is what the restore is to mend.
    if (!isBusy(error)) return;
    throw new SpeakrError('database_locked', 'Another process has the database open.', {
      hint: 'Stop the recording and the server, then restore again.',
      cause: error,
    });
  } finally {
    database.close();
  }
}

async function hasData(dataDir: string): Promise<boolean> {
  if (existsSync(join(dataDir, DATABASE_FILE))) return true;
  const keys = await readdir(join(dataDir, 'keys')).catch(() => []);
  return keys.length > 0;
}

/**
 * Brings back what `backup` wrote. Everything is unpacked and verified first, then swapped at once; after a failure
 * everything is as it was.
 * @param force replace the data that is there; without it there may be none
 * @returns how many files there were
 * @throws SpeakrError `file_missing`, `passphrase_wrong`, `backup_invalid`, `conflict`, `database_locked`,
 *   `database_newer`, `disk_full`
 */
export async function restore({
  from,
  dataDir,
  passphrase,
  force = false,
}: {
  from: string;
  dataDir: string;
  passphrase: string;
  force?: boolean;
}): Promise<{ files: number }> {
  if (!force && (await hasData(dataDir))) {
    throw new SpeakrError('conflict', `There is already data in ${dataDir}.`, {
      hint: 'Give --force to replace it, or another data directory.',
    });
  }
  const database = join(dataDir, DATABASE_FILE);
  demandUnused(database);
  let file: FileHandle;
  try {
    file = await open(from, 'r');
  } catch (error) {
    throw new SpeakrError('file_missing', `The backup ${from} cannot be read.`, { cause: error });
  }
  const staged = join(dataDir, `.restore-${randomUUID()}`);
  try {
    await mkdir(staged, { recursive: true, mode: 0o700 });
    const files = await unpack(file, passphrase, staged);
    verifyDatabase(join(staged, DATABASE_FILE));
    demandUnused(database);
    commitRestore(dataDir, staged);
    return { files };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOSPC') {
      throw new SpeakrError('disk_full', 'The disk is too full to unpack the backup.', { cause: error });
    }
    throw error;
  } finally {
    await file.close();
    await rm(staged, { recursive: true, force: true });
  }
}
