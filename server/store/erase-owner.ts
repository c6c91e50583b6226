import { publishMessage } from './outbox.ts';
import type { OwnerContext } from './owner-context.ts';
import type { Queries, Tables } from './schema.ts';
import type { Erased } from './store.ts';

/** Tables with rows of a user that hang on no recording, in an order in which they can be emptied. */
const BESIDE_RECORDINGS = ['vocabularies', 'kept_replies'] as const satisfies readonly (keyof Tables)[];

/** What differs between the dialects. */
export interface EraseQueries {
  /** Takes from the user's entries whom and what they are about. @returns how many there were */
  audit(db: Queries, owner: string, now: number): Promise<number>;
  /** Removes what only this dialect keeps. */
  beside(db: Queries, owner: string): Promise<void>;
}

/** What `Store.erase` does, in one transaction; the last thing that goes is the key. */
export async function eraseOwner(context: OwnerContext, queries: EraseQueries): Promise<Erased> {
  const { db, owner, clock } = context;
  const recordings = await db
    .selectFrom('recordings')
    .select(['id', 'state'])
    .where('user_id', '=', owner)
    .execute();
  const nothing = { recordings: 0, uploads: 0, keys: 0, shares: 0, auditEntries: 0 };
  const running = recordings.filter(({ state }) => state === 'recording').map(({ id }) => id);
  if (running.length > 0) return { running, ...nothing };

  await db.deleteFrom('outbox').where('user_id', '=', owner).execute();
  const own = await removed(db.deleteFrom('shares').where('user_id', '=', owner));
  const ofOthers = await removed(db.deleteFrom('shares').where('shared_with', '=', owner));
  await db.deleteFrom('recordings').where('user_id', '=', owner).execute();
  const uploads = await removed(db.deleteFrom('uploads').where('user_id', '=', owner));
  const keys = await removed(db.deleteFrom('api_keys').where('user_id', '=', owner));
  for (const table of BESIDE_RECORDINGS) await db.deleteFrom(table).where('user_id', '=', owner).execute();
  const auditEntries = await queries.audit(db, owner, clock.now());
  await queries.beside(db, owner);
  await db.deleteFrom('users').where('id', '=', owner).execute();
  context.deleted = new Set(recordings.map(({ id }) => id));
  // Whoever works on one of them stops, and its audio goes.
  for (const { id } of recordings) await publishMessage(context, 'recording.deleted.v1', { recordingId: id });
  return { running: [], recordings: recordings.length, uploads, keys, shares: own + ofOthers, auditEntries };
}

async function removed(query: { executeTakeFirst(): Promise<{ numDeletedRows: bigint }> }): Promise<number> {
  return Number((await query.executeTakeFirst()).numDeletedRows);
}
