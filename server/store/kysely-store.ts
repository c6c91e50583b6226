import { AsyncLocalStorage } from 'node:async_hooks';
import { randomBytes } from 'node:crypto';
import type { Message } from '@speakr/contracts/events';
import { SpeakrError } from '@speakr/contracts/problem';
import type { Clock } from '../clock.ts';
import type { Keys } from '../keys/keys.ts';
import { apiKeyQueries, findApiKey } from './api-keys.ts';
import { createAuditWriter } from './audit-log.ts';
import { createAuditSeals } from './audit-seals.ts';
import { createCipherCache } from './cipher-cache.ts';
import { type EraseQueries, eraseOwner } from './erase-owner.ts';
import { jobQueries } from './jobs.ts';
import { replyQueries } from './kept-replies.ts';
import { modelRegistryQueries } from './model-registry-queries.ts';
import { notesQueries } from './notes.ts';
import { publishMessage } from './outbox.ts';
import { type OwnerContext, StaleKeys } from './owner-context.ts';
import { createOwnerKeyCache } from './owner-key-cache.ts';
import { type OwnerKeys, ownerKeysFrom, USER_KEY, USER_KEY_BYTES } from './owner-keys.ts';
import { passageIndexes } from './passage-indexes.ts';
import { recordingList } from './recording-list.ts';
import { recordingQueries } from './recordings.ts';
import type { Queries } from './schema.ts';
import { openShared, shareRecording, sharingQueries } from './sharing.ts';
import type { OwnerStore, Store } from './store.ts';
import { transcriptQueries } from './transcripts.ts';
import { uploadQueries } from './uploads.ts';
import { vocabularyQueries } from './vocabulary.ts';

/** Keys of a user, and the stored form of the one they come from: none while there is no such user. */
interface UserKeys extends OwnerKeys {
  readonly wrapped: Uint8Array | undefined;
}

/** In whose name the key of the seals is derived: no user has a name without a character. */
const AUDIT = '';

/** Runs work in one transaction on the rows of one owner. */
export type RunTransaction = <T>(owner: string, work: (db: Queries) => Promise<T>) => Promise<T>;

/** Where and how a dialect keeps passages. */
export type PassageQueries = (
  context: OwnerContext,
) => Pick<OwnerStore, 'putPassages' | 'loadPassages' | 'scanPassages' | 'forgetPassages'>;

function ownerStore(context: OwnerContext, passages: PassageQueries): OwnerStore {
  return {
    owner: context.owner,
    models: modelRegistryQueries(context),
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
  /** Sees and appends to the audit log of everybody. */
  auditing: Queries;
  keys: Keys;
  clock: Clock;
  /** W3C trace context of what is running; none when absent. */
  traceparent?: (() => string | undefined) | undefined;
  erase: EraseQueries;
  /** Called after a transaction that deleted recordings: wipes what is kept of them beside the tables. */
  wipe?: (owner: string, recordingIds: ReadonlySet<string>) => void;
  close: () => Promise<void>;
}

/** The store over any database that Kysely speaks to; schema, migrations and transactions are the dialect's. */
export function createKyselyStore(options: KyselyStoreOptions): Store {
  const { write, read, readAsKey, passages, keys, clock, traceparent, wipe = () => {}, close } = options;
  const listeners = new Set<(messages: readonly Message[]) => void>();
  const running = new AsyncLocalStorage<{ open: boolean }>();
  const lately = createCipherCache();

  const findUser = (owner: string) =>
    read(owner, (db) =>
      db.selectFrom('users').select('wrapped_key').where('id', '=', owner).executeTakeFirst(),
    );

  /** Makes the user where there is none: when the first thing of theirs is to be kept. */
  async function makeUser(owner: string): Promise<void> {
    held.forget(owner);
    if (await findUser(owner)) return;
    const wrapped_key = await keys.wrap(owner, randomBytes(USER_KEY_BYTES), USER_KEY);
    await write(owner, (db) =>
      db
        .insertInto('users')
        .values({ id: owner, wrapped_key, created_at: clock.now() })
        // Another process may have been faster: what is in the table counts.
        .onConflict((conflict) => conflict.doNothing())
        .execute(),
    );
  }

  const held = createOwnerKeyCache(async (owner): Promise<UserKeys> => {
    const user = await findUser(owner);
    // Nobody has anything yet: there is nothing that these would have to open.
    if (!user) return { ...ownerKeysFrom(randomBytes(USER_KEY_BYTES)), wrapped: undefined };
    const userKey = await keys.unwrap(owner, user.wrapped_key, USER_KEY);
    return { ...ownerKeysFrom(userKey), wrapped: user.wrapped_key };
  });

  async function keysOf(owner: string): Promise<UserKeys> {
    const loaded = await held.of(owner);
    if (loaded.wrapped === undefined) held.forget(owner);
    return loaded;
  }

  /** Whether what was thrown may come of keys that are not the user's any more, and there are others now. */
  async function hasOtherKeys(owner: string, { wrapped }: UserKeys, error: unknown): Promise<boolean> {
    if (error instanceof StaleKeys) await makeUser(owner);
    else if (!(error instanceof SpeakrError) || error.code !== 'key_missing') return false;
    const now = (await findUser(owner))?.wrapped_key;
    if (now === undefined || (wrapped !== undefined && Buffer.compare(now, wrapped) === 0)) return false;
    held.forget(owner);
    return true;
  }

  const runOnce = async <T>(
    transaction: RunTransaction,
    owner: string,
    loaded: UserKeys,
    work: (context: OwnerContext) => Promise<T>,
  ): Promise<{ result: T; context: OwnerContext }> => {
    const state = { open: true };
    try {
      return await transaction(owner, async (db) => {
        const context: OwnerContext = {
          db,
          owner,
          keys: loaded,
          ciphers: new Map(),
          lately,
          wrappedUserKey: loaded.wrapped,
          clock,
          traceparent,
          published: [],
        };
        const result = await running.run(state, () => work(context));
        return { result, context };
      });
    } finally {
      state.open = false;
    }
  };

  const run = async <T>(
    transaction: RunTransaction,
    owner: string,
    work: (context: OwnerContext) => Promise<T>,
  ): Promise<{ result: T; context: OwnerContext }> => {
    if (running.getStore()?.open) throw new Error('Transactions of the store do not nest.');
    const loaded = await keysOf(owner);
    try {
      return await runOnce(transaction, owner, loaded, work);
    } catch (error) {
      if (!(await hasOtherKeys(owner, loaded, error))) throw error;
      return runOnce(transaction, owner, await keysOf(owner), work);
    }
  };

  /** After the commit: nothing of what was deleted stays. */
  function forget({ owner, deleted }: OwnerContext): void {
    if (deleted === undefined) return;
    lately.forget(owner, deleted);
    wipe(owner, deleted);
  }

  return {
    async transaction(owner, work) {
      const { result, context } = await run(write, owner, (context) => work(ownerStore(context, passages)));
      forget(context);
      if (context.published.length > 0) for (const listener of listeners) listener(context.published);
      return result;
    },
    async read(owner, work) {
      return (await run(read, owner, (context) => work(ownerStore(context, passages)))).result;
    },
    async welcome(owner) {
      if ((await keysOf(owner)).wrapped === undefined) await makeUser(owner);
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
    async erase(owner) {
      const { result, context } = await run(write, owner, (context) => eraseOwner(context, options.erase));
      if (context.deleted) held.forget(owner);
      forget(context);
      for (const listener of listeners) listener(context.published);
      return result;
    },
    noteAccess: createAuditWriter(options.auditing, () => clock.now()),
    auditSeals: createAuditSeals({
      db: options.auditing,
      key: () => keys.derive(AUDIT, 'audit-seals'),
      now: () => clock.now(),
    }),
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
