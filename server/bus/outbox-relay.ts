import type { Message } from '@speakr/contracts/events';
import type { Clock } from '../clock.ts';
import type { Log } from '../observability/log.ts';
import { errorLabel } from './error-label.ts';

/** What the relay needs of a store: the messages that its transactions have written and nobody has published yet. */
export interface OutboxTable {
  /** Called after a transaction of this process that published something. */
  onPublished(listener: (messages: readonly Message[]) => void): () => void;
  /** The oldest, in the order they were written. @param before written at this time or earlier, ms */
  waiting(limit: number, before: number): Promise<Message[]>;
  /** Takes out what is published. Idempotent. */
  remove(messageIds: readonly string[]): Promise<void>;
}

interface RelayOptions {
  readonly outbox: OutboxTable;
  /** Resolves when the broker has it for good. Publishing the same message again does no harm. */
  publish(message: Message): Promise<void>;
  readonly clock: Clock;
  readonly log: Log;
  /** Between looks for what other processes left behind, ms. */
  readonly pollMs: number;
}

/** Messages of other processes are left to them for so long, ms: mostly they are under way. */
const FOREIGN_MS = 1000;
const BATCH = 200;
/** Waits after failures, ms. */
const FIRST_WAIT_MS = 100;
const LONGEST_WAIT_MS = 5000;

/**
 * Carries messages from the outbox to the broker, in the order they were written, and only then takes them out: a
 * process may die at any point. What dead processes left behind is found by every other one.
 */
export function createOutboxRelay({ outbox, publish, clock, log, pollMs }: RelayOptions) {
  let stopped = false;
  let again = false;
  let own = false;
  let running: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;
  let failures = 0;
  let unsubscribe = () => {};

  async function relayOnce(before: number): Promise<void> {
    for (;;) {
      const messages = await outbox.waiting(BATCH, before);
      const done: string[] = [];
      try {
        for (const message of messages) {
          await publish(message);
          done.push(message.id);
        }
      } finally {
        if (done.length > 0) await outbox.remove(done);
      }
      if (messages.length < BATCH) return;
    }
  }

  async function run(): Promise<void> {
    clearTimeout(timer);
    let waitMs = pollMs;
    try {
      do {
        again = false;
        const now = clock.now();
        const before = own ? now : now - FOREIGN_MS;
        own = false;
        await relayOnce(before);
      } while (again && !stopped);
      failures = 0;
    } catch (error) {
      own = true;
      again = false;
      failures += 1;
      waitMs = Math.min(FIRST_WAIT_MS * 2 ** (failures - 1), LONGEST_WAIT_MS) * (0.5 + Math.random() / 2);
      log.warn({ error: errorLabel(error), failures }, 'messages could not be published; trying again');
    }
    if (!stopped) timer = setTimeout(wake, waitMs);
  }

  function wake(): void {
    if (stopped) return;
    again = true;
    running ??= run().finally(() => {
      running = undefined;
      if (again) wake();
    });
  }

  return {
    /** Publishes everything that waits, then goes on by itself. */
    async start(): Promise<void> {
      unsubscribe = outbox.onPublished(() => {
        own = true;
        wake();
      });
      own = true;
      wake();
      await running;
    },
    /** Resolves after one more look at the outbox. */
    async flush(): Promise<void> {
      own = true;
      wake();
      await running;
    },
    async stop(): Promise<void> {
      stopped = true;
      unsubscribe();
      clearTimeout(timer);
      await running;
      clearTimeout(timer);
    },
  };
}

export type OutboxRelay = ReturnType<typeof createOutboxRelay>;
