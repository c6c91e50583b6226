import type { ConsumerMessages, Consumer as JetStreamConsumer } from '@nats-io/jetstream';
import { type Message, type MessageType, subjectOf } from '@speakr/contracts/events';
import { SpeakrError } from '@speakr/contracts/problem';
import type { Clock } from '../clock.ts';
import { declareStreams } from '../nats/declare-streams.ts';
import type { Nats } from '../nats/nats.ts';
import type { Log } from '../observability/log.ts';
import { createAttempts } from './attempts.ts';
import { backoffMs } from './backoff.ts';
import type { Bus, Consumer } from './bus.ts';
import type { DeadLetter } from './dead-letters.ts';
import { declareConsumer } from './declare-consumer.ts';
import { declaredConsumers } from './declared-consumers.ts';
import { errorLabel } from './error-label.ts';
import { createFleetState } from './fleet-state.ts';
import { createJetStreamDeadLetters } from './jetstream-dead-letters.ts';
import { type RunningDelivery, runDelivery } from './jetstream-delivery.ts';
import { createObservers } from './jetstream-observers.ts';
import { busStreams, MESSAGES } from './jetstream-streams.ts';
import { createOutboxRelay, type OutboxTable } from './outbox-relay.ts';

/** How soon another process gets the deliveries of one that died, ms. */
const LEASE_MS = 10_000;
/** A handler that says nothing for so long is given up, ms. */
const SILENT_MS = 10 * 60_000;
/** A pull request is renewed after this time, ms. */
const PULL_MS = 10_000;
const POLL_MS = 1000;

/** The hosted bus, with its dead letters. */
export interface JetStreamBus extends Bus {
  /** What each consumer of the fleet has before it. */
  queues(): Promise<{ consumer: string; waiting: number; underWay: number; dead: number }[]>;
  /** Messages of the outbox that the broker does not have yet. */
  unsent(): Promise<number>;
  /** Messages that wait or are under way, each counted once for each of its consumers. */
  pending(): Promise<number>;
  deadLetters(): Promise<DeadLetter[]>;
  /** See `SqliteBus.replay`. */
  replay(consumer: string, messageId?: string): Promise<number>;
  /** Removes the dead letters of a user. */
  forgetOwner(owner: string): Promise<void>;
}

export interface JetStreamBusOptions {
  readonly nats: Nats;
  readonly outbox: OutboxTable;
  readonly clock: Clock;
  readonly log: Log;
  /** How many servers hold each stream. */
  readonly replicas?: number;
  /** Consumers of the fleet, by name, with their types. */
  readonly declared?: Readonly<Record<string, readonly MessageType[]>>;
  readonly pollMs?: number;
  readonly leaseMs?: number;
  readonly silentMs?: number;
  /** Ms to wait after the n-th failure. */
  readonly backoff?: (failures: number) => number;
}

/**
 * The bus over JetStream: the outbox of the store is relayed to one stream, from which each consumer has its own durable
 * queue. Many processes share a consumer; a message is with one of them at a time, for as long as its lease.
 */
export function createJetStreamBus(options: JetStreamBusOptions): JetStreamBus {
  const { nats, outbox, clock, log, replicas = 1, declared = declaredConsumers } = options;
  const { pollMs = POLL_MS, leaseMs = LEASE_MS, silentMs = SILENT_MS } = options;
  const { backoff = (failures: number) => backoffMs(failures, Math.random()) } = options;
  const { js, jsm } = nats;
  const consumers = new Map<string, Consumer>();
  const underWay = new Map<string, Set<RunningDelivery>>();
  const stopping = new AbortController();
  const pulls = new Set<ConsumerMessages>();
  const attempts = createAttempts(nats);
  const deadLetters = createJetStreamDeadLetters(nats);
  const observers = createObservers(nats, log);
  const wakeSlots = new Map<string, () => void>();
  const loops: Promise<void>[] = [];
  let started = false;
  let stopWatching = () => {};

  const publish = async (message: Message) => {
    await js.publish(subjectOf(message.type), JSON.stringify(message), { msgID: message.id });
  };
  const relay = createOutboxRelay({ outbox, publish, log, pollMs });
  /** All consumers there are: those of the fleet, and those of this process. */
  const known = () => ({
    ...declared,
    ...Object.fromEntries([...consumers].map(([name, { types }]) => [name, types])),
  });
  const fleet = createFleetState({ nats, outbox, pollMs, deadLetters, known, flush: relay.flush });

  async function declare(): Promise<void> {
    const all = known();
    await declareStreams(jsm, busStreams(Object.keys(all), replicas), log);
    for (const [name, types] of Object.entries(all)) await declareConsumer(jsm, name, types, leaseMs);
    for await (const { name } of jsm.consumers.list(MESSAGES))
      if (!(name in all)) log.warn({ consumer: name }, 'a consumer nobody declares holds messages back');
  }

  const freeSlots = (consumer: Consumer) => consumer.concurrency - (underWay.get(consumer.name)?.size ?? 0);

  const deliverAll = async (consumer: Consumer, messages: ConsumerMessages) => {
    const mine = underWay.get(consumer.name)!;
    for await (const message of messages) {
      if (stopping.signal.aborted) {
        message.nak();
        continue;
      }
      const context = {
        nats,
        attempts,
        deadLetters,
        clock,
        log,
        stopping: stopping.signal,
        backoff,
        leaseMs,
        silentMs,
      };
      const running = runDelivery(context, consumer, message);
      mine.add(running);
      void running.done.then(() => {
        mine.delete(running);
        wakeSlots.get(consumer.name)?.();
      });
    }
  };

  /** Asks for as many messages as there are free slots, again and again. */
  const pull = async (consumer: Consumer) => {
    let source: JetStreamConsumer | undefined;
    while (!stopping.signal.aborted) {
      if (freeSlots(consumer) <= 0) {
        await new Promise<void>((resolve) => wakeSlots.set(consumer.name, resolve));
        continue;
      }
      try {
        source ??= await js.consumers.get(MESSAGES, consumer.name);
        const messages = await source.fetch({ max_messages: freeSlots(consumer), expires: PULL_MS });
        pulls.add(messages);
        try {
          if (stopping.signal.aborted) void messages.close();
          else await deliverAll(consumer, messages);
        } finally {
          pulls.delete(messages);
        }
      } catch (error) {
        source = undefined;
        if (stopping.signal.aborted) return;
        log.warn({ consumer: consumer.name, error: errorLabel(error) }, 'no messages; trying again');
        await new Promise((resolve) => setTimeout(resolve, pollMs));
      }
    }
  };

  return {
    consume<T extends MessageType>(consumer: Consumer<T>) {
      if (started) throw new Error('Consumers are added before the bus starts.');
      if (consumers.has(consumer.name)) throw new Error(`There are two consumers ${consumer.name}.`);
      const types = declared[consumer.name];
      if (types !== undefined && [...types].sort().join() !== [...consumer.types].sort().join())
        throw new Error(`The consumer ${consumer.name} asks for other types than are declared.`);
      consumers.set(consumer.name, consumer as unknown as Consumer);
      underWay.set(consumer.name, new Set());
    },

    observe: observers.observe,

    async start() {
      if (started) return;
      started = true;
      try {
        await declare();
      } catch (error) {
        if (error instanceof SpeakrError) throw error;
        throw new SpeakrError('unavailable', 'The streams could not be declared.', { cause: error });
      }
      await relay.start();
      // What was published while nobody listened is not observed, but delivered.
      await observers.start();
      // The broker has forgotten what was asked of it: asked again at once instead of when that would have ended.
      stopWatching = nats.onReconnect(() => {
        for (const messages of pulls) void messages.close();
        void relay.flush();
      });
      for (const consumer of consumers.values()) loops.push(pull(consumer));
    },

    idle: fleet.idle,
    pending: fleet.pending,
    queues: fleet.queues,
    unsent: async () => (await outbox.waiting()).messages,

    async stop(graceMs) {
      if (stopping.signal.aborted) return;
      stopping.abort();
      stopWatching();
      observers.stop();
      fleet.stop();
      await relay.stop();
      for (const messages of pulls) void messages.close();
      for (const wake of wakeSlots.values()) wake();
      await Promise.all(loops);
      const open = () => [...underWay.values()].flatMap((deliveries) => [...deliveries]);
      let timer: NodeJS.Timeout | undefined;
      const grace = new Promise((resolve) => {
        timer = setTimeout(resolve, graceMs);
      });
      await Promise.race([Promise.all(open().map(({ done }) => done)), grace]);
      clearTimeout(timer);
      await Promise.all(open().map((delivery) => delivery.handBack()));
    },

    async deadLetters() {
      const all = await Promise.all(Object.keys(known()).map((name) => deadLetters.list(name)));
      return all.flat();
    },
    async forgetOwner(owner) {
      for (const name of Object.keys(known())) await deadLetters.forget(name, owner);
    },
    replay: deadLetters.replay,
  };
}
