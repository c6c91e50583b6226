import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Message } from '@speakr/contracts/events';
import type { Bus, Consumer } from '../bus/bus.ts';
import { silentLog } from '../observability/log.ts';
import { OWNER, openLibrary, record, say } from './fixtures/library.ts';
import { createIndexer, registerIndexer } from './indexer.ts';

const long = (topic: string) =>
  `${topic} is what this sentence of more than fifteen words is about, and it goes on for some more words.`;

test('a finished recording is indexed once', async (t) => {
  const { store, indexer, embedded } = await openLibrary(t);
  const published = watch(store);
  const id = await record(store, [long('Budget'), long('Holiday'), 'Short end.']);

  await indexer.index(OWNER, id);
  assert.equal(embedded.length, 3);
  const state = await store.read(OWNER, (reader) => reader.indexState(id, 'hash'));
  assert.deepEqual(state, { revision: 1, passages: 3, endMs: 14_000 });
  assert.deepEqual(await store.read(OWNER, (reader) => reader.staleIndexes('hash')), []);
  assert.deepEqual(published('embeddings.created.v1'), [{ recordingId: id, revision: 1, model: 'hash' }]);

  await indexer.index(OWNER, id);
  assert.equal(embedded.length, 3, 'a second delivery embeds nothing');
});

test('while a recording grows, only what is settled is embedded, and nothing twice', async (t) => {
  const { store, embedder, embedded } = await openLibrary(t);
  const { deliver, indexer } = connect(store, embedder);
  const id = await record(store, [long('Budget'), 'Open end.'], { complete: false, origin: 'batch' });
  await deliver('segments.finalized.v1', id);
  assert.deepEqual(embedded, [long('Budget')]);

  await say(store, id, [long('Holiday'), 'And more.']);
  await deliver('segments.finalized.v1', id);
  await deliver('segments.finalized.v1', id);
  assert.deepEqual(embedded, [long('Budget'), `Open end. ${long('Holiday')}`]);

  await indexer.indexPending(OWNER);
  assert.equal(embedded.at(-1), 'And more.', 'a question gets the open end too');

  await say(store, id, ['The very end.']);
  await store.transaction(OWNER, (writer) => writer.completeRevision(id, 1));
  await deliver('transcription.completed.v1', id);
  assert.equal(embedded.at(-1), 'And more. The very end.');
  assert.equal(embedded.length, 4);
});

test('of a live recording the last seconds wait for the second pass', async (t) => {
  const { store, embedder, embedded } = await openLibrary(t);
  const { deliver } = connect(store, embedder);
  const topics = Array.from({ length: 8 }, (_, index) => long(`Topic ${index}`));
  const id = await record(store, topics, { complete: false });
  await deliver('segments.finalized.v1', id);
  assert.deepEqual(embedded, topics.slice(0, 4), 'the last one ends at 39 s');

  await store.transaction(OWNER, (writer) => writer.completeRevision(id, 1));
  await deliver('transcription.completed.v1', id);
  assert.deepEqual(embedded, topics);
});

test('work on a recording that grows does not grow with it, and its end finds what was missed', async (t) => {
  const { store, embedder, embedded } = await openLibrary(t);
  const published = watch(store);
  const { deliver } = connect(store, embedder);
  const topics = Array.from({ length: 60 }, (_, index) => long(`Topic ${index}`));
  const id = await record(store, topics, { complete: false, origin: 'batch' });
  await deliver('segments.finalized.v1', id);
  const transcript = await store.read(OWNER, (reader) => reader.getTranscript(id));
  const change = (index: number, text: string) =>
    store.transaction(OWNER, (writer) =>
      writer.putSegments(id, 1, [{ ...transcript!.segments[index]!, text: long(text) }]),
    );
  await change(2, 'Early');
  await change(50, 'Late');
  embedded.length = 0;
  await deliver('segments.finalized.v1', id);
  assert.deepEqual(embedded, [long('Late'), ...topics.slice(51, 59)]);

  await store.transaction(OWNER, (writer) => writer.completeRevision(id, 1));
  await deliver('transcription.completed.v1', id);
  assert.ok(!embedded.includes(long('Early')));
  await deliver('notes.generated.v1', id);
  assert.ok(embedded.includes(long('Early')));
  assert.deepEqual(await store.read(OWNER, (reader) => reader.staleIndexes('hash')), []);
  const before = published('embeddings.created.v1').length;
  await deliver('notes.generated.v1', id);
  assert.equal(published('embeddings.created.v1').length, before, 'nothing new is announced');
});

test('a second pass that begins late keeps what it did not change', async (t) => {
  const { store, indexer, embedded } = await openLibrary(t);
  const topics = Array.from({ length: 5 }, (_, index) => long(`Topic ${index}`));
  const id = await record(store, topics, { complete: false });
  await indexer.index(OWNER, id);
  await store.transaction(OWNER, async (writer) => {
    const live = await writer.getTranscript(id, 1);
    const second = { revision: 2, origin: 'second-pass', language: 'en', model: 'scripted' } as const;
    await writer.beginRevision(id, second);
    await writer.putSegments(id, 2, live!.segments);
    const last = live!.segments.at(-1)!;
    await writer.replaceSegments(id, 2, [last.id], [{ ...last, id: '2.0.0', text: long('Better') }]);
  });
  embedded.length = 0;
  await indexer.index(OWNER, id);
  assert.deepEqual(embedded, [long('Better')]);
  assert.equal((await store.read(OWNER, (reader) => reader.indexState(id, 'hash')))?.revision, 2);
});

test('a long recording is stored in steps, so that a crash keeps what is done', async (t) => {
  const { store, indexer, embedder, embedded } = await openLibrary(t);
  const sentences = Array.from({ length: 70 }, (_, index) => long(`Topic ${index}`));
  const id = await record(store, sentences);
  const embed = embedder.embed;
  let calls = 0;
  embedder.embed = (texts) => (++calls === 2 ? Promise.reject(new Error('crash')) : embed(texts));
  await assert.rejects(indexer.index(OWNER, id), /crash/);
  assert.equal((await store.read(OWNER, (reader) => reader.indexState(id, 'hash')))?.passages, 32);
  assert.deepEqual(await store.read(OWNER, (reader) => reader.staleIndexes('hash')), [id]);

  await indexer.index(OWNER, id);
  assert.equal(embedded.length, 70, 'nothing is embedded twice');
  assert.deepEqual(await store.read(OWNER, (reader) => reader.staleIndexes('hash')), []);
});

test('a new revision takes the place of the old one', async (t) => {
  const { store, indexer } = await openLibrary(t);
  const id = await record(store, [long('Budget'), long('Holiday')]);
  await indexer.index(OWNER, id);
  await store.transaction(OWNER, async (writer) => {
    await writer.beginRevision(id, { revision: 2, origin: 'edit', language: 'en', model: 'scripted' });
  });
  await say(store, id, [long('Lobster')], { revision: 2 });
  await store.transaction(OWNER, (writer) => writer.completeRevision(id, 2));
  await indexer.indexPending(OWNER);
  const passages = await store.read(OWNER, (reader) =>
    reader.loadPassages(
      [0, 1].map((index) => ({ recordingId: id, index })),
      'hash',
    ),
  );
  assert.deepEqual(
    passages.map(({ revision, text }) => [revision, text]),
    [[2, long('Lobster')]],
  );
});

test('another embedder embeds everything again', async (t) => {
  const { store, indexer, embedder, embedded } = await openLibrary(t);
  await record(store, [long('Budget'), long('Holiday')]);
  await indexer.indexPending(OWNER);
  const { indexer: other } = connect(store, { ...embedder, model: 'better' });
  await other.indexPending(OWNER);
  assert.equal(embedded.length, 4);
  assert.deepEqual(await store.read(OWNER, (reader) => reader.staleIndexes('better')), []);
});

test('a recording that is deleted meanwhile, or never was, is passed over', async (t) => {
  const { store, indexer, embedder } = await openLibrary(t);
  const id = await record(store, [long('Budget')]);
  const embed = embedder.embed;
  embedder.embed = async (texts) => {
    await store.transaction(OWNER, (writer) => writer.deleteRecording(id));
    return embed(texts);
  };
  await indexer.index(OWNER, id);
  await indexer.index(OWNER, '0199f3a1-7c1e-7d63-9d0e-3f6a5b2c4d1e');
  assert.equal(await store.read(OWNER, (reader) => reader.indexState(id, 'hash')), undefined);
});

test('a recording without words is not asked about again', async (t) => {
  const { store, indexer, embedded } = await openLibrary(t);
  await record(store, ['…']);
  await indexer.indexPending(OWNER);
  assert.deepEqual(await store.read(OWNER, (reader) => reader.staleIndexes('hash')), []);
  assert.deepEqual(embedded, []);
});

type Library = Awaited<ReturnType<typeof openLibrary>>;

/** Registers the consumer with a bus of which only deliveries matter here. */
function connect(store: Library['store'], embedder: Library['embedder']) {
  let consumer: Consumer | undefined;
  const bus = {
    consume(registered: Consumer) {
      consumer = registered;
    },
  } as unknown as Bus;
  const indexer = createIndexer({ store, embedder, log: silentLog });
  registerIndexer({ bus, serving: async () => indexer });
  const deliver = (
    type: 'segments.finalized.v1' | 'transcription.completed.v1' | 'notes.generated.v1',
    recordingId: string,
  ) =>
    consumer!.handle({
      message: { owner: OWNER, type, data: { recordingId } } as unknown as Message,
      attempt: 1,
      signal: new AbortController().signal,
      working: () => {},
    });
  return { indexer, deliver };
}

function watch(store: Library['store']) {
  const seen: Message[] = [];
  store.outbox.onPublished((messages) => seen.push(...messages));
  return (type: string) => seen.filter((message) => message.type === type).map(({ data }) => data);
}
