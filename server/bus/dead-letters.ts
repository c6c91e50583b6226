import type { Message } from '@speakr/contracts/events';
import type { Clock } from '../clock.ts';
import type { Queries } from '../store/schema.ts';

export interface DeadLetter {
  readonly consumer: string;
  readonly message: Message;
  /** Code or name of the last error. */
  readonly error: string;
}

/** Messages that consumers have failed at five times. */
export function createDeadLetters({
  writer,
  reader,
  clock,
}: {
  writer: Queries;
  reader: Queries;
  clock: Clock;
}) {
  return {
    async list(): Promise<DeadLetter[]> {
      const rows = await reader
        .selectFrom('deliveries')
        .innerJoin('outbox', 'outbox.seq', 'deliveries.seq')
        .select(['consumer', 'message', 'error'])
        .where('state', '=', 'dead')
        .orderBy('deliveries.seq')
        .execute();
      return rows.map(({ consumer, message, error }) => ({
        consumer,
        message: JSON.parse(message),
        error: error ?? 'unknown',
      }));
    },

    /** @returns how many dead letters wait again */
    async replay(consumer: string, messageId?: string): Promise<number> {
      let query = writer
        .updateTable('deliveries')
        .set({ state: 'waiting', failures: 0, due_at: clock.now(), lease: null })
        .where('consumer', '=', consumer)
        .where('state', '=', 'dead');
      if (messageId !== undefined) {
        query = query.where('seq', 'in', ({ selectFrom }) =>
          selectFrom('outbox').select('seq').where('id', '=', messageId),
        );
      }
      return Number((await query.executeTakeFirst()).numUpdatedRows);
    },
  };
}
