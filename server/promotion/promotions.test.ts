import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Message } from '@speakr/contracts/events';
import { manualClock } from '../fixtures/manual-clock.ts';
import { temporaryStore } from '../fixtures/temporary-store.ts';
import { modelRegistryQueries } from '../store/model-registry-queries.ts';
import { createPromotions, type PromotionsOptions } from './promotions.ts';

const gates = { maxWer: 0.3, maxWerLoss: 0.01, minMrr: 0.5, maxMrrLoss: 0.02, minSamples: 50 };

async function open(t: { after(hook: () => Promise<void>): void }, more: Partial<PromotionsOptions> = {}) {
  const clock = manualClock();
  const { store, remove } = await temporaryStore(clock);
  t.after(remove);
  const published: Message[] = [];
  store.outbox.onPublished((messages) => published.push(...messages));
  const promotions = createPromotions({
    store,
    registry: modelRegistryQueries({ db: store.reader, owner: '', clock }),
    defaults: { recognizer: 'first', embedder: 'vectors' },
    gates,
    check: () => {},
    trial: async () => {},
    measureRetrieval: async () => 0.9,
    clock,
    ...more,
  });
  const heard = (id: string, value = 0.1) =>
    promotions.addEvaluation('ada', id, { metric: 'wer', value, samples: 100, set: '0'.repeat(64) });
  return { store, clock, published, promotions, heard };
}

test('a promotion says who asked for it, publishes an event, and a rollback leads back', async (t) => {
  const { promotions, published, heard } = await open(t);
  await promotions.register('ada', { id: 'second', kind: 'recognizer', weights: 'w' });
  for (const id of ['first', 'second']) await heard(id);
  const { by, model, previous, state } = await promotions.promote('ada', 'second');
  assert.deepEqual([by, model, previous, state], ['ada', 'second', 'first', 'active']);
  assert.equal(await promotions.serving('recognizer'), 'second');
  await promotions.rollback('ada', 'recognizer');
  assert.equal(await promotions.serving('recognizer'), 'first');
  assert.deepEqual(
    published.map(({ type, data }) => [type, data]),
    [
      ['model.promoted.v1', { model: 'second', kind: 'recognizer', previous: 'first' }],
      ['model.promoted.v1', { model: 'first', kind: 'recognizer', previous: 'second' }],
    ],
  );
  assert.deepEqual(
    (await promotions.overview()).promotions.map((each) => [each.model, each.state, each.reason]),
    [
      ['first', 'active', 'rollback'],
      ['second', 'replaced', 'promotion'],
    ],
  );
});

test('nothing was promoted: there is nothing to roll back', async (t) => {
  const { promotions } = await open(t);
  await assert.rejects(promotions.rollback('ada', 'embedder'), { code: 'conflict' });
});

test('who died while trying a model is in nobody’s way for long', async (t) => {
  const { promotions, store, clock, heard } = await open(t);
  await promotions.register('ada', { id: 'second', kind: 'recognizer', weights: 'w' });
  for (const id of ['first', 'second']) await heard(id);
  await store.transaction('ada', (own) => own.models.claimKind('recognizer', 'dead', clock.now() + 60_000));
  await assert.rejects(promotions.promote('ada', 'second'), { code: 'promotion_running' });
  clock.advance(60_001);
  assert.equal((await promotions.promote('ada', 'second')).state, 'active');
});

test('an exchange of embedders serves the old one, keeps others out, and can be given up', async (t) => {
  const { promotions, published } = await open(t);
  const set = { passages: ['a'], questions: [{ question: 'a?', passage: 0 }], set: '0'.repeat(64) };
  for (const id of ['one', 'two']) await promotions.register('ada', { id, kind: 'embedder', weights: 'w' });
  for (const id of ['vectors', 'one', 'two']) {
    const few = { ...set, questions: Array.from({ length: 60 }, () => set.questions[0]!) };
    await promotions.evaluateEmbedder('ada', id, few);
  }
  assert.equal((await promotions.promote('ada', 'one')).state, 'switching');
  assert.deepEqual(
    published.map(({ type, data }) => [type, data]),
    [['embeddings.rebuild.v1', { model: 'one', promotion: 1 }]],
  );
  assert.equal(await promotions.serving('embedder'), 'vectors');
  await assert.rejects(promotions.promote('ada', 'two'), { code: 'promotion_running' });
  await assert.rejects(promotions.remove('ada', 'one'), { code: 'conflict' });
  assert.equal((await promotions.rollback('ada', 'embedder')).state, 'cancelled');
  assert.equal(await promotions.switching('embedder'), undefined);
  await promotions.remove('ada', 'one');
  assert.equal(await promotions.find('one'), undefined);
  assert.equal((await promotions.promote('ada', 'two')).state, 'switching');
});

test('a figure of the other kind, of nothing, or of a passage that is not there is refused', async (t) => {
  const { promotions } = await open(t);
  const figure = { value: 0.1, samples: 100, set: '0'.repeat(64) };
  await assert.rejects(promotions.addEvaluation('ada', 'first', { ...figure, metric: 'mrr' }), {
    code: 'invalid_request',
  });
  await assert.rejects(promotions.addEvaluation('ada', 'none', { ...figure, metric: 'wer' }), {
    code: 'model_unknown',
  });
  const wrong = { passages: ['a'], questions: [{ question: 'a?', passage: 1 }], set: '0'.repeat(64) };
  for (const id of ['vectors', 'first'])
    await assert.rejects(promotions.evaluateEmbedder('ada', id, wrong), { code: 'invalid_request' });
});
