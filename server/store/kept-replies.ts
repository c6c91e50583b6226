import { SpeakrError } from '@speakr/contracts/problem';
import { demandUser, type OwnerContext } from './owner-context.ts';
import { seal, unseal } from './sealed-value.ts';
import type { KeptReply, OwnerStore } from './store.ts';

/** How long an answer can be had again, ms. */
export const REPLIES_KEPT_MS = 24 * 60 * 60 * 1000;
/** A request that has not ended by then has died with its server, ms. */
const RUNNING_MS = 60_000;
/** When to ask again for what is under way, ms. */
const ASK_AGAIN_MS = 1000;

const bodyContext = (owner: string, key: string) => `${owner}/kept-replies/${key}`;

type ReplyQueries = Pick<OwnerStore, 'claimReply' | 'keepReply' | 'dropReply' | 'forgetReplies'>;

export function replyQueries(context: OwnerContext): ReplyQueries {
  const { db, owner, keys, clock } = context;
  const forgetReplies = async (begunBefore: number) => {
    const { numDeletedRows } = await db
      .deleteFrom('kept_replies')
      .where('user_id', '=', owner)
      .where('created_at', '<', begunBefore)
      .executeTakeFirst();
    return Number(numDeletedRows);
  };
  return {
    forgetReplies,

    async claimReply(key, fingerprint): Promise<KeptReply | undefined> {
      const now = clock.now();
      await forgetReplies(now - REPLIES_KEPT_MS);
      const row = await db
        .selectFrom('kept_replies')
        .select(['fingerprint', 'status', 'body', 'created_at'])
        .where('user_id', '=', owner)
        .where('key', '=', key)
        .executeTakeFirst();
      if (row === undefined) {
        await demandUser(context);
        await db
          .insertInto('kept_replies')
          .values({ user_id: owner, key, fingerprint, status: null, body: null, created_at: now })
          .execute();
        return undefined;
      }
      if (row.fingerprint !== fingerprint) throw new SpeakrError('idempotency_key_reused');
      if (row.status === null || row.body === null) {
        if (row.created_at > now - RUNNING_MS)
          throw new SpeakrError('request_running', undefined, { retryAfterMs: ASK_AGAIN_MS });
        await db
          .updateTable('kept_replies')
          .set({ created_at: now })
          .where('user_id', '=', owner)
          .where('key', '=', key)
          .execute();
        return undefined;
      }
      const body = unseal(keys.userKey, bodyContext(owner, key), row.body);
      if (!body) throw new SpeakrError('key_missing', 'A kept answer does not open.');
      return { status: row.status, body: Buffer.from(body).toString() };
    },

    async keepReply(key, { status, body }) {
      const sealed = seal(keys.userKey, bodyContext(owner, key), Buffer.from(body));
      await db
        .updateTable('kept_replies')
        .set({ status, body: sealed })
        .where('user_id', '=', owner)
        .where('key', '=', key)
        .execute();
    },

    async dropReply(key) {
      await db.deleteFrom('kept_replies').where('user_id', '=', owner).where('key', '=', key).execute();
    },
  };
}
