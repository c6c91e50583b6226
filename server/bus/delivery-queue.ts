import type { Message, MessageType } from '@speakr/contracts/events';
import { sql } from 'kysely';
import type { Clock } from '../clock.ts';
import type { Queries } from '../store/schema.ts';
import { backoffMs, MAX_BACKOFF_MS, MAX_FAILURES } from './backoff.ts';
import { isGone } from './bus-instance.ts';
import { nameWithoutVersion } from './message-versions.ts';

/** Messages observers get at once. */
const OBSERVE_ROWS = 500;

export interface ClaimedDelivery {
  readonly consumer: string;
  readonly seq: number;
  readonly failures: number;
  readonly message: Message;
}

interface DeliveryQueueOptions {
  writer: Queries;
  reader: Queries;
  clock: Clock;
  /** Name of this bus instance. */
  instance: string;
  /** How long a delivery may go on without a sign of life before another process may take it, ms. */
  leaseMs: number;
  random: () => number;
}

const parse = (text: string): Message => JSON.parse(text);

/** The queue under the bus: what each consumer still has to do, in the tables beside the outbox. */
export function createDeliveryQueue({
  writer,
  reader,
  clock,
  instance,
  leaseMs,
  random,
}: DeliveryQueueOptions) {
  const held = (db: Queries, { consumer, seq }: { consumer: string; seq: number }) =>
    db
      .updateTable('deliveries')
      .where('consumer', '=', consumer)
      .where('seq', '=', seq)
      .where('lease', '=', instance);

  /** What process deaths left behind: at once when the process is gone, else when the lease has run out. */
  const releaseLost = async (db: Queries) => {
    const now = clock.now();
    const foreign = await db
      .selectFrom('deliveries')
      .select(['lease', 'lease_until'])
      .where('state', '=', 'leased')
      .where('lease', '<>', instance)
      .distinct()
      .execute();
    for (const { lease, lease_until } of foreign) {
      const isOut = lease_until <= now || lease_until > now + leaseMs;
      if (lease === null || !(isOut || isGone(lease))) continue;
      await db
        .updateTable('deliveries')
        .set({
          state: 'waiting',
          lease: null,
          due_at: now,
          failures: sql`failures + 1 - working`,
          error: 'process_died',
        })
        .where('lease', '=', lease)
        .where('lease_until', '=', lease_until)
        .execute();
    }
    if (foreign.length === 0) return;
    await db
      .updateTable('deliveries')
      .set({ state: 'dead' })
      .where('state', '=', 'waiting')
      .where('failures', '>=', MAX_FAILURES)
      .execute();
  };

  return {
    /** Makes a consumer known; one that is new gets everything that is still kept. */
    async register(name: string): Promise<void> {
      const seen_at = clock.now();
      await writer
        .insertInto('consumers')
        .values({ name, cursor: 0, seen_at })
        .onConflict((conflict) => conflict.column('name').doUpdateSet({ seen_at }))
        .execute();
    },

    async lastSeq(): Promise<number> {
      const row = await reader
        .selectFrom('outbox')
        .select('seq')
        .orderBy('seq', 'desc')
        .limit(1)
        .executeTakeFirst();
      return row?.seq ?? 0;
    },

    async messagesAfter(seq: number): Promise<{ seq: number; message: Message }[]> {
      const rows = await reader
        .selectFrom('outbox')
        .select(['seq', 'message'])
        .where('seq', '>', seq)
        .orderBy('seq')
        .limit(OBSERVE_ROWS)
        .execute();
      return rows.map((row) => ({ seq: row.seq, message: parse(row.message) }));
    },

    /** Hands new messages to the consumers. */
    async fanOut(consumers: readonly { name: string; types: readonly MessageType[] }[]): Promise<void> {
      await writer.transaction().execute(async (db) => {
        const last = await db
          .selectFrom('outbox')
          .select('seq')
          .orderBy('seq', 'desc')
          .limit(1)
          .executeTakeFirst();
        if (!last) return;
        const now = clock.now();
        for (const { name, types } of consumers) {
          const { cursor } = await db
            .selectFrom('consumers')
            .select('cursor')
            .where('name', '=', name)
            .executeTakeFirstOrThrow();
          if (cursor >= last.seq) continue;
          const fresh = await db
            .selectFrom('outbox')
            .select('seq')
            .where('seq', '>', cursor)
            // Of every version: what a newer program has published is not understood, and not lost.
            .where((where) =>
              where.or(types.map((type) => where('type', 'like', `${nameWithoutVersion(type)}v%`))),
            )
            .execute();
          for (const { seq } of fresh) {
            await db
              .insertInto('deliveries')
              .values({
                consumer: name,
                seq,
                state: 'waiting',
                failures: 0,
                due_at: now,
                lease: null,
                lease_until: 0,
                working: 0,
                error: null,
              })
              .execute();
          }
          await db.updateTable('consumers').set({ cursor: last.seq }).where('name', '=', name).execute();
        }
      });
    },

    /** Takes what is due, oldest first. */
    async claim(wanted: readonly { consumer: string; limit: number }[]): Promise<ClaimedDelivery[]> {
      const now = clock.now();
      const claimed: ClaimedDelivery[] = [];
      await writer.transaction().execute(async (db) => {
        await releaseLost(db);
        for (const { consumer, limit } of wanted) {
          if (limit <= 0) continue;
          const rows = await db
            .selectFrom('deliveries')
            .innerJoin('outbox', 'outbox.seq', 'deliveries.seq')
            .select(['deliveries.seq', 'deliveries.failures', 'outbox.message'])
            .where('consumer', '=', consumer)
            .where('state', '=', 'waiting')
            .where((where) =>
              where.or([where('due_at', '<=', now), where('due_at', '>', now + MAX_BACKOFF_MS)]),
            )
            .orderBy('deliveries.seq')
            .limit(limit)
            .execute();
          for (const { seq, failures, message } of rows) {
            await db
              .updateTable('deliveries')
              .set({ state: 'leased', lease: instance, lease_until: now + leaseMs, working: 0 })
              .where('consumer', '=', consumer)
              .where('seq', '=', seq)
              .execute();
            claimed.push({ consumer, seq, failures, message: parse(message) });
          }
        }
      });
      return claimed;
    },

    /** Whether `claim` could find something for these consumers; takes no lock. */
    async hasDue(consumers: readonly string[]): Promise<boolean> {
      const now = clock.now();
      const row = await reader
        .selectFrom('deliveries')
        .select('seq')
        .where((where) =>
          where.or([
            where.and([
              where('state', '=', 'waiting'),
              where('consumer', 'in', [...consumers]),
              where.or([where('due_at', '<=', now), where('due_at', '>', now + MAX_BACKOFF_MS)]),
            ]),
            where.and([where('state', '=', 'leased'), where('lease', '<>', instance)]),
          ]),
        )
        .limit(1)
        .executeTakeFirst();
      return row !== undefined;
    },

    /** When the next waiting delivery of these consumers is due; `undefined` when none waits. */
    async nextDue(consumers: readonly string[]): Promise<number | undefined> {
      const row = await reader
        .selectFrom('deliveries')
        .select('due_at')
        .where('state', '=', 'waiting')
        .where('consumer', 'in', [...consumers])
        .orderBy('due_at')
        .limit(1)
        .executeTakeFirst();
      return row?.due_at;
    },

    async acknowledge({ consumer, seq }: ClaimedDelivery): Promise<void> {
      await writer
        .deleteFrom('deliveries')
        .where('consumer', '=', consumer)
        .where('seq', '=', seq)
        .where('lease', '=', instance)
        .execute();
    },

    /**
     * @param forGood no other attempt can help
     * @returns whether the message has become a dead letter
     */
    async fail(delivery: ClaimedDelivery, error: string, forGood = false): Promise<boolean> {
      const failures = delivery.failures + 1;
      const isDead = forGood || failures >= MAX_FAILURES;
      await held(writer, delivery)
        .set({
          state: isDead ? 'dead' : 'waiting',
          lease: null,
          failures,
          error,
          due_at: clock.now() + backoffMs(failures, random()),
        })
        .execute();
      return isDead;
    },

    async extend(delivery: ClaimedDelivery): Promise<void> {
      await held(writer, delivery)
        .set({ lease_until: clock.now() + leaseMs, working: 1 })
        .execute();
    },

    /** Gives a delivery back untouched. */
    async handBack(delivery: ClaimedDelivery): Promise<void> {
      await held(writer, delivery).set({ state: 'waiting', lease: null, due_at: clock.now() }).execute();
    },

    /** Whether these consumers have done everything but their dead letters. */
    async isIdle(consumers: readonly string[]): Promise<boolean> {
      if (consumers.length === 0) return true;
      const open = await reader
        .selectFrom('deliveries')
        .select('seq')
        .where('consumer', 'in', [...consumers])
        .where('state', '<>', 'dead')
        .limit(1)
        .executeTakeFirst();
      if (open) return false;
      const behind = await reader
        .selectFrom('consumers')
        .select('name')
        .where('name', 'in', [...consumers])
        .where('cursor', '<', ({ selectFrom }) =>
          selectFrom('outbox').select(({ fn }) => fn.max('seq').as('last')),
        )
        .limit(1)
        .executeTakeFirst();
      return behind === undefined;
    },

    async queues(consumers: readonly string[]) {
      const rows = await reader
        .selectFrom('deliveries')
        .select(({ fn }) => ['consumer', 'state', fn.countAll<number>().as('count')])
        .groupBy(['consumer', 'state'])
        .execute();
      return consumers.map((consumer) => {
        const count = (wanted: string) =>
          Number(rows.find((row) => row.consumer === consumer && row.state === wanted)?.count ?? 0);
        return {
          consumer,
          waiting: count('waiting'),
          underWay: count('leased'),
          dead: count('dead'),
        };
      });
    },

    async pending(consumers: readonly string[]): Promise<number> {
      const row = await reader
        .selectFrom('deliveries')
        .select(({ fn }) => fn.countAll<number>().as('count'))
        .where('consumer', 'in', [...consumers])
        .where('state', '<>', 'dead')
        .executeTakeFirstOrThrow();
      return Number(row.count);
    },
  };
}
