import type { ApiKey, Scope } from '@speakr/contracts/identity';
import { SpeakrError } from '@speakr/contracts/problem';
import { demandUser, type OwnerContext } from './owner-context.ts';
import type { Queries } from './schema.ts';
import { seal, unseal } from './sealed-value.ts';
import { audit } from './sharing.ts';
import type { OwnerStore, StoredApiKey } from './store.ts';

const columns = [
  'user_id',
  'id',
  'name',
  'scopes',
  'secret_hash',
  'created_at',
  'expires_at',
  'revoked_at',
  'used_at',
] as const;

const nameContext = (owner: string, id: string) => `${owner}/api-keys/${id}/name`;

/** The key of an id, whoever it belongs to: the database shows the one row that was asked for by its id. */
export async function findApiKey(db: Queries, id: string): Promise<StoredApiKey | undefined> {
  const row = await db.selectFrom('api_keys').select(columns).where('id', '=', id).executeTakeFirst();
  if (!row) return undefined;
  return {
    owner: row.user_id,
    id: row.id,
    scopes: row.scopes.split(' ') as Scope[],
    secretHash: row.secret_hash,
    expiresAt: row.expires_at,
    revokedAt: row.revoked_at,
    usedAt: row.used_at,
  };
}

type ApiKeyQueries = Pick<OwnerStore, 'createApiKey' | 'listApiKeys' | 'revokeApiKey' | 'noteApiKeyUse'>;

export function apiKeyQueries(context: OwnerContext): ApiKeyQueries {
  const { db, owner, keys, clock } = context;

  const opened = (row: {
    id: string;
    name: Uint8Array;
    scopes: string;
    created_at: number;
    expires_at: number;
    revoked_at: number | null;
    used_at: number | null;
  }): ApiKey => {
    const name = unseal(keys.userKey, nameContext(owner, row.id), row.name);
    if (!name) throw new SpeakrError('key_missing', `The name of API key ${row.id} does not open.`);
    return {
      id: row.id,
      name: Buffer.from(name).toString(),
      scopes: row.scopes.split(' ') as Scope[],
      createdAt: row.created_at,
      expiresAt: row.expires_at,
      ...(row.revoked_at === null ? {} : { revokedAt: row.revoked_at }),
      ...(row.used_at === null ? {} : { usedAt: row.used_at }),
    };
  };

  return {
    async createApiKey({ id, name, scopes, secretHash, expiresAt }, most) {
      await demandUser(context);
      const now = clock.now();
      const { valid } = await db
        .selectFrom('api_keys')
        .select((select) => select.fn.countAll<number>().as('valid'))
        .where('user_id', '=', owner)
        .where('revoked_at', 'is', null)
        .where('expires_at', '>', now)
        .executeTakeFirstOrThrow();
      if (Number(valid) >= most)
        throw new SpeakrError('conflict', `There are ${most} keys already.`, {
          hint: 'Revoke some with `speakr keys revoke`.',
        });
      const row = {
        user_id: owner,
        id,
        name: seal(keys.userKey, nameContext(owner, id), Buffer.from(name)),
        scopes: scopes.join(' '),
        secret_hash: secretHash,
        created_at: now,
        expires_at: expiresAt,
        revoked_at: null,
        used_at: null,
      };
      await db.insertInto('api_keys').values(row).execute();
      await audit(context, {
        user_id: owner,
        actor: owner,
        action: 'key.created',
        recording_id: '',
        subject: id,
      });
      return opened(row);
    },

    async listApiKeys() {
      const rows = await db
        .selectFrom('api_keys')
        .select(columns)
        .where('user_id', '=', owner)
        .orderBy('created_at', 'desc')
        .orderBy('id')
        .execute();
      return rows.map(opened);
    },

    async revokeApiKey(id) {
      const { numUpdatedRows } = await db
        .updateTable('api_keys')
        .set({ revoked_at: clock.now() })
        .where('user_id', '=', owner)
        .where('id', '=', id)
        .where('revoked_at', 'is', null)
        .executeTakeFirst();
      if (numUpdatedRows === 0n)
        throw new SpeakrError('not_found', `There is no valid key ${id}.`, {
          hint: 'Run `speakr keys` to see what is there.',
        });
      await audit(context, {
        user_id: owner,
        actor: owner,
        action: 'key.revoked',
        recording_id: '',
        subject: id,
      });
    },

    async noteApiKeyUse(id) {
      await db
        .updateTable('api_keys')
        .set({ used_at: clock.now() })
        .where('user_id', '=', owner)
        .where('id', '=', id)
        .execute();
    },
  };
}
