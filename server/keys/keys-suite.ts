import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { SpeakrError } from '@speakr/contracts/problem';
import type { Keys } from './keys.ts';

export interface KeysUnderTest {
  /** The keys as another process gets them. */
  keys(): Keys;
  cleanUp(): Promise<void>;
}

const dataKey = Buffer.alloc(32, 7);
const isMissing = (error: unknown) => error instanceof SpeakrError && error.code === 'key_missing';
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

/** What all keys do, wherever the wrapping key is. */
export function keysSuite(name: string, make: () => Promise<KeysUnderTest>): void {
  describe(`keys: ${name}`, () => {
    const behave = (title: string, run: (keys: () => Keys) => Promise<void>) =>
      it(title, async () => {
        const under = await make();
        try {
          await under.keys().prepare();
          await run(under.keys);
        } finally {
          await under.cleanUp();
        }
      });

    behave('what one process wrapped another opens, and the wrapping shows nothing', async (keys) => {
      const wrapped = await keys().wrap('local', dataKey, 'context');
      assert.equal(Buffer.from(wrapped).includes(dataKey), false);
      assert.equal(hex(await keys().unwrap('local', wrapped, 'context')), hex(dataKey));
    });

    behave('the same key is never wrapped the same way twice', async (keys) => {
      const [one, two] = [await keys().wrap('local', dataKey, 'c'), await keys().wrap('local', dataKey, 'c')];
      assert.notEqual(hex(one), hex(two));
    });

    behave('a key opens for its owner and context only, and not when it was changed', async (keys) => {
      const wrapped = await keys().wrap('local', dataKey, 'context');
      const flipped = Buffer.from(wrapped);
      flipped[20]! ^= 1;
      const attempts = [
        keys().unwrap('other', wrapped, 'context'),
        keys().unwrap('local', wrapped, 'other'),
        keys().unwrap('local', flipped, 'context'),
        keys().unwrap('local', Buffer.alloc(3), 'context'),
      ];
      // All are listened to at once: one that fails while another is waited for would be nobody's.
      await Promise.all(attempts.map((attempt) => assert.rejects(attempt, isMissing)));
    });

    behave('each owner and purpose has a derived key, the same in every process', async (keys) => {
      const derived = await Promise.all([
        keys().derive('local', 'spool'),
        keys().derive('local', 'other'),
        keys().derive('other', 'spool'),
      ]);
      for (const key of derived) assert.equal(key.length, 32);
      assert.equal(new Set(derived.map(hex)).size, 3);
      assert.equal(hex(await keys().derive('local', 'spool')), hex(derived[0]!));
    });

    behave('preparing again changes nothing', async (keys) => {
      const wrapped = await keys().wrap('local', dataKey, 'context');
      const derived = await keys().derive('local', 'spool');
      await keys().prepare();
      assert.equal(hex(await keys().unwrap('local', wrapped, 'context')), hex(dataKey));
      assert.equal(hex(await keys().derive('local', 'spool')), hex(derived));
    });
  });
}
