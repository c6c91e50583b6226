import type { Message } from '@speakr/contracts/events';
import type { Log } from '../observability/log.ts';
import { errorLabel } from './error-label.ts';

/** What the relay needs of a store: the messages that its transactions have written and nobody has published yet. */
export interface OutboxTable {
  /** Called after a transaction of this process that published something. */
  onPublished(listener: (messages: readonly Message[]) => void): () => void;
  /**
   * Gives the oldest messages to `publish`, in the order they were written, and forgets them when it resolves; when it
   * rejects they stay. Messages that another relay has at this moment are left to it.
   * @returns how many there were
   */
  take(limit: number, publish: (messages: readonly Message[]) => Promise<void>): Promise<number>;
  /** How many wait. */
  waiting(): Promise<{ messages: number }>;
}

interface RelayOptions {
  readonly outbox: OutboxTable;
  /** Resolves when the broker has it for good. Publishing the same message again does no harm. */
  publish(message: Message): Promise<void>;
  readonly log: Log;
  /** Between looks for what other processes left behind, ms. */
  readonly pollMs: number;
}

const BATCH = 100;
/** Waits after failures, ms. */
const FIRST_WAIT_MS = 100;
const LONGEST_WAIT_MS = 5000;

/**
 * Carries messages from the outbox to the broker, and only then takes them out: a process may die at any point. What
 * dead processes left behind is found by every other one.
 */
export function createOutboxRelay({ outbox, publish, log, pollMs }: RelayOptions) {
  let stopped = false;
  let again = false;
  let running: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;
  let failures = 0;
  let unsubscribe = () => {};

  const publishAll = async (messages: readonly Message[]) => {
    for (const message of messages) await publish(message);
  };

  async function run(): Promise<void> {
    clearTimeout(timer);
    let waitMs = pollMs;
    try {
      do {
        again = false;
        if ((await outbox.take(BATCH, publishAll)) === BATCH) again = true;
      } while (again && !stopped);
      failures = 0;
    } catch (error) {
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
      unsubscribe = outbox.onPublished(wake);
      wake();
      await running;
    },
    /** Resolves after one more look at the outbox. */
    async flush(): Promise<void> {
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
