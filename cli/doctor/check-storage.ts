import { randomBytes } from 'node:crypto';
import { mkdir, rm, stat, statfs, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { byteSize } from '../time-format.ts';
import type { Check } from './finding.ts';

/** PCM16 mono at 16 kHz is kept twice until the server has it: what an hour takes, bytes. */
const HOUR_BYTES = 2 * 16_000 * 2 * 3600;
/** Less than an hour's room is a problem, less than this many hours' a warning. */
const ENOUGH_HOURS = 10;

/** Whether there is room for recordings. */
export const checkDisk: Check = async ({ config }) => {
  const { dataDir } = config().paths;
  const { bavail, bsize } = await statfs(await nearest(dataDir));
  const free = bavail * bsize;
  const hours = Math.floor(free / HOUR_BYTES);
  const detail = `${byteSize(free)} free, room for ${hours > 1000 ? 'more than 1000' : hours} hours`;
  if (hours >= ENOUGH_HOURS) return { state: 'ok', detail };
  return {
    state: hours < 1 ? 'problem' : 'warning',
    detail,
    fix: `Free some space for ${dataDir}, or move it with the setting "dataDir".`,
  };
};

/** Whether what has to be written can be, and nobody else can read what nobody else shall. */
export const checkPermissions: Check = async ({ config, io }) => {
  const { dataDir, spoolDir, runtimeDir } = config().paths;
  for (const directory of [dataDir, spoolDir, runtimeDir]) {
    const code = await triesToWrite(directory);
    if (code !== undefined)
      return {
        state: 'problem',
        detail: `${directory} cannot be written (${code}).`,
        fix: `Make it yours (chown, chmod 700), or choose another place with the setting "dataDir".`,
      };
  }
  if (io.platform === 'win32') return { state: 'ok', detail: dataDir };
  for (const [path, mode] of [
    [dataDir, 0o700],
    [join(dataDir, 'keys', 'master.key'), 0o600],
    [join(dataDir, 'speakr.db'), 0o600],
  ] as const) {
    const actual = await stat(path).then(
      (facts) => facts.mode & 0o777,
      () => mode,
    );
    if ((actual & ~mode) !== 0)
      return {
        state: 'warning',
        detail: `${path} can be read by others.`,
        fix: `Run: chmod ${mode.toString(8)} ${path}`,
      };
  }
  return { state: 'ok', detail: dataDir };
};

/** @returns the system's error code when it fails */
async function triesToWrite(directory: string): Promise<string | undefined> {
  const probe = join(directory, `.doctor-${randomBytes(4).toString('hex')}`);
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    await writeFile(probe, '', { mode: 0o600 });
    await rm(probe);
    return undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? String(error);
  }
}

/** The directory, or the nearest one above it that exists. */
async function nearest(directory: string): Promise<string> {
  const exists = await stat(directory).then(
    () => true,
    () => false,
  );
  return exists || dirname(directory) === directory ? directory : nearest(dirname(directory));
}
