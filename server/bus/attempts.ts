import type { Nats } from '../nats/nats.ts';
import { ATTEMPTS, attemptSubject } from './jetstream-streams.ts';

/** What is known of the earlier deliveries of one message to one consumer. */
export interface Attempts {
  /** Those that failed, or died without a sign that work got on. */
  readonly failures: number;
  /** How many deliveries that counts; later ones have not been heard of since. */
  readonly deliveries: number;
}

/**
 * Counts failures apart from deliveries: a message that is handed back when a process drains, or whose process dies at
 * work, is not to blame.
 */
export function createAttempts({ js, jsm }: Pick<Nats, 'js' | 'jsm'>) {
  return {
    /**
     * Failures before this delivery. A delivery nobody wrote anything of died at once: it counts as one.
     * @param delivery 1 for the first
     */
    async failuresBefore(consumer: string, messageId: string, delivery: number): Promise<number> {
      if (delivery === 1) return 0;
      const subject = attemptSubject(consumer, messageId);
      const stored = await jsm.direct.getMessage(ATTEMPTS, { last_by_subj: subject });
      const { failures, deliveries } = stored?.json<Attempts>() ?? { failures: 0, deliveries: 0 };
      return failures + Math.max(0, delivery - 1 - deliveries);
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
