import { getPriority, setPriority } from 'node:os';
import { parentPort, type Transferable } from 'node:worker_threads';
import { SpeakrError } from '@speakr/contracts/problem';

/** Argument of a thread that works while others leave it the processor (`StartOptions.background`). */
export const BACKGROUND = '--background';
/** A tenth of what a thread of normal priority gets, where there is not enough for both. */
const BACKGROUND_NICE = 10;

// On Linux a thread has a priority of its own; elsewhere this would be that of the whole process.
if (process.platform === 'linux' && process.argv.includes(BACKGROUND) && getPriority(0) < BACKGROUND_NICE)
  setPriority(0, BACKGROUND_NICE);

/** What travels between a worker thread and `startWorker`. */
export interface WorkerCall {
  readonly id: number;
  /** Absent: close. */
  readonly request?: unknown;
}

export type WorkerAnswer =
  | { readonly id: number; readonly result: unknown }
  | { readonly id: number; readonly error: { code?: string; message: string; stack?: string } };

/** A result whose buffers are handed over instead of copied. */
export interface Transferred {
  readonly result: unknown;
  readonly transfer: readonly Transferable[];
}

/**
 * The worker's side of `startWorker`: answers one call after the other, in order.
 * `handle` may return `transferred(result, buffers)` to hand buffers over. Ends with `close` or with the thread.
 */
export function answerCalls<Request>(handle: (request: Request) => unknown): void {
  const port = parentPort;
  if (port === null) throw new Error('answerCalls runs in a worker thread only');
  let queue = Promise.resolve();
  port.on('message', ({ id, request }: WorkerCall) => {
    if (request === undefined) {
      queue = queue.then(() => port.close());
      return;
    }
    queue = queue.then(async () => {
      try {
        const answer = await handle(request as Request);
        if (answer instanceof Transfer) port.postMessage({ id, result: answer.result }, [...answer.transfer]);
        else port.postMessage({ id, result: answer });
      } catch (error) {
        port.postMessage({ id, error: describe(error) } satisfies WorkerAnswer);
      }
    });
  });
}

class Transfer implements Transferred {
  readonly result: unknown;
  readonly transfer: readonly Transferable[];
  constructor(result: unknown, transfer: readonly Transferable[]) {
    this.result = result;
    this.transfer = transfer;
  }
}

/** Marks buffers of a result to be handed over to the main thread. */
export function transferred(result: unknown, transfer: readonly Transferable[]): Transferred {
  return new Transfer(result, transfer);
}

function describe(error: unknown): { code?: string; message: string; stack?: string } {
  if (error instanceof SpeakrError) return { code: error.code, message: error.message };
  if (error instanceof Error) return { message: error.message, stack: error.stack };
  return { message: String(error) };
}
