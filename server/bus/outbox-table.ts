import type { Message } from '@speakr/contracts/events';
import type { Queries } from '../store/schema.ts';
import type { Outbox } from '../store/store.ts';
import type { OutboxTable } from './outbox-relay.ts';

/**
 * The outbox of a store, for the relay.
 * @param queries a connection that sees the messages of all owners
 */
export function createOutboxTable(outbox: Outbox, queries: Queries): OutboxTable {
  return {
    onPublished: outbox.onPublished,

    async waiting(limit, before) {
      const rows = await queries
        .selectFrom('outbox')
        .select('message')
        .where('created_at', '<=', before)
        .orderBy('seq')
        .limit(limit)
        .execute();
      return rows.map(({ message }) => JSON.parse(message) as Message);
    },

    async remove(messageIds) {
      await queries
        .deleteFrom('outbox')
        .where('id', 'in', [...messageIds])
        .execute();
    },
  };
}
