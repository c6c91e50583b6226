import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Store } from '../store.ts';
import { type MakeStore, withStore, write } from './samples.ts';

export function keptRepliesSuite(make: MakeStore): void {
  const test = (title: string, work: (store: Store) => Promise<void>) => it(title, withStore(make, work));
  const claim = (store: Store, key: string, fingerprint = 'f', owner?: string) =>
    write(store, (own) => own.claimReply(key, fingerprint), owner);

  describe('kept answers', () => {
    test('are given again for the same request, and only to their owner', async (store) => {
      assert.equal(await claim(store, 'k'), undefined);
      await write(store, (own) => own.keepReply('k', { status: 201, body: '{"said":"Zanzibar"}' }));
      assert.deepEqual(await claim(store, 'k'), { status: 201, body: '{"said":"Zanzibar"}' });
      await assert.rejects(claim(store, 'k', 'other'), { code: 'idempotency_key_reused' });
      assert.equal(await claim(store, 'k', 'other', 'somebody-else'), undefined);
    });

    test('are forgotten by their age, those of one owner only', async (store) => {
      await claim(store, 'k');
      await write(store, (own) => own.keepReply('k', { status: 200, body: '{}' }));
      await claim(store, 'k', 'f', 'somebody-else');
      const forget = (before: number) => write(store, (own) => own.forgetReplies(before));
      assert.equal(await forget(0), 0);
      assert.deepEqual(await claim(store, 'k'), { status: 200, body: '{}' });
      assert.equal(await forget(Number.MAX_SAFE_INTEGER), 1);
      assert.equal(await claim(store, 'k'), undefined);
      await assert.rejects(claim(store, 'k', 'f', 'somebody-else'), { code: 'request_running' });
    });

    test('are waited for while the request is under way, and made anew when it failed', async (store) => {
      await claim(store, 'k');
      await assert.rejects(claim(store, 'k'), { code: 'request_running' });
      await write(store, (own) => own.dropReply('k'));
      assert.equal(await claim(store, 'k', 'other'), undefined);
    });
  });
}
