import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { SearchFilter, Store } from '../store.ts';
import {
  createSpoken,
  EMBEDDER,
  type MakeStore,
  passage,
  passages,
  read,
  segment,
  withStore,
  write,
} from './samples.ts';

export function passagesSuite(make: MakeStore): void {
  const test = (title: string, work: (store: Store) => Promise<void>) => it(title, withStore(make, work));
  const scan = (store: Store, filter: SearchFilter = {}, model = EMBEDDER) =>
    read(store, (tx) => tx.scanPassages(model, filter));
  const indexes = async (store: Store, id: string) =>
    (await scan(store, { recordingId: id })).refs.map(({ index }) => index);

  describe('passages', () => {
    test('come back with their vectors, in columns, and one by one with their texts', async (store) => {
      const id = await createSpoken(store, ['one', 'two'], { title: 'Launch', tags: ['a'], startedAt: 7000 });
      const put = [passage(id, 0, { speaker: 'me' }), passage(id, 1, { text: 'ünïcödé 👋' })];
      await write(store, (tx) => tx.putPassages(id, 1, 0, put));
      const candidates = await scan(store);
      assert.equal(candidates.dimensions, 3);
      assert.deepEqual([...candidates.vectors], [0, 1, 0.5, 1, 1, 0.5]);
      assert.deepEqual(
        await read(store, (tx) => tx.loadPassages(candidates.refs.toReversed())),
        put.toReversed().map((each) => ({
          ...each,
          terms: [],
          title: 'Launch',
          tags: ['a'],
          startedAt: 7000,
        })),
      );
    });

    test('are found by their terms, with frequencies and lengths', async (store) => {
      const id = await createSpoken(store, ['x']);
      await write(store, (tx) =>
        tx.putPassages(id, 1, 0, [
          passage(id, 0, { terms: ['launch', 'march', 'launch'] }),
          passage(id, 1, { terms: ['march'] }),
          passage(id, 2, { terms: [] }),
        ]),
      );
      const candidates = await scan(store);
      assert.deepEqual([...candidates.lengths], [3, 1, 0]);
      const found = await candidates.termPostings(['march', 'nothing', 'launch']);
      assert.deepEqual(
        found.toSorted((a, b) => a.passage - b.passage || a.term - b.term),
        [
          { passage: 0, term: 0, frequency: 1 },
          { passage: 0, term: 2, frequency: 2 },
          { passage: 1, term: 0, frequency: 1 },
        ],
      );
      assert.deepEqual(await candidates.termPostings([]), []);
    });

    test('grow at the end, from any passage on, over many of them', async (store) => {
      const id = await createSpoken(store, ['x']);
      for (const [from, count] of [
        [0, 3],
        [2, 100],
        [102, 1],
        [64, 64],
        [128, 40],
      ] as const) {
        await write(store, (tx) => tx.putPassages(id, 1, from, passages(id, count, from)));
        assert.deepEqual(
          await indexes(store, id),
          Array.from({ length: from + count }, (_, index) => index),
        );
      }
      const candidates = await scan(store);
      for (const index of [0, 63, 64, 101, 127, 128, 167]) {
        const [found] = await read(store, (tx) => tx.loadPassages([{ recordingId: id, index }]));
        assert.equal(found?.text, `passage ${index}`);
        assert.equal(candidates.vectors[index * 3], index);
        const postings = await candidates.termPostings([String(index)]);
        assert.deepEqual(postings, [{ passage: index, term: 0, frequency: 1 }]);
      }
    });

    test('can shrink, and cannot leave a hole', async (store) => {
      const id = await createSpoken(store, ['x']);
      await write(store, (tx) => tx.putPassages(id, 1, 0, passages(id, 70)));
      await write(store, (tx) => tx.putPassages(id, 1, 65, []));
      assert.equal((await indexes(store, id)).length, 65);
      assert.deepEqual(await read(store, (tx) => tx.indexState(id)), {
        revision: 1,
        passages: 65,
        endMs: 64_900,
      });
      await write(store, (tx) => tx.putPassages(id, 1, 64, []));
      assert.equal((await read(store, (tx) => tx.indexState(id)))?.endMs, 63_900);
      await assert.rejects(
        write(store, (tx) => tx.putPassages(id, 1, 66, passages(id, 1, 66))),
        RangeError,
      );
      await write(store, (tx) => tx.putPassages(id, 1, 0, []));
      assert.deepEqual(await indexes(store, id), []);
    });

    test('of an older revision go when those of another come', async (store) => {
      const id = await createSpoken(store, ['x']);
      await write(store, (tx) => tx.putPassages(id, 1, 0, passages(id, 130)));
      await write(store, (tx) => tx.putPassages(id, 2, 0, [passage(id, 0, { revision: 2, text: 'new' })]));
      assert.deepEqual(await indexes(store, id), [0]);
      const [found] = await read(store, (tx) => tx.loadPassages([{ recordingId: id, index: 0 }]));
      assert.deepEqual([found?.text, found?.revision], ['new', 2]);
    });

    test('are filtered by model, recording, tags and time; discarded recordings are left out', async (store) => {
      const make = async (startedAt: number, tags: string[], model = EMBEDDER) => {
        const id = await createSpoken(store, ['x'], { startedAt, tags });
        await write(store, (tx) => tx.putPassages(id, 1, 0, [passage(id, 0, { model })]));
        return id;
      };
      const first = await make(1000, ['a']);
      const second = await make(2000, ['a', 'b']);
      const third = await make(3000, []);
      const other = await make(4000, ['a'], 'embedder-b');
      const discarded = await make(5000, ['a']);
      await write(store, (tx) => tx.updateRecording(discarded, { cancelledAt: 6000, state: 'cancelled' }));
      const found = async (filter: SearchFilter, model?: string) =>
        (await scan(store, filter, model)).refs.map(({ recordingId }) => recordingId).toSorted();
      assert.deepEqual(await found({}), [first, second, third].toSorted());
      assert.deepEqual(await found({ tags: ['A'] }), [first, second].toSorted());
      assert.deepEqual(await found({ tags: ['a', 'b'] }), [second]);
      assert.deepEqual(await found({ since: 2000 }), [second, third].toSorted());
      assert.deepEqual(await found({ until: 2000 }), [first]);
      assert.deepEqual(await found({ recordingId: third }), [third]);
      assert.deepEqual(await found({}, 'embedder-b'), [other]);
      assert.deepEqual(await found({}, 'embedder-c'), []);
      assert.deepEqual((await read(store, (tx) => tx.scanPassages(EMBEDDER, {}), 'somebody-else')).refs, []);
    });

    test('that are gone are left out when loaded', async (store) => {
      const id = await createSpoken(store, ['x']);
      await write(store, (tx) => tx.putPassages(id, 1, 0, passages(id, 2)));
      const refs = [
        { recordingId: id, index: 9 },
        { recordingId: id, index: 1 },
        { recordingId: '0199f3a1-7c1e-7d63-9d0e-3f6a5b2c4d1e', index: 0 },
      ];
      const found = await read(store, (tx) => tx.loadPassages(refs));
      assert.deepEqual(
        found.map(({ index }) => index),
        [1],
      );
    });
  });

  describe('the index', () => {
    const stale = (store: Store, model = EMBEDDER) => read(store, (tx) => tx.staleIndexes(model));

    test('of a recording is stale until all of its segments are indexed', async (store) => {
      const id = await createSpoken(store, ['one', 'two']);
      assert.deepEqual(await stale(store), [id]);
      await write(store, (tx) => tx.putPassages(id, 1, 0, [passage(id, 0)], 1));
      assert.deepEqual(await stale(store), [id]);
      await write(store, (tx) => tx.putPassages(id, 1, 1, [passage(id, 1)], 2));
      assert.deepEqual(await stale(store), []);
      await write(store, (tx) => tx.putSegments(id, 1, [segment(2, 'three')]));
      assert.deepEqual(await stale(store), [id]);
      await write(store, (tx) => tx.putPassages(id, 1, 2, []));
      assert.deepEqual(await stale(store), []);
    });

    test('is stale when a segment was replaced', async (store) => {
      const id = await createSpoken(store, ['one', 'two']);
      await write(store, (tx) => tx.putPassages(id, 1, 0, [passage(id, 0)]));
      assert.deepEqual(await stale(store), []);
      await write(store, (tx) => tx.putSegments(id, 1, [segment(1, 'TWO')]));
      assert.deepEqual(await stale(store), [id]);
    });

    test('is stale with another embedder, unless there is nothing to embed', async (store) => {
      const id = await createSpoken(store, ['one']);
      const silent = await createSpoken(store, ['']);
      await createSpoken(store, []);
      await write(store, (tx) => tx.putPassages(id, 1, 0, [passage(id, 0)]));
      await write(store, (tx) => tx.putPassages(silent, 1, 0, []));
      assert.deepEqual(await stale(store), []);
      assert.deepEqual(await stale(store, 'embedder-b'), [id]);
    });

    test('is stale when a newer revision is complete, not while it grows', async (store) => {
      const id = await createSpoken(store, ['one']);
      await write(store, (tx) => tx.completeRevision(id, 1));
      await write(store, (tx) => tx.putPassages(id, 1, 0, [passage(id, 0)]));
      await write(store, async (tx) => {
        await tx.beginRevision(id, { revision: 2, origin: 'edit', language: 'en', model: 'm' });
        await tx.putSegments(id, 2, [segment(0, 'new', { id: '2.0.0' })]);
      });
      assert.deepEqual(await stale(store), []);
      await write(store, (tx) => tx.completeRevision(id, 2));
      assert.deepEqual(await stale(store), [id]);
    });

    test('is missing before anything was indexed', async (store) => {
      const id = await createSpoken(store, ['one']);
      assert.equal(await read(store, (tx) => tx.indexState(id)), undefined);
    });
  });
}
