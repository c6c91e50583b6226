import type { Message, MessageType } from '@speakr/contracts/events';
import type { Clock } from '../clock.ts';
import type { Log } from '../observability/log.ts';
import type { SqliteStore } from '../store/sqlite-store.ts';
import type { Bus, Consumer } from './bus.ts';
import { registerInstance } from './bus-instance.ts';
import { createDeadLetters, type DeadLetter } from './dead-letters.ts';
import { deliveryFields } from './delivery-fields.ts';
import { type ClaimedDelivery, createDeliveryQueue } from './delivery-queue.ts';
import { errorLabel } from './error-label.ts';
import { meaningOf, UNSUPPORTED_VERSION } from './message-versions.ts';
import { sweep } from './sweep.ts';

/** How often the tables are looked at without being told: finds what other processes published. */
const POLL_MS = 1000;
const LEASE_MS = 60_000;
const SWEEP_MS = 60 * 60_000;

/** The embedded bus, with its dead letters. */
export interface SqliteBus extends Bus {
  /** Messages that wait or are under way, each counted once for each of its consumers. */
  pending(): Promise<number>;
  /** What each consumer has before it. */
  queues(): Promise<{ consumer: string; waiting: number; underWay: number; dead: number }[]>;
  /** Messages that no consumer has been given yet. */
  unsent(): Promise<number>;
  deadLetters(): Promise<DeadLetter[]>;
  /**
   * Delivers dead letters of a consumer again, with five new attempts.
   * @param messageId all when absent
   * @returns how many there were
   */
  replay(consumer: string, messageId?: string): Promise<number>;
  /** Nothing: messages of the outbox are the store's, dead letters too. */
  forgetOwner(owner: string): Promise<void>;
}

interface SqliteBusOptions {
  /** The outbox the messages come from; the bus shares its connections. */
  store: Pick<SqliteStore, 'writer' | 'reader' | 'outbox'>;
  clock: Clock;
  log: Log;
  /** Ms between looks at the tables. */
  pollMs?: number;
  /** Ms without `working()` after which another process may take a delivery. */
  leaseMs?: number;
  /** From 0 to 1, for the jitter. */
  random?: () => number;
}

/**
 * The bus in one process, durable in the tables of the store. A process that dies is noticed by the next bus on the
 * same database: at once at its start, or when it looks at the tables. Dying counts as a failed attempt unless the
 * handler had called `working()`.
 */
export function createSqliteBus({
  store,
  clock,
  log,
  pollMs = POLL_MS,
  leaseMs = LEASE_MS,
  random = Math.random,
}: SqliteBusOptions): SqliteBus {
  const instance = registerInstance();
  const { writer, reader } = store;
  const queue = createDeliveryQueue({ writer, reader, clock, instance: instance.name, leaseMs, random });
  const deadLetters = createDeadLetters({ writer, reader, clock });
  const consumers = new Map<string, Consumer>();
  const observers = new Set<{ types: ReadonlySet<MessageType>; listener: (message: Message) => void }>();
  const stopping = new AbortController();
  const underWay = new Map<string, Map<number, { claimed: ClaimedDelivery; done: Promise<void> }>>();
  const idleWaiters = new Set<() => void>();
  let started = false;
  let observedSeq = 0;
  let fannedOutSeq = 0;
  let pumping: Promise<void> | undefined;
  let pumpAgain = false;
  let timer: NodeJS.Timeout | undefined;
  let sweptAt = clock.monotonic();
  let unsubscribe = () => {};

  const freeSlots = () =>
    [...consumers.values()]
      .map(({ name, concurrency }) => ({ consumer: name, limit: concurrency - underWay.get(name)!.size }))
      .filter(({ limit }) => limit > 0);
  const ready = () => freeSlots().map(({ consumer }) => consumer);

  const notifyObservers = async () => {
    for (;;) {
      const fresh = await queue.messagesAfter(observedSeq);
      if (fresh.length === 0) return;
      observedSeq = fresh.at(-1)!.seq;
      for (const { message } of fresh) {
        for (const { types, listener } of observers) {
          if (!types.has(message.type)) continue;
          try {
            listener(message);
          } catch (error) {
            log.error({ type: message.type, error: errorLabel(error) }, 'observer failed');
          }
        }
      }
    }
  };

  const pumpOnce = async () => {
    await notifyObservers();
    if (observedSeq > fannedOutSeq) {
      const seq = observedSeq;
      await queue.fanOut([...consumers.values()]);
      fannedOutSeq = seq;
    }
    if (await queue.hasDue(ready())) {
      for (const claimed of await queue.claim(freeSlots())) deliver(claimed);
    }
    if (clock.monotonic() - sweptAt >= SWEEP_MS) {
      sweptAt = clock.monotonic();
      await sweep(writer, [...consumers.keys()], clock.now());
    }
  };

  const pump = async () => {
    clearTimeout(timer);
    let waitMs = pollMs;
    try {
      do {
        pumpAgain = false;
        await pumpOnce();
      } while (pumpAgain && !stopping.signal.aborted);
      const due = await queue.nextDue(ready());
      if (due !== undefined) waitMs = Math.min(Math.max(due - clock.now(), 1), pollMs);
      if (idleWaiters.size > 0 && (await queue.isIdle([...consumers.keys()]))) {
        for (const resolve of idleWaiters) resolve();
        idleWaiters.clear();
      }
    } catch (error) {
      log.warn({ error: errorLabel(error) }, 'the message tables could not be read; trying again');
    }
    if (!stopping.signal.aborted) timer = setTimeout(wake, waitMs);
  };

  const wake = () => {
    if (!started || stopping.signal.aborted) return;
    pumpAgain = true;
    pumping ??= pump().finally(() => {
      pumping = undefined;
      if (pumpAgain) wake();
    });
  };

  /** What became of a delivery must get into the tables, else the message would wait for this process to end. */
  const settle = async (write: () => Promise<unknown>) => {
    for (;;) {
      try {
        await write();
        return;
      } catch (error) {
        if (stopping.signal.aborted) return;
        log.warn({ error: errorLabel(error) }, 'the outcome of a message could not be written; trying again');
        await new Promise((resolve) => setTimeout(resolve, pollMs));
      }
    }
  };

  const handle = async (claimed: ClaimedDelivery) => {
    const consumer = consumers.get(claimed.consumer)!;
    const { message, failures } = claimed;
    let extendedAt = Number.NEGATIVE_INFINITY;
    const fields = deliveryFields(claimed.consumer, message);
    const meaning = meaningOf(message.type, consumer.types);
    if (meaning === 'passed over') return settle(() => queue.acknowledge(claimed));
    if (meaning === 'unsupported') {
      log.error({ ...fields, error: UNSUPPORTED_VERSION }, 'message of a newer version: given up');
      return settle(() => queue.fail(claimed, UNSUPPORTED_VERSION, true));
    }
    try {
      await consumer.handle({
        message,
        attempt: failures + 1,
        signal: stopping.signal,
        working() {
          if (clock.monotonic() - extendedAt < leaseMs / 3) return;
          extendedAt = clock.monotonic();
          queue.extend(claimed).catch((error: unknown) => {
            log.warn({ ...fields, error: errorLabel(error) }, 'a lease could not be extended');
          });
        },
      });
    } catch (error) {
      if (stopping.signal.aborted) return settle(() => queue.handBack(claimed));
      const label = errorLabel(error);
      return settle(async () => {
        const isDead = await queue.fail(claimed, label);
        const told = { ...fields, attempt: failures + 1, error: label };
        if (isDead) log.error(told, 'message given up');
        else log.warn(told, 'message failed; trying again');
      });
    }
    await settle(() => queue.acknowledge(claimed));
  };

  const deliver = (claimed: ClaimedDelivery) => {
    const mine = underWay.get(claimed.consumer)!;
    const done = handle(claimed).finally(() => {
      mine.delete(claimed.seq);
      wake();
    });
    mine.set(claimed.seq, { claimed, done });
  };

  return {
    consume<T extends MessageType>(consumer: Consumer<T>) {
      if (started) throw new Error('Consumers are added before the bus starts.');
      if (consumers.has(consumer.name)) throw new Error(`There are two consumers ${consumer.name}.`);
      consumers.set(consumer.name, consumer as unknown as Consumer);
      underWay.set(consumer.name, new Map());
    },

    observe<T extends MessageType>(types: readonly T[], listener: (message: Message<T>) => void) {
      const observer = {
        types: new Set<MessageType>(types),
        listener: listener as (message: Message) => void,
      };
      observers.add(observer);
      return () => observers.delete(observer);
    },

    async start() {
      if (started) return;
      unsubscribe = store.outbox.onPublished(wake);
      for (const name of consumers.keys()) await queue.register(name);
      observedSeq = await queue.lastSeq();
      // What was published while no bus ran is not observed, but delivered.
      await queue.fanOut([...consumers.values()]);
      await sweep(writer, [...consumers.keys()], clock.now());
      started = true;
      wake();
    },

    async idle() {
      await new Promise<void>((resolve) => {
        idleWaiters.add(resolve);
        wake();
      });
    },

    async stop(graceMs) {
      if (stopping.signal.aborted) return;
      stopping.abort();
      unsubscribe();
      clearTimeout(timer);
      await pumping;
      clearTimeout(timer);
      const open = () => [...underWay.values()].flatMap((deliveries) => [...deliveries.values()]);
      let graceTimer: NodeJS.Timeout | undefined;
      const grace = new Promise((resolve) => {
        graceTimer = setTimeout(resolve, graceMs);
      });
      await Promise.race([Promise.all(open().map(({ done }) => done)), grace]);
      clearTimeout(graceTimer);
      for (const { claimed } of open()) await queue.handBack(claimed);
      instance.unregister();
    },

    pending: () => queue.pending([...consumers.keys()]),
    queues: () => queue.queues([...consumers.keys()]),
    // The outbox is the queue: what is committed can be seen.
    unsent: async () => 0,

    deadLetters: deadLetters.list,

    forgetOwner: async () => {},
    async replay(consumer, messageId) {
      const replayed = await deadLetters.replay(consumer, messageId);
      wake();
      return replayed;
    },
  };
}
