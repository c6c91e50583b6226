import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { SearchFilter, Store } from '../store.ts';
import {
  createSpoken,
  EMBEDDER,
  type MakeStore,
  OWNER,
  passage,
  passages,
  read,
  segment,
  withStore,
  write,
} from './samples.ts';

export function passagesSuite(make: MakeStore): void {
  const test = (title: string, work: (store: Store) => Promise<void>) => it(title, withStore(make, work));
  /** Asks for candidates and looks among them, in one transaction. */
  const find = (
    store: Store,
    wanted: { terms?: string[]; vector?: number[]; nearest?: number },
    {
      filter = {},
      model = EMBEDDER,
      owner = OWNER,
    }: { filter?: SearchFilter; model?: string; owner?: string } = {},
  ) =>
    read(
      store,
      async (tx) => {
        const candidates = await tx.scanPassages(model, filter);
        const { terms = [], vector, nearest = 1000 } = wanted;
        const found = await candidates.find({
          terms,
          vector: vector && Float32Array.from(vector),
          nearest: vector ? nearest : 0,
        });
        return {
          ...found,
          count: candidates.count,
          passages: found.passages.toSorted(
            (a, b) => a.recordingId.localeCompare(b.recordingId) || a.index - b.index,
          ),
        };
      },
      owner,
    );
  const indexes = async (store: Store, id: string) =>
    (await find(store, { vector: [1, 0, 0] }, { filter: { recordingId: id } })).passages.map(
      ({ index }) => index,
    );

  describe('passages', () => {
    test('come back with their vectors, in columns, and one by one with their texts', async (store) => {
      const id = await createSpoken(store, ['one', 'two'], { title: 'Launch', tags: ['a'], startedAt: 7000 });
      const put = [passage(id, 0, { speaker: 'me' }), passage(id, 1, { text: 'ünïcödé 👋' })];
      await write(store, (tx) => tx.putPassages(id, 1, 0, put));
      assert.deepEqual(
        await read(store, (tx) =>
          tx.loadPassages(
            [1, 0].map((index) => ({ recordingId: id, index })),
            EMBEDDER,
          ),
        ),
        put.toReversed().map(({ vector, terms, ...shown }) => ({
          ...shown,
          title: 'Launch',
          tags: ['a'],
          startedAt: 7000,
          speakers: {},
        })),
      );
    });

    test('are compared with a vector, all of them, and the nearest come back', async (store) => {
      const id = await createSpoken(store, ['x']);
      const vectors = [
        [1, 0, 0],
        [0, 1, 0],
        [0.5, 0, -0.25],
        [0.25, 0.5, 1],
      ];
      await write(store, (tx) =>
        tx.putPassages(
          id,
          1,
          0,
          vectors.map((vector, index) => passage(id, index, { vector: Float32Array.from(vector) })),
        ),
      );
      const near = async (nearest: number) =>
        (await find(store, { vector: [0.5, 0, 0.5], nearest })).passages.map(
          ({ index, similarity }) => [index, similarity] as const,
        );
      assert.deepEqual(await near(2), [
        [0, 0.5],
        [3, 0.625],
      ]);
      assert.deepEqual(await near(10), [
        [0, 0.5],
        [1, 0],
        [2, 0.125],
        [3, 0.625],
      ]);
      const far = await find(store, { vector: [0.5, 0, 0.5], nearest: 1, terms: ['1'] });
      assert.deepEqual(
        far.passages.map(({ index, similarity, frequencies }) => [index, similarity, frequencies]),
        [
          [1, 0, [1]],
          [3, 0.625, [0]],
        ],
        'one that holds a term comes with its similarity, near or not',
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
      const {
        passages: found,
        meanLength,
        count,
      } = await find(store, {
        terms: ['march', 'nothing', 'launch'],
      });
      assert.deepEqual(found, [
        { recordingId: id, index: 0, similarity: 0, length: 3, frequencies: [1, 0, 2] },
        { recordingId: id, index: 1, similarity: 0, length: 1, frequencies: [1, 0, 0] },
      ]);
      assert.equal(count, 3);
      assert.ok(Math.abs(meanLength - 4 / 3) < 1e-6);
      assert.deepEqual((await find(store, {})).passages, []);
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
      for (const index of [0, 63, 64, 101, 127, 128, 167]) {
        const [found] = await read(store, (tx) => tx.loadPassages([{ recordingId: id, index }], EMBEDDER));
        assert.equal(found?.text, `passage ${index}`);
        const { passages: holding } = await find(store, {
          terms: [String(index)],
          vector: [1, 0, 0],
          nearest: 0,
        });
        assert.deepEqual(holding, [
          { recordingId: id, index, similarity: index, length: 2, frequencies: [1] },
        ]);
      }
    });

    test('can shrink, and cannot leave a hole', async (store) => {
      const id = await createSpoken(store, ['x']);
      await write(store, (tx) => tx.putPassages(id, 1, 0, passages(id, 70)));
      await write(store, (tx) => tx.putPassages(id, 1, 65, [], undefined, EMBEDDER));
      assert.equal((await indexes(store, id)).length, 65);
      assert.deepEqual(await read(store, (tx) => tx.indexState(id, EMBEDDER)), {
        revision: 1,
        passages: 65,
        endMs: 64_900,
      });
      await write(store, (tx) => tx.putPassages(id, 1, 64, [], undefined, EMBEDDER));
      assert.equal((await read(store, (tx) => tx.indexState(id, EMBEDDER)))?.endMs, 63_900);
      await assert.rejects(
        write(store, (tx) => tx.putPassages(id, 1, 66, passages(id, 1, 66))),
        RangeError,
      );
      await write(store, (tx) => tx.putPassages(id, 1, 0, [], undefined, EMBEDDER));
      assert.deepEqual(await indexes(store, id), []);
    });

    test('of an older revision go when those of another come', async (store) => {
      const id = await createSpoken(store, ['x']);
      await write(store, (tx) => tx.putPassages(id, 1, 0, passages(id, 130)));
      await write(store, (tx) => tx.putPassages(id, 2, 0, [passage(id, 0, { revision: 2, text: 'new' })]));
      assert.deepEqual(await indexes(store, id), [0]);
      const [found] = await read(store, (tx) => tx.loadPassages([{ recordingId: id, index: 0 }], EMBEDDER));
      assert.deepEqual([found?.text, found?.revision], ['new', 2]);
    });

    test('stay where they are the same in a new revision', async (store) => {
      const id = await createSpoken(store, ['x']);
      await write(store, (tx) => tx.putPassages(id, 1, 0, passages(id, 130)));
      await write(store, (tx) =>
        tx.putPassages(id, 2, 128, [passage(id, 128, { revision: 2, text: 'new' })]),
      );
      assert.equal((await indexes(store, id)).length, 129);
      const found = await read(store, (tx) =>
        tx.loadPassages(
          [0, 127, 128].map((index) => ({ recordingId: id, index })),
          EMBEDDER,
        ),
      );
      assert.deepEqual(
        found.map(({ revision }) => revision),
        [2, 2, 2],
      );
      assert.equal(found[2]?.text, 'new');
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
        (await find(store, { vector: [1, 0, 0] }, { filter, model })).passages.map(
          ({ recordingId }) => recordingId,
        );
      assert.deepEqual(await found({}), [first, second, third].toSorted());
      assert.deepEqual(await found({ tags: ['A'] }), [first, second].toSorted());
      assert.deepEqual(await found({ tags: ['a', 'b'] }), [second]);
      assert.deepEqual(await found({ since: 2000 }), [second, third].toSorted());
      assert.deepEqual(await found({ until: 2000 }), [first]);
      assert.deepEqual(await found({ recordingId: third }), [third]);
      assert.deepEqual(await found({}, 'embedder-b'), [other]);
      assert.deepEqual(await found({}, 'embedder-c'), []);
      const foreign = await find(
        store,
        { vector: [1, 0, 0], terms: ['passage'] },
        { owner: 'somebody-else' },
      );
      assert.deepEqual([foreign.passages, foreign.count], [[], 0]);
    });

    test('that are gone are left out when loaded', async (store) => {
      const id = await createSpoken(store, ['x']);
      await write(store, (tx) => tx.putPassages(id, 1, 0, passages(id, 2)));
      const refs = [
        { recordingId: id, index: 9 },
        { recordingId: id, index: 1 },
        { recordingId: '0199f3a1-7c1e-7d63-9d0e-3f6a5b2c4d1e', index: 0 },
      ];
      const found = await read(store, (tx) => tx.loadPassages(refs, EMBEDDER));
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
      await write(store, (tx) => tx.putPassages(id, 1, 2, [], undefined, EMBEDDER));
      assert.deepEqual(await stale(store), []);
    });

    test('is stale when a segment was replaced', async (store) => {
      const id = await createSpoken(store, ['one', 'two']);
      await write(store, (tx) => tx.putPassages(id, 1, 0, [passage(id, 0)]));
      assert.deepEqual(await stale(store), []);
      await write(store, (tx) => tx.putSegments(id, 1, [segment(1, 'TWO')]));
      assert.deepEqual(await stale(store), [id]);
    });

    test('is stale with another embedder, unless there is nothing at all', async (store) => {
      const id = await createSpoken(store, ['one']);
      const silent = await createSpoken(store, ['']);
      await createSpoken(store, []);
      await write(store, (tx) => tx.putPassages(id, 1, 0, [passage(id, 0)]));
      await write(store, (tx) => tx.putPassages(silent, 1, 0, [], undefined, EMBEDDER));
      assert.deepEqual(await stale(store), []);
      assert.deepEqual((await stale(store, 'embedder-b')).sort(), [id, silent].sort());
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
      assert.equal(await read(store, (tx) => tx.indexState(id, EMBEDDER)), undefined);
    });
  });
}
