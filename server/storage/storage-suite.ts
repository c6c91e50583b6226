import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, it } from 'node:test';
import { SpeakrError } from '@speakr/contracts/problem';
import type { ObjectStorage } from './storage.ts';

export interface StorageUnderTest {
  readonly storage: ObjectStorage;
  /** Bytes that an adapter sends in one piece at most. */
  readonly partBytes: number;
  cleanUp(): Promise<void>;
}

const code = (expected: string) => (error: unknown) =>
  error instanceof SpeakrError && error.code === expected;

async function* pieces(bytes: Buffer, size = 100_000): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

/** What every object storage does, whatever it stores in. */
export function storageSuite(name: string, make: () => Promise<StorageUnderTest>): void {
  describe(`object storage: ${name}`, () => {
    const behaves = (
      title: string,
      run: (storage: ObjectStorage, under: StorageUnderTest) => Promise<void>,
    ) =>
      it(title, async () => {
        const under = await make();
        try {
          await run(under.storage, under);
        } finally {
          await under.cleanUp();
        }
      });
    const readAll = async (storage: ObjectStorage, key: string, start?: number, end?: number) => {
      const parts: Buffer[] = [];
      for await (const part of storage.read(key, start, end)) parts.push(part);
      return Buffer.concat(parts);
    };
    const keysOf = async (storage: ObjectStorage, prefix: string) => {
      const keys: string[] = [];
      for await (const { key } of storage.list(prefix)) keys.push(key);
      return keys;
    };

    behaves('what was stored is read back, wholly and in ranges', async (storage) => {
      const bytes = randomBytes(300_000);
      assert.equal(await storage.create('audio/a/track-0', pieces(bytes)), bytes.length);
      assert.equal(await storage.size('audio/a/track-0'), bytes.length);
      assert.ok((await readAll(storage, 'audio/a/track-0')).equals(bytes));
      const range = await readAll(storage, 'audio/a/track-0', 1000, 150_000);
      assert.ok(range.equals(bytes.subarray(1000, 150_000)));
      const tail = await readAll(storage, 'audio/a/track-0', 299_990, 400_000);
      assert.ok(tail.equals(bytes.subarray(299_990)));
      assert.equal((await readAll(storage, 'audio/a/track-0', 300_000)).length, 0);
    });

    behaves('an object of many parts is one object', async (storage, { partBytes }) => {
      const bytes = randomBytes(partBytes * 4 + 12_345);
      await storage.create('big', pieces(bytes));
      assert.ok((await readAll(storage, 'big')).equals(bytes));
      const middle = await readAll(storage, 'big', partBytes - 10, partBytes + 10);
      assert.ok(middle.equals(bytes.subarray(partBytes - 10, partBytes + 10)));
    });

    behaves('an empty object is one', async (storage) => {
      assert.equal(await storage.create('empty', pieces(Buffer.alloc(0))), 0);
      assert.equal(await storage.size('empty'), 0);
      assert.equal((await readAll(storage, 'empty')).length, 0);
    });

    behaves('an object is never replaced, small or big', async (storage, { partBytes }) => {
      for (const [key, size] of [
        ['small', 10],
        ['big', partBytes + 10],
      ] as const) {
        const first = Buffer.alloc(size, 1);
        await storage.create(key, pieces(first));
        await assert.rejects(storage.create(key, pieces(Buffer.alloc(size, 2))), code('conflict'));
        assert.ok((await readAll(storage, key)).equals(first));
      }
    });

    behaves('of many that create the same, one does', async (storage) => {
      const results = await Promise.allSettled(
        Array.from({ length: 8 }, (_, index) => storage.create('race', pieces(Buffer.alloc(1000, index)))),
      );
      assert.equal(results.filter(({ status }) => status === 'fulfilled').length, 1);
      for (const result of results)
        if (result.status === 'rejected') assert.ok(code('conflict')(result.reason));
    });

    behaves('a body that fails leaves nothing behind', async (storage, { partBytes }) => {
      for (const size of [10, partBytes + 10]) {
        async function* broken() {
          yield* pieces(Buffer.alloc(size));
          throw new Error('the source broke');
        }
        await assert.rejects(storage.create('broken', broken()), /the source broke/);
        assert.equal(await storage.size('broken'), undefined);
        assert.deepEqual(await keysOf(storage, ''), []);
      }
    });

    behaves('what is aborted leaves nothing behind', async (storage, { partBytes }) => {
      const stop = new AbortController();
      async function* endless() {
        for (let sent = 0; ; sent += 100_000) {
          if (sent > partBytes + 200_000) stop.abort();
          yield Buffer.alloc(100_000);
          await new Promise(setImmediate);
        }
      }
      await assert.rejects(storage.create('aborted', endless(), stop.signal), { name: 'AbortError' });
      assert.equal(await storage.size('aborted'), undefined);
    });

    behaves('objects are listed by prefix, in order', async (storage) => {
      for (const key of ['audio/b/track-1', 'audio/a/track-0', 'audio/b/track-0', 'uploads/x'])
        await storage.create(key, pieces(Buffer.from(key)));
      assert.deepEqual(await keysOf(storage, 'audio/b/'), ['audio/b/track-0', 'audio/b/track-1']);
      assert.deepEqual(await keysOf(storage, 'audio/'), [
        'audio/a/track-0',
        'audio/b/track-0',
        'audio/b/track-1',
      ]);
      assert.deepEqual(await keysOf(storage, 'nothing/'), []);
      for await (const { bytes, modifiedAt } of storage.list('uploads/')) {
        assert.equal(bytes, 'uploads/x'.length);
        assert.ok(Math.abs(Date.now() - modifiedAt) < 60_000);
      }
    });

    behaves('a removed object is gone, and removing again changes nothing', async (storage) => {
      await storage.create('a/b', pieces(Buffer.from('x')));
      await storage.remove('a/b');
      await storage.remove('a/b');
      assert.equal(await storage.size('a/b'), undefined);
      await assert.rejects(readAll(storage, 'a/b'), code('not_found'));
      await storage.create('a/b', pieces(Buffer.from('y')));
    });

    behaves('a folder is removed with all that is in it, and nothing else', async (storage) => {
      for (const key of ['audio/a/track-0', 'audio/a/track-1', 'audio/ab/track-0'])
        await storage.create(key, pieces(Buffer.from(key)));
      await storage.removeAll('audio/a/');
      await storage.removeAll('audio/a/');
      assert.deepEqual(await keysOf(storage, 'audio/'), ['audio/ab/track-0']);
    });

    behaves('a key that could leave the folder is none', async (storage) => {
      for (const key of ['../etc/passwd', '/etc/passwd', 'a//b', 'a/../b', 'a b', '.hidden', ''])
        await assert.rejects(storage.create(key, pieces(Buffer.from('x'))), RangeError);
    });
  });
}
