import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { appendFile, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';

/** A line of the ledger: hashes and ids, never names. */
const Line = z.object({
  sha256: z.string(),
  recordingId: z.string(),
  /** `begun` is written before the work and `done` after it, so that a crash in between is noticed. */
  state: z.enum(['begun', 'done']),
  server: z.string().optional(),
  at: z.number(),
});
type Line = z.infer<typeof Line>;

/** Which files have become recordings, by their content: survives restarts, renames and copies. */
export interface Ledger {
  find(sha256: string): { readonly recordingId: string; readonly state: 'begun' | 'done' } | undefined;
  /** Appends a line. @throws NodeJS.ErrnoException */
  note(sha256: string, recordingId: string, state: 'begun' | 'done', at: number): Promise<void>;
}

const pathIn = (dataDir: string) => join(dataDir, 'intake.jsonl');

/** @param server address of a server elsewhere: what one has, another may not */
export async function openLedger(dataDir: string, server: string | undefined): Promise<Ledger> {
  const path = pathIn(dataDir);
  const known = new Map<string, Line>();
  for (const line of await readLines(path)) if (line.server === server) known.set(line.sha256, line);
  return {
    find: (sha256) => known.get(sha256),
    async note(sha256, recordingId, state, at) {
      const line: Line = { sha256, recordingId, state, at, ...(server === undefined ? {} : { server }) };
      await mkdir(dirname(path), { recursive: true, mode: 0o700 });
      await appendFile(path, `${JSON.stringify(line)}\n`, { mode: 0o600 });
      known.set(sha256, line);
    },
  };
}

/**
 * Forgets what became recordings on this machine and, when one is named, at a server elsewhere; what others have stays.
 */
export async function eraseLedger(dataDir: string, server: string | undefined): Promise<void> {
  const path = pathIn(dataDir);
  const isErased = (line: Line) => line.server === undefined || addressOf(line.server) === addressOf(server);
  const kept = (await readLines(path)).filter((line) => !isErased(line));
  if (kept.length === 0) return rm(path, { force: true });
  const draft = `${path}.${process.pid}`;
  await writeFile(draft, kept.map((line) => `${JSON.stringify(line)}\n`).join(''), { mode: 0o600 });
  await rename(draft, path);
}

const addressOf = (server: string | undefined) => server?.replace(/\/+$/, '');

async function readLines(path: string): Promise<Line[]> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
  // A crash may have torn the last line.
  return text.split('\n').flatMap((line) => Line.safeParse(parseJson(line)).data ?? []);
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

/** SHA-256 of a file's content, hexadecimal; the file is streamed. */
export async function hashFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}
