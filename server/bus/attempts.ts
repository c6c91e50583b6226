import type { Nats } from '../nats/nats.ts';
import { ATTEMPTS, attemptSubject } from './jetstream-streams.ts';

/** What is known of the earlier deliveries of one message to one consumer. */
export interface Attempts {
  /** Those that failed. */
  readonly failures: number;
  /** How many deliveries that counts; later ones have not been heard of since. */
  readonly deliveries: number;
  /** Those that found a service away, which is nobody's failure; none when absent. */
  readonly away?: number;
}

/**
 * Counts failures apart from deliveries: a message that is handed back when a process drains, whose process dies at
 * work, or for which a service is away, is not to blame.
 */
export function createAttempts({ js, jsm }: Pick<Nats, 'js' | 'jsm'>) {
  return {
    /**
     * What came of the deliveries before this one, and how many in a row nobody wrote anything of: they died at once, or
     * the broker was away for longer than the lease.
     * @param delivery 1 for the first
     */
    async before(
      consumer: string,
      messageId: string,
      delivery: number,
    ): Promise<{ failures: number; silent: number; away: number }> {
      if (delivery === 1) return { failures: 0, silent: 0, away: 0 };
      const subject = attemptSubject(consumer, messageId);
      const stored = await jsm.direct.getMessage(ATTEMPTS, { last_by_subj: subject });
      const { failures, deliveries, away = 0 } = stored?.json<Attempts>() ?? { failures: 0, deliveries: 0 };
      return { failures, silent: Math.max(0, delivery - 1 - deliveries), away };
    },

    async write(consumer: string, messageId: string, attempts: Attempts): Promise<void> {
      await js.publish(attemptSubject(consumer, messageId), JSON.stringify(attempts));
    },

    async forget(consumer: string, messageId: string): Promise<void> {
      await jsm.streams.purge(ATTEMPTS, { filter: attemptSubject(consumer, messageId) });
    },
  };
}

export type AttemptsLog = ReturnType<typeof createAttempts>;
