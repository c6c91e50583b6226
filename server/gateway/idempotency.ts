import { createHash } from 'node:crypto';
import { SpeakrError } from '@speakr/contracts/problem';
import type { KeptReply, Store } from '../store/store.ts';

/** As the draft of the header says a string is made; bounded. */
const KEY = /^[\x21-\x7e]{1,255}$/;

/** The key of a request. @throws SpeakrError `invalid_request` when it is none */
export function idempotencyKey(header: string | string[] | undefined): string | undefined {
  if (header === undefined) return undefined;
  if (typeof header === 'string' && KEY.test(header)) return header;
  throw new SpeakrError('invalid_request', 'Idempotency-Key: up to 255 characters of ASCII, without blanks.');
}

/** What must be the same when a request comes again under its key. */
export const fingerprintOf = (method: string, url: string, body: unknown): string =>
  createHash('sha256')
    .update(JSON.stringify([method, url, body ?? null]))
    .digest('base64url');

/**
 * Does something once for a key: when the request comes again its answer is given again. What failed is forgotten, so
 * that it can be tried again.
 * @returns the answer, and whether it is the one of before
 * @throws SpeakrError `idempotency_key_reused` for another request under the same key, `request_running` while the first
 *   is under way, and what `work` throws
 */
export async function doOnce(
  store: Store,
  { owner, key, fingerprint }: { owner: string; key: string; fingerprint: string },
  work: () => Promise<KeptReply>,
): Promise<KeptReply & { isReplayed: boolean }> {
  const kept = await store.transaction(owner, (own) => own.claimReply(key, fingerprint));
  if (kept !== undefined) return { ...kept, isReplayed: true };
  let reply: KeptReply;
  try {
    reply = await work();
  } catch (error) {
    await store.transaction(owner, (own) => own.dropReply(key)).catch(() => {});
    throw error;
  }
  await store.transaction(owner, (own) => own.keepReply(key, reply));
  return { ...reply, isReplayed: false };
}
