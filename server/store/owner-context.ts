import { randomBytes } from 'node:crypto';
import type { Message } from '@speakr/contracts/events';
import { SpeakrError } from '@speakr/contracts/problem';
import type { Clock } from '../clock.ts';
import type { CipherCache } from './cipher-cache.ts';
import type { OwnerKeys } from './owner-keys.ts';
import { createRecordingCipher, type RecordingCipher } from './recording-cipher.ts';
import type { Queries } from './schema.ts';
import { seal, unseal } from './sealed-value.ts';

/** What the queries of one transaction share. */
export interface OwnerContext {
  readonly db: Queries;
  readonly owner: string;
  readonly keys: OwnerKeys;
  /** Of recordings that this transaction has met. */
  readonly ciphers: Map<string, RecordingCipher>;
  /** Of recordings that other transactions met a moment ago. */
  readonly lately: CipherCache;
  /** The user's key as it is stored; undefined while there is no such user. */
  readonly wrappedUserKey: Uint8Array | undefined;
  readonly clock: Clock;
  /** Set when it is a reader's: the only recording it may open, and its data key. */
  readonly shared?: { readonly recordingId: string; readonly dataKey: Uint8Array };
  /** W3C trace context of what is running, for the messages. */
  readonly traceparent?: () => string | undefined;
  /** Published in this transaction; announced after the commit. */
  readonly published: Message[];
  /** Recordings that were deleted: their traces are wiped from log files and memory after the commit. */
  deleted?: Set<string>;
}

/** The keys of a transaction are not those of the user any more: it was erased, or has just come. */
export class StaleKeys extends Error {}

/**
 * Before something is sealed with the user's key: there must be such a user, with this key.
 * @throws StaleKeys the transaction runs again
 */
export async function demandUser({ db, owner, wrappedUserKey }: OwnerContext): Promise<void> {
  const row = await db.selectFrom('users').select('wrapped_key').where('id', '=', owner).executeTakeFirst();
  if (!row || !wrappedUserKey || Buffer.compare(row.wrapped_key, wrappedUserKey) !== 0) throw new StaleKeys();
}

const dataKeyContext = (owner: string, recordingId: string) => `${owner}/${recordingId}/data-key`;

/** Makes a data key; returns it ready for use and wrapped for storing. */
export function newRecordingKey(context: OwnerContext, recordingId: string) {
  const dataKey = randomBytes(32);
  return {
    cipher: createRecordingCipher(context.owner, recordingId, dataKey),
    wrappedKey: seal(context.keys.userKey, dataKeyContext(context.owner, recordingId), dataKey),
  };
}

/** @throws SpeakrError `key_missing` */
export function cipherOf(
  context: OwnerContext,
  recordingId: string,
  wrappedKey: Uint8Array,
): RecordingCipher {
  const { shared, ciphers, lately, owner } = context;
  const known =
    ciphers.get(recordingId) ??
    (shared === undefined ? lately.of(owner, recordingId, wrappedKey) : undefined);
  const cipher = known ?? unwrapCipher(context, recordingId, wrappedKey);
  ciphers.set(recordingId, cipher);
  if (known === undefined && shared === undefined) lately.hold(owner, recordingId, wrappedKey, cipher);
  return cipher;
}

/** @throws SpeakrError `key_missing` */
function unwrapCipher(
  { shared, keys, owner }: OwnerContext,
  recordingId: string,
  wrappedKey: Uint8Array,
): RecordingCipher {
  const dataKey =
    shared === undefined
      ? unseal(keys.userKey, dataKeyContext(owner, recordingId), wrappedKey)
      : shared.recordingId === recordingId && shared.dataKey;
  if (!dataKey) throw new SpeakrError('key_missing', `The key of recording ${recordingId} does not open.`);
  return createRecordingCipher(owner, recordingId, dataKey);
}

export function noSuchRecording(recordingId: string): SpeakrError {
  return new SpeakrError('not_found', `There is no recording ${recordingId}.`);
}

/** @throws SpeakrError `not_found` */
export async function loadCipher(context: OwnerContext, recordingId: string): Promise<RecordingCipher> {
  const known = context.ciphers.get(recordingId);
  if (known !== undefined) return known;
  const row = await context.db
    .selectFrom('recordings')
    .select('wrapped_key')
    .where('user_id', '=', context.owner)
    .where('id', '=', recordingId)
    .executeTakeFirst();
  if (!row) throw noSuchRecording(recordingId);
  return cipherOf(context, recordingId, row.wrapped_key);
}
