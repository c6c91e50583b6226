import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { until } from '../scripts/until.ts';

export const root = join(import.meta.dirname, '..');
const executable = process.env.SPEAKR_BIN;

/** What is tested: the executable that `SPEAKR_BIN` names, else the CLI of this clone. */
export const speakr: readonly [string, ...string[]] =
  executable === undefined
    ? [process.execPath, join(root, 'cli', 'bin', 'speakr.cjs')]
    : [resolve(executable)];

/** `speakr` as a word for a shell. */
export const speakrInShell = speakr.map((word) => `'${word}'`).join(' ');

/** Where the real models are; the tests fail when they are missing. */
export const modelsDir =
  process.env.SPEAKR_MODELS_DIR ?? join(homedir(), '.local', 'share', 'speakr', 'models');

/** Builds the CLI unless it is as fresh as its sources. An executable is tested as it is. */
export function buildCli(): void {
  if (executable !== undefined) return;
  const built = spawnSync(process.execPath, [join(root, 'scripts', 'bootstrap.mjs'), 'bundle'], {
    encoding: 'utf8',
  });
  if (built.status !== 0) throw new Error(`the CLI could not be built:\n${built.stderr}`);
}

/** Longest wait for something that a command is to print. It only bounds how long a test that fails takes, and lets it
 * say what was printed instead. */
const SEES_LIMIT_MS = 90_000;

/** One user's machine: directories, environment, and the processes of one test. */
export interface Machine extends AsyncDisposable {
  readonly directory: string;
  readonly dataDir: string;
  readonly env: Record<string, string>;
  /** A path inside the machine's directory. */
  path(name: string): string;
  /** Runs a command to its end. */
  run(args: readonly string[], options?: RunOptions): Promise<Finished>;
  /** Starts a command and leaves it running. */
  start(args: readonly string[], options?: RunOptions): Running;
  /** Pid of the background server, or undefined. */
  serverPid(): number | undefined;
}

export interface RunOptions {
  readonly input?: string | Buffer;
  readonly env?: Record<string, string | undefined>;
  /** Another program than the launcher, with its first arguments. */
  readonly program?: readonly [string, ...string[]];
}

export interface Finished {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  readonly child: ChildProcess;
  readonly stdout: () => string;
  readonly stderr: () => string;
  /** Resolves when what was printed so far matches; fails when the process ends first, or after `SEES_LIMIT_MS`. */
  sees(pattern: RegExp): Promise<void>;
  readonly finished: Promise<Finished>;
}

let withoutNode: string | undefined;

/** An executable has to do without Node: then the PATH is a folder with every other program of this machine. */
function pathOfMachine(): string {
  const { PATH = '' } = process.env;
  if (executable === undefined) return PATH;
  if (withoutNode === undefined) {
    const directory = mkdtempSync(join(tmpdir(), 'speakr-path-'));
    const seen = new Set(['node', 'npm', 'npx', 'corepack']);
    for (const from of PATH.split(delimiter).filter((each) => !each.includes('node') && existsSync(each)))
      for (const name of readdirSync(from)) {
        if (!seen.has(name)) symlinkSync(join(from, name), join(directory, name));
        seen.add(name);
      }
    process.once('exit', () => rmSync(directory, { recursive: true }));
    withoutNode = directory;
  }
  return withoutNode;
}

/** A machine without recordings, with the real models. */
export function newMachine(extra: Record<string, string> = {}): Machine {
  const directory = mkdtempSync(join(tmpdir(), 'speakr-e2e-'));
  const dataDir = join(directory, 'data', 'speakr');
  mkdirSync(join(directory, 'home'), { recursive: true });
  const { LANG = 'C.UTF-8', TMPDIR, SPEAKR_BUNDLE_COVERAGE } = process.env;
  const env: Record<string, string> = {
    PATH: pathOfMachine(),
    LANG,
    HOME: join(directory, 'home'),
    XDG_CONFIG_HOME: join(directory, 'config'),
    XDG_DATA_HOME: join(directory, 'data'),
    SPEAKR_MODELS_DIR: modelsDir,
    ...(TMPDIR === undefined ? {} : { TMPDIR }),
    ...(SPEAKR_BUNDLE_COVERAGE === undefined ? {} : { NODE_V8_COVERAGE: SPEAKR_BUNDLE_COVERAGE }),
    ...extra,
  };
  const running = new Set<ChildProcess>();

  const start = (args: readonly string[], options: RunOptions = {}): Running => {
    const [program, ...words] = options.program ?? speakr;
    const child = spawn(program, [...words, ...args], {
      cwd: directory,
      env: Object.fromEntries(
        Object.entries({ ...env, ...options.env }).filter(
          (entry): entry is [string, string] => entry[1] !== undefined,
        ),
      ),
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    running.add(child);
    const written = { stdout: '', stderr: '' };
    const watchers = new Set<() => void>();
    for (const name of ['stdout', 'stderr'] as const)
      child[name].setEncoding('utf8').on('data', (text: string) => {
        written[name] += text;
        for (const watch of watchers) watch();
      });
    child.stdin.on('error', () => undefined);
    if (options.input !== undefined) child.stdin.end(options.input);
    const finished = new Promise<Finished>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code, signal) => {
        running.delete(child);
        resolve({ code, signal, ...written });
      });
    });
    return {
      child,
      finished,
      stdout: () => written.stdout,
      stderr: () => written.stderr,
      sees: (pattern) =>
        new Promise((resolve, reject) => {
          const fail = (why: string) =>
            reject(new Error(`${why} ${pattern}:\n${written.stdout}\n${written.stderr}`));
          const limit = setTimeout(fail, SEES_LIMIT_MS, `${SEES_LIMIT_MS} ms without`);
          const look = () => {
            if (!pattern.test(written.stdout) && !pattern.test(written.stderr)) return;
            watchers.delete(look);
            clearTimeout(limit);
            resolve();
          };
          watchers.add(look);
          look();
          void finished.then(() => {
            clearTimeout(limit);
            fail('ended before');
          });
        }),
    };
  };

  const machine: Machine = {
    directory,
    dataDir,
    env,
    path: (name) => join(directory, name),
    start,
    run: (args, options = {}) => start(args, { input: '', ...options }).finished,
    serverPid() {
      const file = join(dataDir, 'run', 'server.json');
      return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as { pid: number }).pid : undefined;
    },
    async [Symbol.asyncDispose]() {
      for (const child of running) child.kill('SIGKILL');
      // A command that was quick may have left a server that is still starting.
      const starting = () => existsSync(join(dataDir, 'run')) && machine.serverPid() === undefined;
      await until('the server is up', () => !starting(), { limitMs: 5000 }).catch(() => undefined);
      const pid = machine.serverPid();
      if (pid !== undefined) await end(pid);
      rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
    },
  };
  return machine;
}

/** Ends a process that this test started, and waits until it is gone. */
export async function end(pid: number, signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
  try {
    process.kill(pid, signal);
    for (let waited = 0; waited < 10_000; waited += 50) {
      process.kill(pid, 0);
      await new Promise((resolve) => setTimeout(resolve, 50));
      if (waited === 7000) process.kill(pid, 'SIGKILL');
    }
  } catch {
    // It is gone.
  }
}

function runProgram(program: string, args: readonly string[]): void {
  const { status, stderr, error } = spawnSync(program, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${program} failed: ${error?.message ?? stderr}`);
}

/**
 * What most tests say. Small models hear it in the same way wherever the recording begins and however busy the machine
 * is; of “We launch”, cut a little short, they make “Relaunch”.
 */
export const sentence =
  'We decided to launch the new website on the first of March. Alex sends the budget to finance by Friday.';

/** Has flite speak a text into a WAV file. */
export function speak(text: string, path: string, voice = 'slt'): string {
  runProgram('flite', ['-voice', voice, '-t', text, '-o', path]);
  return path;
}

/**
 * Speaks and then is silent for minutes: a recording of it still runs when a busy machine gets to what is tested, and
 * somebody has to stop it.
 */
export const speakAndWait = (text: string, path: string): string =>
  makeAudio(path, '-i', speak(text, `${path}.said.wav`), '-af', 'apad=whole_dur=600');

/** Runs ffmpeg to make a file. */
export function makeAudio(path: string, ...args: string[]): string {
  runProgram('ffmpeg', ['-hide_banner', '-loglevel', 'error', '-y', ...args, path]);
  return path;
}

/** Lower case words only, for comparing what was said with what was heard. */
export const words = (text: string): string =>
  text
    .toLowerCase()
    .replace(/[^a-z0-9 ]+/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();

/** JSON lines of a command. */
export const jsonLines = (text: string): Record<string, unknown>[] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
