import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { Clock } from '../../clock.ts';
import type { Log } from '../../observability/log.ts';
import type { Store, StoredApiKey } from '../../store/store.ts';
import { type Authenticate, digestOf } from './authenticate.ts';

const PATTERN = /^speakr_([0-9a-f]{16})_([\w-]{43})$/;

/**
 * Makes a key: its id, which may be shown, and a secret of 256 random bits. A secret of so many bits needs no slow hash:
 * nobody can try them all.
 */
export function newApiKey(): { id: string; key: string; secretHash: Buffer } {
  const id = randomBytes(8).toString('hex');
  const secret = randomBytes(32).toString('base64url');
  return { id, key: `speakr_${id}_${secret}`, secretHash: digestOf(secret) };
}

/** How long a gateway may take to notice that a key was revoked, ms: so long it does not ask the database again. */
export const KEY_CACHE_MS = 5000;
const MOST_CACHED = 10_000;
/** How exact the time of the last use is, ms. */
const USE_MS = 10 * 60_000;
/** Compared with when there is no such key, so that it takes as long. */
const NOBODYS = Buffer.alloc(32);

/** API keys of the store. */
export function createApiKeyAuthenticate({
  store,
  clock,
  log,
}: {
  store: Store;
  clock: Clock;
  log: Log;
}): Authenticate {
  const cache = new Map<string, { key: StoredApiKey | undefined; at: number }>();

  async function find(id: string): Promise<StoredApiKey | undefined> {
    const cached = cache.get(id);
    if (cached !== undefined && clock.monotonic() - cached.at < KEY_CACHE_MS) return cached.key;
    const key = await store.findApiKey(id);
    cache.delete(id);
    if (cache.size >= MOST_CACHED) cache.delete(cache.keys().next().value ?? '');
    cache.set(id, { key, at: clock.monotonic() });
    return key;
  }

  return async (token) => {
    const [, id, secret] = PATTERN.exec(token) ?? [];
    if (id === undefined || secret === undefined) return undefined;
    const key = await find(id);
    const isRight = timingSafeEqual(digestOf(secret), key?.secretHash ?? NOBODYS);
    const now = clock.now();
    if (key === undefined || !isRight || key.revokedAt !== null || key.expiresAt <= now) return undefined;
    if (now - (key.usedAt ?? 0) > USE_MS) {
      cache.set(id, { key: { ...key, usedAt: now }, at: cache.get(id)?.at ?? clock.monotonic() });
      // Not worth making anybody wait, or fail.
      store
        .transaction(key.owner, (own) => own.noteApiKeyUse(id))
        .catch((error: unknown) => log.warn({ error }, 'the use of a key could not be noted'));
    }
    return { user: key.owner, scopes: [...key.scopes], method: 'key' };
  };
}
