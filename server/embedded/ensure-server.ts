import { setTimeout as sleep } from 'node:timers/promises';
import { SpeakrError } from '@speakr/contracts/problem';
import { STREAM_PROTOCOL } from '@speakr/contracts/stream';
import { probeServer } from './probe.ts';
import { type RuntimeInfo, readRuntimeFile, urlOf } from './runtime-file.ts';
import { clearStartError, readStartError } from './start-error.ts';

/** A started process, as `node:child_process` gives it. */
export interface StartedProcess {
  readonly exitCode: number | null;
  readonly signalCode: NodeJS.Signals | null;
}

export interface EnsureServerOptions {
  /** `run` of the data directory. */
  readonly runtimeDir: string;
  /** Version of the caller; a server of another one is replaced when it has nothing to do. */
  readonly version: string;
  /** Starts `runServer` in a process of its own, detached. */
  spawn(): StartedProcess;
  /** How long a server may take to start, ms. */
  readonly patienceMs?: number;
  readonly signal?: AbortSignal;
}

export interface RunningServer {
  readonly url: string;
  readonly token: string;
}

const POLL_MS = 25;

/** The server that runs in this data directory; undefined when none does. */
export async function findServer(runtimeDir: string): Promise<RunningServer | undefined> {
  const info = await readRuntimeFile(runtimeDir);
  if (info === undefined || (await probeServer(info)) === undefined) return undefined;
  return { url: urlOf(info), token: info.token };
}

/**
 * The server of this machine, started when none runs. Callers may race: all get the same one.
 * @throws SpeakrError what kept it from starting, `unreachable` when it does not answer, `protocol_unsupported` when
 * another version is at work
 */
export async function ensureServer(options: EnsureServerOptions): Promise<RunningServer> {
  const { runtimeDir, version, spawn, patienceMs = 20_000, signal } = options;
  const deadline = performance.now() + patienceMs;
  let started: StartedProcess | undefined;
  let starts = 0;
  let asked: string | undefined;
  for (;;) {
    signal?.throwIfAborted();
    const info = await readRuntimeFile(runtimeDir);
    const status = info && (await probeServer(info));
    if (info !== undefined && status !== undefined) {
      const busy = status.running.length > 0 || status.pendingJobs > 0;
      if (info.version === version || (busy && status.protocol === STREAM_PROTOCOL))
        return { url: urlOf(info), token: info.token };
      if (busy)
        throw new SpeakrError(
          'protocol_unsupported',
          `A server of version ${info.version} is at work; this is version ${version}.`,
          { hint: 'Wait until it is done, or stop the recording; then run the command again.' },
        );
      if (asked !== info.token) askToLeave(info);
      asked = info.token;
    } else if (started === undefined) {
      await clearStartError(runtimeDir);
      started = spawn();
      starts += 1;
    } else if (hasEnded(started)) {
      const error = await readStartError(runtimeDir);
      if (error !== undefined) throw error;
      // It found another one that was faster, or that is about to leave: then nobody else starts one.
      started = undefined;
      await sleep(4 * POLL_MS * starts);
    }
    if (performance.now() > deadline)
      throw new SpeakrError('unreachable', 'The server of this machine did not answer in time.', {
        hint: 'Run `speakr serve` in another terminal to see why.',
      });
    await sleep(POLL_MS);
  }
}

const hasEnded = ({ exitCode, signalCode }: StartedProcess) => exitCode !== null || signalCode !== null;

/** The server has just answered to its token, so the process is really the one in the file. */
function askToLeave({ pid }: RuntimeInfo): void {
  try {
    process.kill(pid, 'SIGTERM');
  } catch {
    // It has left already.
  }
}
