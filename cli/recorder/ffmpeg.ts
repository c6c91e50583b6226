import { execFile } from 'node:child_process';
import { accessSync, chmodSync, constants, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, dirname, join } from 'node:path';
import { SpeakrError } from '@speakr/contracts/problem';
import { installCommand } from '../system-package.ts';

interface FfmpegSearch {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly platform: NodeJS.Platform;
  readonly arch?: string;
  /** Program named in the configuration. */
  readonly configured?: string;
  /** Resolves a file of an installed package; throws when there is none. */
  resolvePackageFile?(specifier: string): string;
}

/**
 * Path of ffmpeg: the configured one, else the system's (it knows this machine's sound system), else the one of
 * `@ffmpeg-installer`.
 * @throws SpeakrError `ffmpeg_missing`
 */
export function findFfmpeg(search: FfmpegSearch): string {
  if (search.configured !== undefined) {
    if (isExecutable(search.configured)) return search.configured;
    throw new SpeakrError('ffmpeg_missing', `${search.configured} is not a program.`, {
      hint: 'Correct the setting "ffmpeg" (or SPEAKR_FFMPEG).',
    });
  }
  const found = findProgram('ffmpeg', search) ?? installedFfmpeg(search);
  if (found === undefined) {
    const command = installCommand('ffmpeg', search);
    throw new SpeakrError(
      'ffmpeg_missing',
      undefined,
      command === undefined ? {} : { hint: `Install it: ${command}` },
    );
  }
  return found;
}

/** Path of a program on the PATH, or undefined. */
export function findProgram(
  name: string,
  { env, platform }: Pick<FfmpegSearch, 'env' | 'platform'>,
): string | undefined {
  const file = platform === 'win32' ? `${name}.exe` : name;
  return (env.PATH ?? '')
    .split(delimiter)
    .filter((directory) => directory !== '')
    .map((directory) => join(directory, file))
    .find(isExecutable);
}

function installedFfmpeg({
  platform,
  arch = process.arch,
  resolvePackageFile = createRequire(import.meta.url).resolve,
}: FfmpegSearch): string | undefined {
  const file = platform === 'win32' ? 'ffmpeg.exe' : 'ffmpeg';
  try {
    const manifest = resolvePackageFile(`@ffmpeg-installer/${platform}-${arch}/package.json`);
    const path = join(dirname(manifest), file);
    // The package makes it executable in a postinstall script, which many installations do not run.
    if (!isExecutable(path)) chmodSync(path, 0o755);
    return path;
  } catch {
    return undefined;
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/** Names of the input formats this ffmpeg has, for example `pulse` and `alsa`. */
export async function inputFormats(ffmpeg: string): Promise<Set<string>> {
  const listing = await new Promise<string>((resolve) =>
    execFile(ffmpeg, ['-hide_banner', '-devices'], (_error, stdout) => resolve(stdout)),
  );
  return new Set([...listing.matchAll(/^ D.? +([\w,]+) /gm)].flatMap((match) => (match[1] ?? '').split(',')));
}
