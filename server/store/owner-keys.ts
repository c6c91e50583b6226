import { createSecretKey, hkdfSync, type KeyObject } from 'node:crypto';

/** Keys of one owner, unwrapped once per process. */
export interface OwnerKeys {
  /** Wraps the data keys of the owner's recordings. */
  readonly userKey: KeyObject;
  /** Keys the blind index. */
  readonly blindKey: KeyObject;
}

export const USER_KEY_BYTES = 32;
/** What a user key is bound to at the key service. */
export const USER_KEY = 'user-key';

/** @param userKey 32 bytes, unwrapped */
export function ownerKeysFrom(userKey: Uint8Array): OwnerKeys {
  const blindKey = hkdfSync('sha256', userKey, '', 'speakr/blind-index', USER_KEY_BYTES);
  return { userKey: createSecretKey(userKey), blindKey: createSecretKey(Buffer.from(blindKey)) };
}
