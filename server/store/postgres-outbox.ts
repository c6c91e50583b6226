import type { Message } from '@speakr/contracts/events';
import { sql } from 'kysely';
import type { PostgresDatabase } from './postgres-database.ts';

/** The outbox as those see it who pass messages on, whoever they belong to. */
export interface OutboxRelay {
  /**
   * Gives the oldest messages to `publish`, and forgets them when it resolves; when it rejects they stay. Messages that
   * another relay has at this moment are left to it, so several may run; order holds within one relay. After a crash
   * a message may be given again: publish it under its id.
   * @param limit at most this many
   * @returns how many there were
   */
  take(limit: number, publish: (messages: readonly Message[]) => Promise<void>): Promise<number>;
  /** What waits, and since when (ms since the epoch), for metrics. */
  waiting(): Promise<{ messages: number; oldestAt: number | undefined }>;
  close(): Promise<void>;
}

/** @param database of the role `speakr_worker` */
export function createOutboxRelay({ db, close }: PostgresDatabase): OutboxRelay {
  return {
    take: (limit, publish) =>
      db.transaction().execute(async (transaction) => {
        const rows = await transaction
          .selectFrom('outbox')
          .select(['seq', 'message'])
          .orderBy('seq')
          .limit(limit)
          .forUpdate()
          .skipLocked()
          .execute();
        if (rows.length === 0) return 0;
        await publish(rows.map(({ message }) => JSON.parse(message) as Message));
        const taken = rows.map(({ seq }) => seq);
        await transaction
          .deleteFrom('outbox')
          .where('seq', '=', sql<number>`any(${taken}::bigint[])`)
          .execute();
        return rows.length;
      }),

    async waiting() {
      const row = await db
        .selectFrom('outbox')
        .select(({ fn }) => [fn.countAll<number>().as('messages'), fn.min('created_at').as('oldest')])
        .executeTakeFirstOrThrow();
      return { messages: row.messages, oldestAt: row.oldest ?? undefined };
    },

    close,
  };
}
