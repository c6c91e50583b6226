import type { Message } from '@speakr/contracts/events';
import type { Log } from '../observability/log.ts';
import type { Store } from '../store/store.ts';
import { jobsOfConsumers } from './job-consumers.ts';

export interface DeadJobsOptions {
  readonly store: Pick<Store, 'transaction'>;
  /** Messages that were given up, by consumer, with the code of the last error. */
  readonly letters: readonly {
    readonly consumer: string;
    readonly message: Message;
    readonly error: string;
  }[];
  readonly log: Log;
}

/**
 * Ends the jobs of messages whose processes died again and again: nobody was left to write that down. Idempotent.
 * @returns how many there were
 */
export async function failDeadJobs({ store, letters, log }: DeadJobsOptions): Promise<number> {
  let failed = 0;
  for (const { consumer, message, error } of letters) {
    const { kind } = jobsOfConsumers[consumer] ?? {};
    if (kind === undefined) continue;
    failed += await store.transaction(message.owner, async (own) => {
      const { jobs } = await own.listJobs({
        limit: 1,
        kinds: [kind],
        messageId: message.id,
        states: ['queued', 'running'],
      });
      for (const { id, state } of jobs) {
        if (state === 'queued') await own.beginJob(message.id, kind);
        await own.endJob(id, { outcome: 'failed', code: error, final: true });
      }
      return jobs.length;
    });
  }
  if (failed > 0) log.warn({ jobs: failed }, 'jobs of dead letters have failed');
  return failed;
}
