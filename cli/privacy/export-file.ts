import { once } from 'node:events';
import { type FileHandle, open, rename, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { SpeakrError } from '@speakr/contracts/problem';
import type { Api } from '../embedded.ts';
import type { Io } from '../io.ts';
import { readArchiveState } from './tar-archive.ts';

export interface ExportFileOptions {
  readonly api: Pick<Api, 'exportAccount'>;
  readonly io: Pick<Io, 'cwd' | 'stdout'>;
  /** `-` for stdout. */
  readonly file: string;
  onProgress(text: string): void;
}

/** A connection that breaks is made again so often without having brought anything, with this wait between, ms. */
const TRIES = 5;
const WAIT_MS = 500;
const PROGRESS_BYTES = 64 * 1024 * 1024;

/**
 * Writes everything into `file`, over `file.partial`. An archive that broke off, in this process or in one before, is
 * completed: it goes on after the last recording that is whole.
 * @throws SpeakrError `usage` when the file is there already; `unreachable`
 */
export async function exportToFile(
  options: ExportFileOptions,
): Promise<{ path?: string; recordings: number; bytes: number }> {
  const { io, file } = options;
  if (file === '-') {
    const bytes = await toStdout(options);
    return { recordings: 0, bytes };
  }
  const path = resolve(io.cwd, file);
  if ((await stat(path).catch(() => undefined)) !== undefined)
    throw new SpeakrError('usage', `${path} is there already.`, { hint: 'Name another file.' });
  const partial = `${path}.partial`;
  const handle = await open(partial, 'a+', 0o600);
  try {
    for (let tries = 1; ; tries += 1) {
      const before = await readArchiveState(handle);
      await handle.truncate(before.whole);
      try {
        await receive(options, handle, before.last);
      } catch (error) {
        const { whole } = await readArchiveState(handle);
        if (whole > before.whole) tries = 0;
        if (!isBroken(error) || tries >= TRIES) throw error;
        await sleep(WAIT_MS);
        continue;
      }
      const { complete, recordings } = await readArchiveState(handle);
      if (!complete) {
        if (tries >= TRIES) throw new SpeakrError('unreachable', 'The archive breaks off.');
        continue;
      }
      await handle.sync();
      const { size: bytes } = await handle.stat();
      await rename(partial, path);
      return { path, recordings, bytes };
    }
  } finally {
    await handle.close();
  }
}

async function receive({ api, onProgress }: ExportFileOptions, file: FileHandle, after?: string) {
  const response = await api.exportAccount({ query: after === undefined ? {} : { after } });
  let written = 0;
  let told = 0;
  for await (const bytes of response.body ?? []) {
    await file.appendFile(bytes);
    written += bytes.length;
    if (written - told < PROGRESS_BYTES) continue;
    told = written;
    onProgress(`${Math.round(written / 1024 / 1024)} MB …`);
  }
}

async function toStdout({ api, io }: ExportFileOptions): Promise<number> {
  const response = await api.exportAccount({ query: {} });
  let written = 0;
  for await (const bytes of response.body ?? []) {
    written += bytes.length;
    if (!io.stdout.write(bytes)) await once(io.stdout as unknown as NodeJS.EventEmitter, 'drain');
  }
  return written;
}

/** What may be better the next time: the server is away, or its answer broke off. */
const isBroken = (error: unknown) =>
  !(error instanceof SpeakrError)
    ? !isFileError(error)
    : error.code === 'unreachable' || error.code === 'unavailable';

const isFileError = (error: unknown) =>
  ['ENOSPC', 'EACCES', 'EIO', 'EFBIG', 'EDQUOT'].includes((error as NodeJS.ErrnoException).code ?? '');
