import { SpeakrError } from '@speakr/contracts/problem';
import type { Log } from '../observability/log.ts';
import { WorkerGone, type WorkerThread } from '../workers.ts';
import { createFairQueue } from './fair-queue.ts';
import type { DecodeOptions } from './recognizer.ts';

export interface DecodePoolOptions {
  /** Starts a thread; it begins to load its model at once. Rejects with a SpeakrError when the model is not there. */
  readonly startWorker: () => Promise<WorkerThread>;
  readonly maxWorkers: number;
  /** How long a worker may be idle; the last one stays. */
  readonly idleMs: number;
  readonly log?: Pick<Log, 'warn'>;
}

/** Worker threads that decode: starts with one, grows while work waits, shrinks when idle. */
export interface DecodePool<Result> {
  warm(): Promise<void>;
  /**
   * @throws SpeakrError `recognizer_failed` when two workers died over it or the engine threw; the signal's reason
   *   when aborted (a decode that has begun runs to its end, unheard)
   */
  decode(samples: Float32Array, options: DecodeOptions): Promise<Result>;
  /** Workers that are alive. */
  readonly workers: number;
  /** Takes no more, finishes what is waiting and under way, ends the workers. */
  close(): Promise<void>;
}

interface Job<Result> {
  samples: Float32Array;
  readonly options: DecodeOptions;
  attempts: number;
  resolve(result: Result): void;
  reject(error: unknown): void;
}

interface Member {
  /** The thread, when its model is loaded. */
  readonly thread: Promise<WorkerThread>;
  busy: boolean;
  /** What it decodes is not urgent. */
  batch?: boolean;
  idleTimer?: NodeJS.Timeout;
}

/**
 * So long after its last decode a live session counts as running, ms. Then one worker stays free of batch decodes: they
 * are long, and cannot be interrupted.
 */
const LIVE_MS = 5000;
/** Time to load a model on a machine that is busy with other things, ms. */
const LOAD_DEADLINE_MS = 60_000;
/** A decode takes about 0.06 × its audio; this is for a machine that is fifty times slower or busier. */
const decodeDeadlineMs = (samples: number) => 10_000 + (samples / 16) * 3;

export function createDecodePool<Result>({
  startWorker,
  maxWorkers,
  idleMs,
  log,
}: DecodePoolOptions): DecodePool<Result> {
  const queue = createFairQueue<Job<Result>>();
  const members = new Set<Member>();
  let closed = false;
  let liveAt = Number.NEGATIVE_INFINITY;
  let afterLive: NodeJS.Timeout | undefined;
  let drained: () => void = () => {};

  const checkDrained = () => {
    if (closed && queue.size === 0 && ![...members].some((member) => member.busy)) drained();
  };
  const rest = (member: Member) => {
    clearTimeout(member.idleTimer);
    member.busy = false;
    member.idleTimer = setTimeout(() => {
      if (members.size <= 1) return;
      members.delete(member);
      void member.thread.then((thread) => thread.close());
    }, idleMs);
    member.idleTimer.unref();
  };

  const dismiss = (member: Member) => {
    clearTimeout(member.idleTimer);
    members.delete(member);
    member.thread.then(
      (thread) => thread.terminate(),
      () => {},
    );
  };

  const load = async () => {
    const thread = await startWorker();
    try {
      await thread.call({}, { deadlineMs: LOAD_DEADLINE_MS });
      return thread;
    } catch (error) {
      void thread.terminate();
      throw error;
    }
  };
  const add = (): Member => {
    const member: Member = { thread: load(), busy: true };
    // Heard by whoever waits for it.
    member.thread.catch(() => {});
    members.add(member);
    return member;
  };

  const run = async (member: Member, job: Job<Result>) => {
    member.busy = true;
    member.batch = job.options.priority === 'batch';
    clearTimeout(member.idleTimer);
    let thread: WorkerThread | undefined;
    try {
      thread = await member.thread;
      if (job.options.signal?.aborted) throw job.options.signal.reason;
      job.samples = job.options.latest?.() ?? job.samples;
      // Copied, not handed over: another worker may have to try again.
      const { samples, options } = job;
      const deadlineMs = decodeDeadlineMs(samples.length);
      job.resolve(
        await thread.call<Result>(
          { samples, beams: options.beams, hearings: options.hearings },
          { deadlineMs },
        ),
      );
    } catch (error) {
      if (!(error instanceof WorkerGone)) job.reject(failure(error));
      else if (job.attempts++ === 0) {
        log?.warn({ err: error }, 'a recognizer worker was replaced');
        queue.pushFirst(job);
      } else job.reject(failure(error));
    }
    if (thread?.alive) rest(member);
    else dismiss(member);
    pump();
    checkDrained();
  };

  /** Whether another batch decode may begin beside what runs live. */
  const takesBatch = () => {
    const sinceLive = performance.now() - liveAt;
    if (maxWorkers === 1 || closed || sinceLive > LIVE_MS) return true;
    if ([...members].filter(({ busy, batch }) => busy && batch).length < maxWorkers - 1) return true;
    clearTimeout(afterLive);
    afterLive = setTimeout(pump, LIVE_MS - sinceLive + 1);
    afterLive.unref();
    return false;
  };
  const pump = () => {
    while (queue.size > 0) {
      const idle = [...members].find((candidate) => !candidate.busy);
      if (idle === undefined && members.size >= maxWorkers) return;
      const job = queue.shift(takesBatch() ? undefined : 'batch');
      if (job === undefined) return;
      void run(idle ?? add(), job);
    }
  };

  return {
    get workers() {
      return members.size;
    },
    async warm() {
      if (members.size > 0) return;
      const member = add();
      try {
        await member.thread;
      } catch (error) {
        dismiss(member);
        throw failure(error);
      }
      rest(member);
      pump();
      checkDrained();
    },
    decode(samples, options) {
      const { signal } = options;
      if (closed) return Promise.reject(new SpeakrError('recognizer_failed', 'The recognizer is closed.'));
      return new Promise<Result>((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason);
        const abort = () => {
          queue.remove(job);
          reject(signal?.reason);
        };
        const job: Job<Result> = {
          samples,
          options,
          attempts: 0,
          resolve(result) {
            signal?.removeEventListener('abort', abort);
            resolve(result);
          },
          reject(error) {
            signal?.removeEventListener('abort', abort);
            reject(error);
          },
        };
        signal?.addEventListener('abort', abort, { once: true });
        if (options.priority !== 'batch') liveAt = performance.now();
        queue.push(job, options);
        pump();
      });
    },
    async close() {
      closed = true;
      await new Promise<void>((resolve) => {
        drained = resolve;
        checkDrained();
      });
      const closing = [...members].map((member) => {
        clearTimeout(member.idleTimer);
        return member.thread.then((thread) => thread.close());
      });
      members.clear();
      await Promise.all(closing);
    },
  };
}

function failure(error: unknown): Error {
  if (error instanceof SpeakrError) return error;
  return new SpeakrError('recognizer_failed', 'The speech engine failed twice or could not start.', {
    cause: error,
  });
}
