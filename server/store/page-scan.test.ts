import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { systemClock } from '../clock.ts';
import { createKeyFile } from '../keys/key-file.ts';
import { createHeldPages, type HeldPages } from './held-pages.ts';
import { openSqliteStore, type SqliteStore } from './sqlite-store.ts';
import type { Passage, SearchFilter, Store } from './store.ts';
import { createSpoken, EMBEDDER, OWNER, passage } from './suite/samples.ts';

/** As the embedder has them, so that the instructions of vectors are what is tested. */
const DIMENSIONS = 384;
const NEAREST = 7;
const WORDS = ['anchor', 'basket', 'candle', 'dune'];

let seed = 1;
/** Park and Miller's minimal standard: the same numbers in every run. */
const random = () => {
  seed = (seed * 48_271) % 2_147_483_647;
  return seed / 2_147_483_647;
};
/** Of values whose products add up without a rounding, in whatever order. */
const someVector = () => Float32Array.from({ length: DIMENSIONS }, () => Math.round(random() * 32 - 16) / 32);

async function withStores(
  held: HeldPages,
  work: (open: () => Promise<SqliteStore>, store: SqliteStore) => Promise<void>,
): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'speakr-scan-'));
  const stores: SqliteStore[] = [];
  const open = async (options: { held?: HeldPages } = {}) => {
    const keys = createKeyFile({ path: join(directory, 'master.key') });
    const store = await openSqliteStore({
      path: join(directory, 'speakr.db'),
      keys,
      clock: systemClock,
      ...options,
    });
    stores.push(store);
    return store;
  };
  try {
    await work(open, await open({ held }));
  } finally {
    for (const store of stores) await store.close();
    await rm(directory, { recursive: true });
  }
}

/** A recording with passages of more than one page. */
async function spoken(store: Store, count: number): Promise<Passage[]> {
  const id = await createSpoken(store, ['x']);
  const passages = Array.from({ length: count }, (_, index) =>
    passage(id, index, {
      vector: someVector(),
      terms: Array.from({ length: 3 }, () => WORDS[Math.floor(random() * WORDS.length)]!),
    }),
  );
  await store.transaction(OWNER, (own) => own.putPassages(id, 1, 0, passages));
  return passages;
}

async function ask(store: Store, terms: string[], vector: Float32Array, filter: SearchFilter = {}) {
  const found = await store.read(OWNER, async (own) => {
    const candidates = await own.scanPassages(EMBEDDER, filter);
    return candidates.find({ terms, vector, nearest: NEAREST });
  });
  return found.passages.toSorted((a, b) => a.recordingId.localeCompare(b.recordingId) || a.index - b.index);
}

/** What must be found, by comparing one passage after the other. */
function wanted(all: readonly Passage[], terms: string[], vector: Float32Array) {
  const compared = all.map((each) => {
    let similarity = 0;
    for (const [at, value] of each.vector.entries()) similarity += value * vector[at]!;
    const frequencies = terms.map((term) => each.terms.filter((other) => other === term).length);
    return { each, similarity, frequencies };
  });
  const near = new Set(compared.toSorted((a, b) => b.similarity - a.similarity).slice(0, NEAREST));
  return compared
    .filter((one) => near.has(one) || one.frequencies.some((frequency) => frequency > 0))
    .map(({ each, similarity, frequencies }) => ({
      recordingId: each.recordingId,
      index: each.index,
      length: each.terms.length,
      frequencies,
      similarity,
    }))
    .sort((a, b) => a.recordingId.localeCompare(b.recordingId) || a.index - b.index);
}

describe('the scan over pages', () => {
  for (const [title, mostBytes] of [
    ['in memory', 2 ** 24],
    ['of which some are in memory', 400_000],
    ['none of which is in memory', 0],
  ] as const)
    it(`finds what a comparison of every passage finds, in pages ${title}`, () =>
      withStores(createHeldPages({ mostBytes }), async (_, store) => {
        const all = [
          ...(await spoken(store, 150)),
          ...(await spoken(store, 64)),
          ...(await spoken(store, 1)),
        ];
        for (let question = 0; question < 4; question++) {
          const vector = someVector();
          const terms = [WORDS[question]!, 'never said'];
          assert.deepEqual(await ask(store, terms, vector), wanted(all, terms, vector));
          assert.deepEqual(await ask(store, [], vector), wanted(all, [], vector));
        }
      }));

  it('sees what was written since the last question, by this process or another', async () => {
    const held = createHeldPages();
    await withStores(held, async (open, store) => {
      const other = await open();
      const [first, second] = [await spoken(store, 70), await spoken(store, 3)];
      const vector = someVector();
      await ask(store, [], vector);
      for (const writer of [store, other]) {
        const { recordingId } = first[0]!;
        for (const index of [69, 5])
          first[index] = { ...first[index]!, vector: someVector(), terms: ['new'] };
        await writer.transaction(OWNER, (own) => own.putPassages(recordingId, 1, 5, first.slice(5)));
        const all = [...first, ...second];
        assert.deepEqual(await ask(store, ['new'], vector), wanted(all, ['new'], vector));
      }
      await other.transaction(OWNER, (own) => own.deleteRecording(second[0]!.recordingId));
      const before = held.bytes;
      assert.deepEqual(await ask(store, [], vector), wanted(first, [], vector));
      assert.ok(held.bytes < before, 'what another process deleted is not held any more');
    });
  });

  it('holds nothing of recordings that were deleted, of users that were erased, and after it was closed', async () => {
    const held = createHeldPages();
    await withStores(held, async (_, store) => {
      const [first] = [await spoken(store, 2), await spoken(store, 3)];
      await ask(store, [], someVector());
      const all = held.bytes;
      await store.transaction(OWNER, (own) => own.deleteRecording(first[0]!.recordingId));
      assert.ok(held.bytes > 0 && held.bytes < all);
      await store.transaction(OWNER, async (own) => {
        for (const { id } of (await own.listRecordings({ limit: 10 })).recordings)
          await own.updateRecording(id, { state: 'ready' });
      });
      await store.erase(OWNER);
      assert.equal(held.bytes, 0);
      const again = await spoken(store, 2);
      const vector = someVector();
      assert.deepEqual(await ask(store, [], vector), wanted(again, [], vector));
      assert.ok(held.bytes > 0);
      await store.close();
      assert.equal(held.bytes, 0);
    });
  });

  it('asks only among what the filter lets through, also when all of it is in memory', () =>
    withStores(createHeldPages(), async (_, store) => {
      const [first, second] = [await spoken(store, 70), await spoken(store, 3)];
      const vector = someVector();
      await ask(store, [], vector);
      const { recordingId } = first[0]!;
      assert.deepEqual(await ask(store, [], vector, { recordingId }), wanted(first, [], vector));
      assert.deepEqual(await ask(store, [], vector, { without: [recordingId] }), wanted(second, [], vector));
      assert.deepEqual(await ask(store, [], vector), wanted([...first, ...second], [], vector));
    }));
});
