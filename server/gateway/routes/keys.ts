import { SpeakrError } from '@speakr/contracts/problem';
import type { Clock } from '../../clock.ts';
import type { Store } from '../../store/store.ts';
import type { Handlers } from '../handler.ts';
import { newApiKey } from '../identity/api-key.ts';
import { pageOf } from '../page-of.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
const DEFAULT_DAYS = 90;
/** Valid keys of one user. */
export const MOST_KEYS = 50;

export function keyRoutes({
  store,
  clock,
}: {
  readonly store: Store;
  readonly clock: Clock;
}): Handlers<'listKeys' | 'createKey' | 'revokeKey' | 'getAccountAudit'> {
  return {
    async listKeys({ owner, query }) {
      const all = await store.read(owner, (own) => own.listApiKeys());
      const { items, ...next } = pageOf(all, query, ({ id }) => id);
      return { keys: items, ...next };
    },

    async createKey({ owner, identity, body: { name, scopes, expiresInDays = DEFAULT_DAYS } }) {
      const wanted = [...new Set(scopes)];
      if (wanted.some((scope) => !identity.scopes.includes(scope)))
        throw new SpeakrError('forbidden', 'A key cannot have a scope that its maker does not have.');
      const { id, key, secretHash } = newApiKey();
      const made = await store.transaction(owner, (own) =>
        own.createApiKey(
          { id, name, scopes: wanted, secretHash, expiresAt: clock.now() + expiresInDays * DAY_MS },
          MOST_KEYS,
        ),
      );
      return { ...made, key };
    },

    async revokeKey({ owner, params }) {
      await store.transaction(owner, (own) => own.revokeApiKey(params.key));
      return undefined;
    },

    getAccountAudit: ({ owner, query }) =>
      store.read(owner, (own) => own.listAccountAudit({ limit: 100, ...query })),
  };
}
