import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { NewApiKey, Store } from '../store.ts';
import { type MakeStore, withStore } from './samples.ts';

const newKey = (id: string, more: Partial<NewApiKey> = {}): NewApiKey => ({
  id,
  name: 'laptop',
  scopes: ['read', 'record'],
  secretHash: Buffer.alloc(32, 7),
  expiresAt: Date.now() + 1_000_000,
  ...more,
});

export function apiKeysSuite(make: MakeStore): void {
  const test = (title: string, work: (store: Store) => Promise<void>) => it(title, withStore(make, work));

  describe('API keys', () => {
    test('are found by their id, whoever they belong to, and listed for their owner only', async (store) => {
      assert.equal(await store.findApiKey('0000'), undefined);
      const made = await store.transaction('ada', (own) => own.createApiKey(newKey('00a1'), 10));
      assert.deepEqual([made.name, made.scopes], ['laptop', ['read', 'record']]);
      await store.transaction('bob', (own) => own.createApiKey(newKey('00b1', { name: 'ci' }), 10));
      const found = await store.findApiKey('00a1');
      assert.deepEqual([found?.owner, found?.scopes, found?.revokedAt], ['ada', ['read', 'record'], null]);
      assert.deepEqual(Buffer.from(found!.secretHash), Buffer.alloc(32, 7));
      const listed = await store.read('ada', (own) => own.listApiKeys());
      assert.deepEqual(
        listed.map(({ id, name }) => [id, name]),
        [['00a1', 'laptop']],
      );
      assert.equal((await store.findApiKey('00b1'))?.owner, 'bob');
    });

    test('are revoked by their owner, once; others find no such key', async (store) => {
      await store.transaction('ada', (own) => own.createApiKey(newKey('00a2'), 10));
      const revoke = (user: string) => store.transaction(user, (own) => own.revokeApiKey('00a2'));
      await assert.rejects(revoke('bob'), { code: 'not_found', message: 'There is no valid key 00a2.' });
      assert.equal((await store.findApiKey('00a2'))?.revokedAt, null);
      await revoke('ada');
      assert.ok((await store.findApiKey('00a2'))?.revokedAt);
      await assert.rejects(revoke('ada'), { code: 'not_found' });
    });

    test('say when they were last used', async (store) => {
      await store.transaction('ada', (own) => own.createApiKey(newKey('00a3'), 10));
      await store.transaction('bob', (own) => own.noteApiKeyUse('00a3'));
      assert.equal((await store.findApiKey('00a3'))?.usedAt, null);
      await store.transaction('ada', (own) => own.noteApiKeyUse('00a3'));
      const [key] = await store.read('ada', (own) => own.listApiKeys());
      assert.ok(key?.usedAt);
    });

    test('are no more than so many that are valid', async (store) => {
      const create = (id: string, more: Partial<NewApiKey> = {}) =>
        store.transaction('ada', (own) => own.createApiKey(newKey(id, more), 2));
      await create('0001', { expiresAt: 1 });
      await create('0002');
      await create('0003');
      await assert.rejects(create('0004'), { code: 'conflict' });
      await store.transaction('ada', (own) => own.revokeApiKey('0002'));
      await create('0005');
    });

    test('leave a trail', async (store) => {
      await store.transaction('ada', (own) => own.createApiKey(newKey('00a4'), 10));
      await store.transaction('ada', (own) => own.revokeApiKey('00a4'));
      const { entries } = await store.read('ada', (own) => own.listAccountAudit({ limit: 10 }));
      assert.deepEqual(
        entries.map(({ actor, action, key }) => [actor, action, key]),
        [
          ['ada', 'key.revoked', '00a4'],
          ['ada', 'key.created', '00a4'],
        ],
      );
      assert.deepEqual(await store.read('bob', (own) => own.listAccountAudit({ limit: 10 })), {
        entries: [],
      });
    });
  });
}
