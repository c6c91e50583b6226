import type { Message, MessageType } from '@speakr/contracts/events';
import type { Job, JobKind } from '@speakr/contracts/jobs';
import { SpeakrError } from '@speakr/contracts/problem';
import { type Bus, type Consumer, type Delivery, MAX_ATTEMPTS } from '../bus/bus.ts';
import type { Clock } from '../clock.ts';
import type { Log } from '../observability/log.ts';
import type { AttemptEnd, OwnerStore, Store } from '../store/store.ts';
import { jobsOfConsumers } from './job-consumers.ts';

export interface JobTracking {
  readonly store: Pick<Store, 'transaction' | 'read'>;
  readonly clock: Clock;
  readonly log: Log;
}

/** Progress is written down so often at the most, ms. */
const REPORT_MS = 1000;
/** Word of a cancellation can get lost between two processes: so often a job under way is looked at, ms. */
const LOOK_MS = 15_000;

/** The job was told to stop. */
class JobCancelled extends Error {
  override readonly name = 'JobCancelled';
}

/**
 * A bus that writes down what becomes of jobs: begun, how far, how each attempt ended. A job that is cancelled has its
 * delivery's signal aborted; its message is done with.
 */
export function trackJobs<B extends Bus>(bus: B, { store, clock, log }: JobTracking): B {
  const running = new Map<string, AbortController>();
  bus.observe(['job.cancelled.v1'], ({ data }) => running.get(data.jobId)?.abort(new JobCancelled()));

  const write = <T>({ owner }: Message, work: (own: OwnerStore) => Promise<T>) =>
    store.transaction(owner, work);

  /** Inside the transaction that begins it, so that no word of a cancellation comes before. */
  const begin = (message: Message, kind: JobKind, stop: AbortController) =>
    write(message, async (own) => {
      const job = await own.beginJob(message.id, kind);
      if (job?.state === 'running') running.set(job.id, stop);
      return job;
    });

  async function handle(consumer: Consumer, kind: JobKind, delivery: Delivery): Promise<void> {
    const { message } = delivery;
    const stop = new AbortController();
    const job = await begin(message, kind, stop);
    if (job === undefined) return consumer.handle(delivery);
    if (job.state !== 'running') return;
    const report = reporter(message, job, stop);
    let failure: string | undefined;
    try {
      await consumer.handle({
        ...delivery,
        signal: AbortSignal.any([delivery.signal, stop.signal]),
        job: {
          progress: report.progress,
          failed: (code) => {
            failure = code;
          },
        },
      });
    } catch (error) {
      const end = howItFailed(error, delivery, stop.signal);
      if (end === undefined) throw error;
      await write(message, (own) => own.endJob(job.id, end)).catch((cause: unknown) => {
        if (end.outcome === 'cancelled') throw cause;
        log.warn({ jobId: job.id, kind }, 'what became of a job could not be written down');
      });
      if (end.outcome === 'cancelled') return log.info({ jobId: job.id, kind }, 'job cancelled');
      throw error;
    } finally {
      report.stop();
      running.delete(job.id);
    }
    await write(message, (own) => end(own, job, failure));
  }

  /** Writes progress, now and then, and looks whether the job shall stop. */
  function reporter(message: Message, job: Job, stop: AbortController) {
    let reportedAt = clock.monotonic();
    let writing = false;
    const look = async (share?: number) => {
      if (writing) return;
      writing = true;
      try {
        const { cancelRequested } = await write(message, (own) => own.reportJob(job.id, share));
        if (cancelRequested) stop.abort(new JobCancelled());
      } catch {
        // The recording was deleted, or the store is away: the work itself will find out.
      } finally {
        writing = false;
      }
    };
    // What is recorded live ends with its recording, which is told otherwise.
    const isLive = 'mode' in message.data && message.data.mode === 'live';
    const timer = isLive ? undefined : setInterval(() => void look(), LOOK_MS).unref();
    return {
      progress(share: number) {
        if (clock.monotonic() - reportedAt < REPORT_MS) return;
        reportedAt = clock.monotonic();
        void look(share);
      },
      stop: () => clearInterval(timer),
    };
  }

  return {
    ...bus,
    consume<T extends MessageType>(consumer: Consumer<T>) {
      const jobs = jobsOfConsumers[consumer.name];
      if (jobs === undefined) return bus.consume(consumer);
      const any = consumer as unknown as Consumer;
      bus.consume<MessageType>({
        ...any,
        handle: (delivery) =>
          delivery.message.type === jobs.type ? handle(any, jobs.kind, delivery) : any.handle(delivery),
      });
    },
  };
}

async function end(own: OwnerStore, { id, recordingId }: Job, failure?: string): Promise<void> {
  const recording = await own.getRecording(recordingId);
  // Deleted with its jobs.
  if (recording === undefined) return;
  if (failure !== undefined) await own.endJob(id, { outcome: 'failed', code: failure, final: true });
  // Nothing was done for a recording that was discarded meanwhile.
  else await own.endJob(id, { outcome: recording.state === 'cancelled' ? 'cancelled' : 'succeeded' });
}

/** @returns undefined when another process goes on with it, and writes that down */
function howItFailed(
  error: unknown,
  { signal, attempt }: Delivery,
  stop: AbortSignal,
): AttemptEnd | undefined {
  const { code, name } = error as { code?: unknown; name?: string };
  if (stop.aborted) return { outcome: 'cancelled' };
  if (code === 'lease_lost' || (signal.reason as Error | undefined)?.name === 'LeaseLost') return undefined;
  if (signal.aborted) return { outcome: 'interrupted' };
  // Its code or name only: what was said may be in its message.
  const label = error instanceof SpeakrError ? error.code : (name ?? 'Error');
  return { outcome: 'failed', code: label, final: attempt >= MAX_ATTEMPTS };
}
