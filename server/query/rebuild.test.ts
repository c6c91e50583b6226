import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { Message } from '@speakr/contracts/events';
import { until } from '../../scripts/until.ts';
import { MAX_BACKOFF_MS } from '../bus/backoff.ts';
import { createSqliteBus } from '../bus/sqlite-bus.ts';
import { systemClock } from '../clock.ts';
import { hashEmbedder } from '../embedder/hash-embedder.ts';
import { silentLog } from '../observability/log.ts';
import { modelRegistryQueries } from '../store/model-registry-queries.ts';
import { OWNER, openLibrary, record } from './fixtures/library.ts';
import { createIndexer } from './indexer.ts';
import { registerRebuild } from './rebuild.ts';
import { createSearches } from './searches.ts';

const sentence = (topic: string) =>
  `${topic} is what this sentence of more than fifteen words is about, and it goes on for some more words.`;
const TOPICS = ['Budget', 'Holiday', 'Lobster'].map(sentence);

/** Three recordings with vectors of `hash`, which `next` is to take the place of. */
async function openExchange(t: TestContext) {
  const { store, indexer } = await openLibrary(t);
  const published: Message<'model.promoted.v1'>[] = [];
  store.outbox.onPublished((messages) => {
    for (const message of messages) if (message.type === 'model.promoted.v1') published.push(message);
  });
  for (const topic of TOPICS) await record(store, [topic]);
  await indexer.indexPending(OWNER);
  const { seq } = await store.transaction(OWNER, async (own) => {
    const added = await own.models.addPromotion({
      kind: 'embedder',
      model: 'next',
      previous: 'hash',
      state: 'switching',
      reason: 'promotion',
    });
    await own.publish('embeddings.rebuild.v1', { model: 'next', promotion: added.seq });
    return added;
  });
  const registry = modelRegistryQueries({ db: store.reader, owner: '', clock: systemClock });
  const newest = async () => (await registry.listPromotions(1, 'embedder'))[0]!;

  /** What the embedder made vectors of, and what becomes of it before it does. */
  const embedded: string[] = [];
  let before: (count: number) => unknown = () => {};
  let open = 0;
  let starts = 0;

  /** A process of the role `embedder`; each is started a while after the one before, when what failed is due again. */
  async function start() {
    const lateMs = MAX_BACKOFF_MS * starts++;
    const clock = { ...systemClock, now: () => Date.now() + lateMs };
    const bus = createSqliteBus({ store, clock, log: silentLog, pollMs: 5 });
    t.after(() => bus.stop(0));
    registerRebuild({
      bus,
      store,
      owners: async () => ['nobody', OWNER],
      async embedderAside(id) {
        open += 1;
        const inner = hashEmbedder({ model: id, dimensions: 32 });
        return {
          ...inner,
          async embed(texts) {
            await before(embedded.length + 1);
            embedded.push(...texts);
            return inner.embed(texts);
          },
          async close() {
            open -= 1;
          },
        };
      },
      switching: async () => {
        const promotion = await newest();
        return promotion.state === 'switching' ? promotion : undefined;
      },
      searches: createSearches(),
      share: 1,
      clock,
      log: silentLog,
    });
    await bus.start();
    return bus;
  }

  return {
    store,
    indexer,
    seq,
    embedded,
    published,
    newest,
    start,
    /** @param does is told the number of the text that is to be embedded */
    beforeEach(does: (count: number) => unknown) {
      before = does;
    },
    open: () => open,
    stale: (model = 'next') => store.read(OWNER, (own) => own.staleIndexes(model)),
    cancel: () => store.transaction(OWNER, (own) => own.models.changePromotion(seq, { state: 'cancelled' })),
  };
}

test('after a failure and a restart it begins again where it was, and serves when everything is there', async (t) => {
  const { start, embedded, beforeEach, open, stale, newest, published } = await openExchange(t);
  beforeEach((count) => {
    if (count === 2) throw new Error('no memory');
  });
  const first = await start();
  await until('it has failed', async () => embedded.length === 1 && open() === 0);
  await first.stop(1000);
  assert.equal((await stale()).length, 2);
  const { state, progress } = await newest();
  assert.equal(state, 'switching');
  assert.ok(progress > 0 && progress < 1, String(progress));

  beforeEach(() => {});
  const second = await start();
  await second.idle();
  assert.deepEqual([...embedded].sort(), TOPICS, 'each once');
  assert.deepEqual(await stale(), []);
  assert.deepEqual(
    [(await newest()).state, published.map(({ data }) => data)],
    ['active', [{ model: 'next', kind: 'embedder', previous: 'hash' }]],
  );
  assert.equal(open(), 0);
});

test('a process that ends in the middle leaves the rest to the next one', async (t) => {
  const { start, embedded, beforeEach, open, newest } = await openExchange(t);
  const gate = Promise.withResolvers<void>();
  const isThere = Promise.withResolvers<void>();
  beforeEach((count) => {
    if (count < 2) return;
    isThere.resolve();
    return gate.promise;
  });
  const first = await start();
  await isThere.promise;
  const stopped = first.stop(10_000);
  gate.resolve();
  await stopped;
  assert.equal((await newest()).state, 'switching');
  const done = embedded.length;
  assert.ok(done < TOPICS.length, String(done));
  await (await start()).idle();
  assert.deepEqual([...embedded].sort(), TOPICS, 'each once');
  assert.deepEqual([(await newest()).state, open()], ['active', 0]);
});

test('what is recorded meanwhile is caught up with before it serves', async (t) => {
  const { store, start, embedded, beforeEach, indexer, stale, newest } = await openExchange(t);
  beforeEach(async (count) => {
    if (count !== 3) return;
    await record(store, [sentence('Weather')]);
    await indexer.indexPending(OWNER);
  });
  await (await start()).idle();
  assert.equal((await newest()).state, 'active');
  assert.deepEqual([...embedded].sort(), [...TOPICS, sentence('Weather')]);
  assert.deepEqual([await stale('hash'), await stale('next')], [[], []]);
});

for (const [when, count] of [
  ['in the middle', 2],
  ['at the very end', 3],
] as const)
  test(`an exchange that is given up ${when} goes no further and never serves`, async (t) => {
    const { start, embedded, beforeEach, cancel, newest, published, open, stale } = await openExchange(t);
    beforeEach(async (at) => {
      if (at === count) await cancel();
    });
    await (await start()).idle();
    assert.equal(embedded.length, count);
    assert.deepEqual([(await newest()).state, published, open()], ['cancelled', [], 0]);
    assert.deepEqual(await stale('hash'), [], 'what serves has all it needs');
  });

test('the vectors of the one before stay for a rollback, older ones are deleted', async (t) => {
  const { store, start, stale } = await openExchange(t);
  const oldest = createIndexer({ store, embedder: hashEmbedder({ model: 'oldest' }), log: silentLog });
  await oldest.indexPending(OWNER);
  assert.deepEqual(await stale('oldest'), []);
  await (await start()).idle();
  assert.deepEqual([await stale('hash'), await stale('next')], [[], []]);
  assert.equal((await stale('oldest')).length, TOPICS.length);
});
