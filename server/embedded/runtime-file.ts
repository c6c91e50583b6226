import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

const RuntimeInfo = z.object({
  pid: z.int().min(1),
  host: z.string().min(1),
  port: z.int().min(1).max(65_535),
  token: z.string().min(1),
  version: z.string().min(1),
  /** Ms since the Unix epoch. */
  startedAt: z.int(),
  /** Absent in files of earlier versions. */
  mode: z.enum(['foreground', 'background']).optional(),
});
/** Where the server of this machine listens, and what it wants to be shown. */
export type RuntimeInfo = z.infer<typeof RuntimeInfo>;

const pathIn = (runtimeDir: string) => join(runtimeDir, 'server.json');

/** Log of the server that runs in the background. */
export const logFileIn = (runtimeDir: string): string => join(runtimeDir, 'server.log');

export const urlOf = ({ host, port }: Pick<RuntimeInfo, 'host' | 'port'>): string =>
  `http://${host.includes(':') ? `[${host}]` : host}:${port}`;

/** @returns undefined when there is none, or none that makes sense */
export async function readRuntimeFile(runtimeDir: string): Promise<RuntimeInfo | undefined> {
  try {
    const parsed = RuntimeInfo.safeParse(JSON.parse(await readFile(pathIn(runtimeDir), 'utf8')));
    return parsed.data;
  } catch (error) {
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Writes the file (0600) as a whole: a reader sees the old one or the new one. */
export async function writeRuntimeFile(runtimeDir: string, info: RuntimeInfo): Promise<void> {
  await mkdir(runtimeDir, { recursive: true, mode: 0o700 });
  const draft = `${pathIn(runtimeDir)}.${info.pid}`;
  const file = await open(draft, 'w', 0o600);
  try {
    await file.writeFile(`${JSON.stringify(info)}\n`);
  } finally {
    await file.close();
  }
  await rename(draft, pathIn(runtimeDir));
}

/** Removes the file when it is the one with this token: another server may have written its own since. */
export async function removeRuntimeFile(runtimeDir: string, token: string): Promise<void> {
  if ((await readRuntimeFile(runtimeDir))?.token === token) await rm(pathIn(runtimeDir), { force: true });
}
