import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { QueryResponse } from '@speakr/contracts/search';
import { systemClock } from '../clock.ts';
import { silentLog } from '../observability/log.ts';
import { OWNER, openLibrary, record, say } from './fixtures/library.ts';
import { createQueryService, type QueryServiceOptions } from './query-service.ts';

test('the passage that answers comes first, with all that a citation needs', async (t) => {
  const { ask, store } = await setUp(t);
  await record(store, ['The printer on the second floor is broken again.'], { title: 'Standup' });
  const id = await record(store, ['We launch on the first of March, whatever happens.'], {
    title: 'Launch planning',
    tags: ['launch'],
    startedAt: 5_000,
  });
  const response = await ask('When do we launch?');
  assert.deepEqual(
    { ...response.hits[0], score: 0 },
    {
      recordingId: id,
      title: 'Launch planning',
      startedAt: 5_000,
      startMs: 0,
      endMs: 4_000,
      text: 'We launch on the first of March, whatever happens.',
      score: 0,
      tags: ['launch'],
    },
  );
  QueryResponse.parse(response);
  assert.ok(response.hits.every((hit, index) => hit.score <= (response.hits[index - 1]?.score ?? Infinity)));
});

test('a running recording is searched up to its last word', async (t) => {
  const { ask, store } = await setUp(t);
  const id = await record(store, ['Something else entirely.'], { complete: false });
  assert.equal(
    (await ask('zebra')).hits.some((hit) => hit.text.includes('zebra')),
    false,
  );
  await say(store, id, ['A zebra has come in.']);
  assert.match((await ask('zebra')).hits[0]?.text ?? '', /zebra/);
});

test('what runs can be left out, is not indexed for nothing then, and is marked when it is found', async (t) => {
  const { ask, store, embedded } = await setUp(t);
  const past = await record(store, ['The zebra went home last year.']);
  const running = await record(store, ['The zebra is coming in now.'], { complete: false });
  const live = new Set([running]);
  const without = await ask('where is the zebra', { live: false }, live);
  assert.deepEqual(
    without.hits.map(({ recordingId }) => recordingId),
    [past],
  );
  assert.equal(embedded.includes('The zebra is coming in now.'), false);
  const { hits } = await ask('where is the zebra', {}, live);
  assert.deepEqual(
    new Map(hits.map((hit) => [hit.recordingId, hit.running])),
    new Map([
      [running, true],
      [past, undefined],
    ]),
  );
});

test('a name or number that is said outweighs resemblance', async (t) => {
  const { ask, store } = await setUp(t);
  await record(store, ['The dose that was given to the adult.', 'The dose for adults was given.']);
  await record(store, ['It is ten minims, said Zarathustra.']);
  assert.match((await ask('Zarathustra')).hits[0]?.text ?? '', /Zarathustra/);
  assert.match((await ask('10 minims')).hits[0]?.text ?? '', /ten minims/);
});

test('the title of a recording counts', async (t) => {
  const { ask, store } = await setUp(t);
  await record(store, ['We talked about prices.'], { title: 'Interview with Maria' });
  await record(store, ['We talked about prices.'], { title: 'Weekly' });
  assert.equal((await ask('prices Maria')).hits[0]?.title, 'Interview with Maria');
});

test('filters and limit narrow the search', async (t) => {
  const { store, ask } = await setUp(t);
  const early = await record(store, ['The budget is fine.'], { startedAt: 1_000, tags: ['a', 'b'] });
  const late = await record(store, ['The budget is gone.'], { startedAt: 9_000, tags: ['a'] });
  const found = async (filter: object) =>
    (await ask('budget', filter)).hits.map(({ recordingId }) => recordingId).sort();
  assert.deepEqual(await found({}), [early, late].sort());
  assert.deepEqual(await found({ tags: ['a', 'b'] }), [early]);
  assert.deepEqual(await found({ since: 5_000 }), [late]);
  assert.deepEqual(await found({ until: 9_000 }), [early]);
  assert.deepEqual(await found({ recordingId: late }), [late]);
  assert.equal((await ask('budget', { limit: 1 })).hits.length, 1);
});

test('each half of the search can be asked alone', async (t) => {
  const { store, ask, embedded } = await setUp(t);
  await record(store, ['The budgets are fine.']);
  await ask('x');
  embedded.length = 0;
  assert.equal((await ask('budget', { ranking: 'keyword' })).hits.length, 1, 'stems meet');
  assert.deepEqual(embedded, [], 'keywords need no vector');
  assert.equal((await ask('holiday', { ranking: 'keyword' })).hits.length, 0);
  assert.equal((await ask('the', { ranking: 'dense' })).hits.length, 1);
});

test('what one owner said is not found by another', async (t) => {
  const { store, ask } = await setUp(t);
  await record(store, ['The secret is a zebra.'], { owner: 'somebody-else' });
  assert.deepEqual((await ask('zebra')).hits, []);
});

test('odd questions are answered or refused, never a crash', async (t) => {
  const { store, ask } = await setUp(t);
  assert.deepEqual((await ask('anything')).hits, [], 'an empty library');
  await record(store, ['Hello there.']);
  await assert.rejects(ask(''), { code: 'invalid_request', message: 'The question is empty.' });
  await assert.rejects(ask(' \n '), { code: 'invalid_request' });
  await assert.rejects(ask('x'.repeat(10_000)), {
    code: 'invalid_request',
    message: /10000 characters; at most 2000/,
  });
  for (const question of [
    '砸自己的脚吗？',
    'Когда запуск?',
    '🙂',
    '"; drop table',
    'the',
    '\u0000',
    'x'.repeat(2000),
  ]) {
    assert.ok(Array.isArray((await ask(question)).hits));
  }
});

test('a writer adds an answer, and is not asked about nothing', async (t) => {
  const asked: string[] = [];
  const { store, ask } = await setUp(t, {
    answerWriter: async (question, hits) => {
      asked.push(question);
      return [{ text: `Found ${hits.length}.`, hits: [0] }];
    },
  });
  assert.equal((await ask('budget')).answer, undefined);
  await record(store, ['The budget is fine.']);
  assert.deepEqual((await ask('budget')).answer, [{ text: 'Found 1.', hits: [0] }]);
  assert.deepEqual(asked, ['budget']);
});

test('a model that is missing is said, not hidden', async (t) => {
  const { store, embedder, ask } = await setUp(t);
  await record(store, ['The budget is fine.']);
  embedder.embed = () => Promise.reject(new Error('no model'));
  await assert.rejects(ask('budget'), /no model/);
});

async function setUp(t: TestContext, options: Partial<QueryServiceOptions> = {}) {
  const library = await openLibrary(t);
  const { store, embedder, indexer } = library;
  const { indexPending } = indexer;
  const service = createQueryService({
    store,
    embedder,
    indexPending,
    clock: systemClock,
    log: silentLog,
    ...options,
  });
  const ask = (question: string, filter: object = {}, running?: ReadonlySet<string>) =>
    service.query(OWNER, { question, ...filter }, running);
  return { ...library, ask };
}
