import type { Queries } from '../store/schema.ts';

/** Delivered messages are kept this long, for observers of other processes and for people who look for a cause. */
const KEEP_MESSAGES_MS = 24 * 60 * 60_000;
/** A consumer that no process has had for so long holds nothing back any more. */
const FORGET_CONSUMER_MS = 30 * 24 * 60 * 60_000;

/**
 * Forgets old messages that nobody waits for.
 * @param consumers those that are in use now
 * @param now ms since the Unix epoch
 */
export async function sweep(writer: Queries, consumers: readonly string[], now: number): Promise<void> {
  await writer.transaction().execute(async (db) => {
    if (consumers.length > 0) {
      await db
        .updateTable('consumers')
        .set({ seen_at: now })
        .where('name', 'in', [...consumers])
        .execute();
    }
    const slowest = await db
      .selectFrom('consumers')
      .select(({ fn }) => fn.min('cursor').as('cursor'))
      .where('seen_at', '>', now - FORGET_CONSUMER_MS)
      .executeTakeFirst();
    if (typeof slowest?.cursor !== 'number') return;
    await db
      .deleteFrom('outbox')
      .where('created_at', '<', now - KEEP_MESSAGES_MS)
      .where('seq', '<=', slowest.cursor)
      .where('seq', 'not in', db.selectFrom('deliveries').select('seq'))
      .execute();
  });
}
