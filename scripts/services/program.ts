import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** How long a server may take to answer, ms. */
const READY_MS = 60_000;
const POLL_MS = 25;
/** How long a server may take to end when it is asked to, ms. */
const QUIT_MS = 20_000;

/** A server as a child process. */
export interface Program {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Runs as this user and group instead of root. */
  readonly user?: number;
  /** Ends it without loss. */
  readonly quitSignal: NodeJS.Signals;
  /** Whether it answers. */
  ready(): Promise<boolean>;
}

/** A server that runs; the same data and port after `kill` and `start`. */
export interface RunningProgram {
  readonly pid: number;
  /** Sends the signal and waits until the process is gone. */
  kill(signal: NodeJS.Signals): Promise<void>;
  /** Starts it again. */
  start(): Promise<void>;
  /** Ends it without loss. */
  stop(): Promise<void>;
}

/**
 * Starts a server and waits until it answers. Its output goes to `<directory>/<name>.log`, its process id to
 * `<directory>/<name>.pid`.
 * @throws Error with the end of its output when it ends before, or does not answer within a minute
 */
export async function runProgram(program: Program, directory: string): Promise<RunningProgram> {
  const log = path.join(directory, `${program.name}.log`);
  let child: ChildProcess | undefined;
  let ended: Promise<void> = Promise.resolve();

  const fail = (what: string) => {
    const lines = readFileSync(log, 'utf8').trim().split('\n').slice(-5).join('\n  ');
    return new Error(`${program.name} ${what}:\n  ${lines}`);
  };

  const spawnChild = async () => {
    mkdirSync(directory, { recursive: true });
    const output = openSync(log, 'a');
    const started = spawn(program.command, program.args, {
      stdio: ['ignore', output, output],
      env: { ...process.env, ...program.env },
      ...(program.user === undefined ? {} : { uid: program.user, gid: program.user }),
    });
    closeSync(output);
    child = started;
    ended = new Promise((resolve) => {
      started.once('exit', () => resolve());
      started.once('error', () => resolve());
    });
    const failure = await new Promise<Error | undefined>((resolve) => {
      started.once('spawn', () => resolve(undefined));
      started.once('error', resolve);
    });
    if (failure) throw failure;
    writeFileSync(path.join(directory, `${program.name}.pid`), String(started.pid));
  };

  const isRunning = () => child !== undefined && child.exitCode === null && child.signalCode === null;

  const start = async () => {
    await spawnChild();
    for (const deadline = Date.now() + READY_MS; Date.now() < deadline; await sleep(POLL_MS)) {
      if (!isRunning()) throw fail('ended before it answered');
      if (await program.ready()) return;
    }
    child?.kill('SIGKILL');
    throw fail('does not answer');
  };

  const kill = async (signal: NodeJS.Signals) => {
    if (isRunning()) child?.kill(signal);
    await ended;
  };

  // Not even a process that ends in a hurry leaves it running; one that is killed is looked after by the supervisor.
  process.once('exit', () => child?.kill('SIGKILL'));
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    if (process.listenerCount(signal) === 0) process.once(signal, () => process.exit(1));

  await start();
  return {
    get pid() {
      return child?.pid ?? 0;
    },
    kill,
    start,
    async stop() {
      const late = setTimeout(() => child?.kill('SIGKILL'), QUIT_MS);
      await kill(program.quitSignal);
      clearTimeout(late);
    },
  };
}
