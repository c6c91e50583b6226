import { AsyncLocalStorage } from 'node:async_hooks';
import { createSecretKey, hkdfSync, randomBytes } from 'node:crypto';
import type { Message } from '@speakr/contracts/events';
import type { Clock } from '../clock.ts';
import type { Keys } from '../keys/keys.ts';
import { notesQueries } from './notes.ts';
import { publishMessage } from './outbox.ts';
import type { OwnerContext, OwnerKeys } from './owner-context.ts';
import { passageScan } from './passage-scan.ts';
import { passageQueries } from './passages.ts';
import { recordingList } from './recording-list.ts';
import { recordingQueries } from './recordings.ts';
import type { Queries } from './schema.ts';
import type { OwnerStore, Store } from './store.ts';
import { transcriptQueries } from './transcripts.ts';

const KEY_BYTES = 32;
/** What a user key is bound to at the key service. */
const USER_KEY = 'user-key';

function ownerStore(context: OwnerContext): OwnerStore {
  return {
    owner: context.owner,
    ...recordingQueries(context),
    ...recordingList(context),
    ...transcriptQueries(context),
    ...notesQueries(context),
    ...passageQueries(context),
    ...passageScan(context),
    publish: (type, data, correlation) => publishMessage(context, type, data, correlation),
  };
}

interface KyselyStoreOptions {
  /** Runs the transactions that change something. */
  writer: Queries;
  /** Runs those that only read. May be the same. */
  reader: Queries;
  keys: Keys;
  clock: Clock;
  /** Called after a transaction that deleted a recording: wipes what the database keeps beside its tables. */
  wipe: () => void;
  close: () => Promise<void>;
}

/** The store over any database that Kysely speaks to; schema and migrations are the dialect's. */
export function createKyselyStore({ writer, reader, keys, clock, wipe, close }: KyselyStoreOptions): Store {
  const listeners = new Set<(messages: readonly Message[]) => void>();
  const ownerKeys = new Map<string, Promise<OwnerKeys>>();
  const running = new AsyncLocalStorage<{ open: boolean }>();

  const findUser = (owner: string) =>
    reader.selectFrom('users').select('wrapped_key').where('id', '=', owner).executeTakeFirst();

  /** Makes the user's key when this is the user's first transaction. */
  const userKey = async (owner: string): Promise<Uint8Array> => {
    const known = await findUser(owner);
    if (known) return keys.unwrap(owner, known.wrapped_key, USER_KEY);
    const wrapped_key = await keys.wrap(owner, randomBytes(KEY_BYTES), USER_KEY);
    await writer
      .insertInto('users')
      .values({ id: owner, wrapped_key, created_at: clock.now() })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
    // Another process may have been faster: what is in the table counts.
    const { wrapped_key: stored } = (await findUser(owner))!;
    return keys.unwrap(owner, stored, USER_KEY);
  };

  const keysOf = (owner: string): Promise<OwnerKeys> => {
    const known = ownerKeys.get(owner);
    if (known) return known;
    const loading = userKey(owner).then((key) => ({
      userKey: createSecretKey(key),
      blindKey: createSecretKey(Buffer.from(hkdfSync('sha256', key, '', 'speakr/blind-index', KEY_BYTES))),
    }));
    ownerKeys.set(owner, loading);
    loading.catch(() => ownerKeys.delete(owner));
    return loading;
  };

  const run = async <T>(
    database: Queries,
    owner: string,
    work: (store: OwnerStore) => Promise<T>,
  ): Promise<{ result: T; context: OwnerContext }> => {
    if (running.getStore()?.open) throw new Error('Transactions of the store do not nest.');
    const loaded = await keysOf(owner);
    const state = { open: true };
    try {
      return await database
        .transaction()
        .setAccessMode(database === reader ? 'read only' : 'read write')
        .execute(async (db) => {
          const context: OwnerContext = { db, owner, keys: loaded, clock, published: [], wipe: false };
          const result = await running.run(state, () => work(ownerStore(context)));
          return { result, context };
        });
    } finally {
      state.open = false;
    }
  };

  return {
    async transaction(owner, work) {
      const { result, context } = await run(writer, owner, work);
      if (context.wipe) wipe();
      if (context.published.length > 0) for (const listener of listeners) listener(context.published);
      return result;
    },
    async read(owner, work) {
      return (await run(reader, owner, work)).result;
    },
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
