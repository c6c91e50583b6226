import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Transferable, Worker } from 'node:worker_threads';
import { type ErrorCode, SpeakrError } from '@speakr/contracts/problem';
import { inExecutable, inSourceTree, readExecutableText } from './assets.ts';
import { BACKGROUND, type WorkerAnswer, type WorkerCall } from './worker-port.ts';

/**
 * Worker threads and where their source is. The bundle has `worker-<name>.mjs` beside it for each; the executable has
 * `worker-<name>.cjs` inside.
 */
export const workerSources = {
  moonshine: './transcriber/moonshine-worker.ts',
  'voice-activity': './transcriber/voice-activity-worker.ts',
  minilm: './embedder/minilm-worker.ts',
} as const;

export type WorkerName = keyof typeof workerSources;

/** The thread died, was terminated, or did not answer in time. What it had in hand may be tried on another one. */
export class WorkerGone extends Error {
  override readonly name = 'WorkerGone';
}

export interface CallOptions {
  /** Buffers that are handed over instead of copied. */
  readonly transfer?: readonly Transferable[];
  /** The thread is terminated when it has not answered by then. */
  readonly deadlineMs?: number;
}

/** A worker thread whose file calls `answerCalls`. It keeps the process alive only while a call is under way. */
export interface WorkerThread {
  /**
   * @returns what the worker's handler returned
   * @throws WorkerGone, or what the handler threw (a SpeakrError stays one)
   */
  call<Result>(request: unknown, options?: CallOptions): Promise<Result>;
  /** False once the thread has gone. */
  readonly alive: boolean;
  /** Lets calls under way finish, then ends the thread. */
  close(): Promise<void>;
  /** Ends the thread now; calls under way reject with WorkerGone. */
  terminate(): Promise<void>;
}

interface Pending {
  resolve(result: unknown): void;
  reject(error: Error): void;
  timer?: NodeJS.Timeout;
}

export interface StartOptions {
  /** The worker's `workerData`. */
  readonly data?: unknown;
  /** Buffers of `data` that are handed over instead of copied. */
  readonly transfer?: readonly Transferable[];
  /** On Linux it stands back behind what is in a hurry. */
  readonly background?: boolean;
}

/** Starts a worker thread. */
export function startWorker(name: WorkerName, options: StartOptions = {}): WorkerThread {
  if (inExecutable) return startThread(readExecutableText(`worker-${name}.cjs`), true, options);
  const bundled = `./worker-${name}${extname(import.meta.url)}`;
  return startWorkerFile(new URL(inSourceTree ? workerSources[name] : bundled, import.meta.url), options);
}

/** `startWorker` for a file of one's own, for tests. */
export function startWorkerFile(file: URL, options: StartOptions = {}): WorkerThread {
  return startThread(fileURLToPath(file), false, options);
}

function startThread(
  code: string,
  isSource: boolean,
  { data, transfer = [], background = false }: StartOptions,
): WorkerThread {
  const worker = new Worker(code, {
    eval: isSource,
    workerData: data,
    transferList: [...transfer],
    execArgv: [],
    argv: background ? [BACKGROUND] : [],
    // Engines chat on stdout and stderr; ours carry results only.
    stdout: true,
    stderr: true,
  });
  worker.stdout.resume();
  worker.stderr.resume();
  worker.unref();

  const pending = new Map<number, Pending>();
  let nextId = 0;
  let gone: WorkerGone | undefined;
  let exit: () => void;
  const exited = new Promise<void>((resolve) => {
    exit = resolve;
  });

  const settle = (id: number): Pending | undefined => {
    const entry = pending.get(id);
    pending.delete(id);
    clearTimeout(entry?.timer);
    if (pending.size === 0) worker.unref();
    return entry;
  };
  const fail = (reason: string, cause?: unknown) => {
    gone ??= new WorkerGone(reason, { cause });
    for (const id of [...pending.keys()]) settle(id)?.reject(gone);
  };

  worker.on('message', (answer: WorkerAnswer) => {
    const entry = settle(answer.id);
    if (entry === undefined) return;
    if ('error' in answer) entry.reject(toError(answer.error));
    else entry.resolve(answer.result);
  });
  worker.on('error', (error) => fail(`The worker thread crashed: ${(error as Error).message}`, error));
  worker.on('exit', (code) => {
    fail(`The worker thread ended with code ${code}.`);
    exit();
  });

  const terminate = async () => {
    fail('The worker thread was terminated.');
    await worker.terminate();
  };

  return {
    get alive() {
      return gone === undefined;
    },
    call<Result>(request: unknown, { transfer = [], deadlineMs }: CallOptions = {}) {
      if (gone !== undefined) return Promise.reject(gone);
      return new Promise<Result>((resolve, reject) => {
        const id = nextId++;
        const timer =
          deadlineMs === undefined
            ? undefined
            : setTimeout(() => {
                fail(`The worker thread did not answer within ${Math.round(deadlineMs)} ms.`);
                void worker.terminate();
              }, deadlineMs);
        pending.set(id, { resolve: resolve as (result: unknown) => void, reject, timer });
        worker.ref();
        worker.postMessage({ id, request } satisfies WorkerCall, [...transfer]);
      });
    },
    async close() {
      if (gone !== undefined) return exited;
      worker.ref();
      worker.postMessage({ id: nextId++ } satisfies WorkerCall);
      await exited;
    },
    terminate,
  };
}

function toError({ code, message, stack }: { code?: string; message: string; stack?: string }): Error {
  if (code !== undefined) return new SpeakrError(code as ErrorCode, message);
  const error = new Error(message);
  if (stack !== undefined) error.stack = stack;
  return error;
}
