import { AsyncLocalStorage } from 'node:async_hooks';
import { randomBytes } from 'node:crypto';
import type { Message } from '@speakr/contracts/events';
import { SpeakrError } from '@speakr/contracts/problem';
import type { Clock } from '../clock.ts';
import type { Keys } from '../keys/keys.ts';
import { apiKeyQueries, findApiKey } from './api-keys.ts';
import { jobQueries } from './jobs.ts';
import { replyQueries } from './kept-replies.ts';
import { notesQueries } from './notes.ts';
import { publishMessage } from './outbox.ts';
import type { OwnerContext } from './owner-context.ts';
import { createOwnerKeyCache } from './owner-key-cache.ts';
import { ownerKeysFrom, USER_KEY, USER_KEY_BYTES } from './owner-keys.ts';
import { passageIndexes } from './passage-indexes.ts';
import { recordingList } from './recording-list.ts';
import { recordingQueries } from './recordings.ts';
import type { Queries } from './schema.ts';
import { openShared, shareRecording, sharingQueries } from './sharing.ts';
import type { OwnerStore, Store } from './store.ts';
import { transcriptQueries } from './transcripts.ts';
import { uploadQueries } from './uploads.ts';
import { vocabularyQueries } from './vocabulary.ts';

/** Runs work in one transaction on the rows of one owner. */
export type RunTransaction = <T>(owner: string, work: (db: Queries) => Promise<T>) => Promise<T>;

/** Where and how a dialect keeps passages. */
export type PassageQueries = (
  context: OwnerContext,
) => Pick<OwnerStore, 'putPassages' | 'loadPassages' | 'scanPassages'>;

function ownerStore(context: OwnerContext, passages: PassageQueries): OwnerStore {
  return {
    owner: context.owner,
    ...recordingQueries(context),
    ...recordingList(context),
    ...transcriptQueries(context),
    ...notesQueries(context),
    ...passageIndexes(context).queries,
    ...passages(context),
    ...vocabularyQueries(context),
    ...sharingQueries(context),
    ...apiKeyQueries(context),
    ...jobQueries(context),
    ...replyQueries(context),
    ...uploadQueries(context),
    publish: (type, data, correlation) => publishMessage(context, type, data, correlation),
  };
}

interface KyselyStoreOptions {
  /** For work that changes something: one at a time for each owner. */
  write: RunTransaction;
  /** For work that only reads. */
  read: RunTransaction;
  /** Reads in the name of nobody but whoever holds the API key of this id. */
  readAsKey: RunTransaction;
  passages: PassageQueries;
  keys: Keys;
  clock: Clock;
  /** W3C trace context of what is running; none when absent. */
  traceparent?: (() => string | undefined) | undefined;
  /** Called after a transaction that deleted a recording: wipes what the database keeps beside its tables. */
  wipe?: () => void;
  close: () => Promise<void>;
}

/** The store over any database that Kysely speaks to; schema, migrations and transactions are the dialect's. */
export function createKyselyStore(options: KyselyStoreOptions): Store {
  const { write, read, readAsKey, passages, keys, clock, traceparent, wipe = () => {}, close } = options;
  const listeners = new Set<(messages: readonly Message[]) => void>();
  const running = new AsyncLocalStorage<{ open: boolean }>();

  const findUser = (owner: string) =>
    read(owner, (db) =>
      db.selectFrom('users').select('wrapped_key').where('id', '=', owner).executeTakeFirst(),
    );

  /** Makes the user's key when this is the user's first transaction. */
  const userKey = async (owner: string): Promise<Uint8Array> => {
    const known = await findUser(owner);
    if (known) return keys.unwrap(owner, known.wrapped_key, USER_KEY);
    const wrapped_key = await keys.wrap(owner, randomBytes(USER_KEY_BYTES), USER_KEY);
    await write(owner, (db) =>
      db
        .insertInto('users')
        .values({ id: owner, wrapped_key, created_at: clock.now() })
        .onConflict((conflict) => conflict.doNothing())
        .execute(),
    );
    // Another process may have been faster: what is in the table counts.
    const { wrapped_key: stored } = (await findUser(owner))!;
    return keys.unwrap(owner, stored, USER_KEY);
  };

  const keysOf = createOwnerKeyCache((owner) => userKey(owner).then(ownerKeysFrom));

  const run = async <T>(
    transaction: RunTransaction,
    owner: string,
    work: (context: OwnerContext) => Promise<T>,
  ): Promise<{ result: T; context: OwnerContext }> => {
    if (running.getStore()?.open) throw new Error('Transactions of the store do not nest.');
    const loaded = await keysOf(owner);
    const state = { open: true };
    try {
      return await transaction(owner, async (db) => {
        const context: OwnerContext = {
          db,
          owner,
          keys: loaded,
          ciphers: new Map(),
          clock,
          traceparent,
          published: [],
          wipe: false,
        };
        const result = await running.run(state, () => work(context));
        return { result, context };
      });
    } finally {
      state.open = false;
    }
  };

  return {
    async transaction(owner, work) {
      const { result, context } = await run(write, owner, (context) => work(ownerStore(context, passages)));
      if (context.wipe) wipe();
      if (context.published.length > 0) for (const listener of listeners) listener(context.published);
      return result;
    },
    async read(owner, work) {
      return (await run(read, owner, (context) => work(ownerStore(context, passages)))).result;
    },
    async share(owner, recordingId, reader) {
      // Who was never here has no key, and gets none by being named.
      if ((await findUser(reader)) === undefined)
        throw new SpeakrError('not_found', `There is no user ${reader}.`, {
          hint: 'They are known here once they have logged in and run `speakr whoami`.',
        });
      const readerKeys = await keysOf(reader);
      const shared = await run(write, owner, (context) =>
        shareRecording(context, recordingId, { reader, keys: readerKeys }),
      );
      return shared.result;
    },
    async readShared(reader, reference, work) {
      const read = await run(write, reader, async (context) => work(await openShared(context, reference)));
      return read.result;
    },
    findApiKey: (id) => readAsKey(id, (db) => findApiKey(db, id)),
    outbox: {
      onPublished(listener) {
        const entry = (messages: readonly Message[]) => listener(messages);
        listeners.add(entry);
        return () => listeners.delete(entry);
      },
    },
    close,
  };
}
