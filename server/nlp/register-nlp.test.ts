import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { MessageData } from '@speakr/contracts/events';
import type { Segment, Transcript } from '@speakr/contracts/transcript';
import { v7 as uuidv7 } from 'uuid';
import { MAX_BACKOFF_MS } from '../bus/backoff.ts';
import { createSqliteBus } from '../bus/sqlite-bus.ts';
import { type Clock, systemClock } from '../clock.ts';
import { temporaryStore } from '../fixtures/temporary-store.ts';
import { silentLog } from '../observability/log.ts';
import type { Store } from '../store/store.ts';
import { registerNlp } from './register-nlp.ts';

const owner = 'local';

/** A clock that jumps past any backoff whenever it is looked at. */
function hastyClock(): Clock {
  let now = 1_795_262_400_000;
  return {
    ...systemClock,
    now: () => {
      now += 2 * MAX_BACKOFF_MS;
      return now;
    },
  };
}

/** @param clock of the bus; @param broken texts whose recordings cannot be read */
async function setUp(t: TestContext, { enabled = true, clock = systemClock, broken = [] as string[] } = {}) {
  const { store, remove } = await temporaryStore();
  const bus = createSqliteBus({ store, clock, log: silentLog, pollMs: 10, random: () => 0 });
  const reading: Store = {
    ...store,
    read: (owner, work) =>
      store.read(owner, async (own) =>
        work({
          ...own,
          async getTranscript(...of) {
            const transcript = await own.getTranscript(...of);
            if (transcript?.segments.some(({ text }) => broken.includes(text))) throw new Error('poison');
            return transcript;
          },
        }),
      ),
  };
  registerNlp({ bus, store: reading, log: silentLog, enabled });
  const events: MessageData<'nlp.postprocessed.v1'>[] = [];
  bus.observe(['nlp.postprocessed.v1'], ({ data }) => events.push(data));
  await bus.start();
  t.after(async () => {
    await bus.stop(1000);
    await remove();
  });
  return {
    store,
    bus,
    events,
    transcripts: (id: string) =>
      store.read(owner, async (own) => ({
        now: await own.getTranscript(id),
        first: await own.getTranscript(id, 1),
        revisions: await own.listRevisions(id),
      })),
    /** A recording that was just transcribed. */
    async record(
      texts: readonly string[],
      {
        language = 'en',
        origin = 'batch' as Transcript['origin'],
        state = 'ready' as 'ready' | 'processing',
      } = {},
    ) {
      const id = uuidv7();
      await store.transaction(owner, async (own) => {
        await own.createRecording({
          id,
          title: 'Talk',
          tags: [],
          mode: 'batch',
          language,
          model: 'scripted',
          template: 'meeting',
          source: 'file',
          startedAt: 1_000,
          tracks: [{ track: 0, label: 'me', samples: 0 }],
        });
        await own.updateRecording(id, { state });
        await own.beginRevision(id, { revision: 1, origin, language, model: 'scripted' });
        await own.putSegments(id, 1, texts.map(toSegment));
        await own.completeRevision(id, 1);
        await own.publish('transcription.completed.v1', { recordingId: id, revision: 1, language });
      });
      await bus.idle();
      return id;
    },
    async again(recordingId: string, revision: number) {
      await store.transaction(owner, (own) =>
        own.publish('transcription.completed.v1', { recordingId, revision, language: 'en' }),
      );
      await bus.idle();
    },
  };
}

function toSegment(text: string, index: number): Segment {
  const startMs = index * 5_000;
  const words = text.split(' ').map((word, at) => ({
    text: word,
    startMs: startMs + at * 300,
    endMs: startMs + at * 300 + 250,
    estimated: true,
  }));
  return { id: `1.0.${index}`, track: 0, startMs, endMs: startMs + 4_000, text, words };
}

test('numbers are written in a revision of its own, and what was heard stays', async (t) => {
  const { record, transcripts, events } = await setUp(t);
  const id = await record(['We sold twenty five chairs.', 'One of us paid five hundred dollars.']);
  const { now, first, revisions } = await transcripts(id);
  assert.deepEqual(
    now?.segments.map(({ text }) => text),
    ['We sold 25 chairs.', 'One of us paid $500.'],
  );
  assert.deepEqual([now?.origin, now?.complete, now?.model], ['post-processing', true, 'scripted']);
  assert.equal(first?.segments[0]?.text, 'We sold twenty five chairs.');
  assert.equal(revisions.length, 2);
  assert.deepEqual(now?.segments[0]?.words?.[2], { text: '25', startMs: 600, endMs: 1150, estimated: true });
  assert.deepEqual(events, [{ recordingId: id, revision: 2 }]);
});

test('where nothing is to be written otherwise there is no revision', async (t) => {
  const { record, transcripts, events } = await setUp(t);
  const id = await record(['We launch on the first of March.', 'One of us has a second question.']);
  assert.equal((await transcripts(id)).revisions.length, 1);
  assert.deepEqual(events, [{ recordingId: id, revision: 1 }]);
});

test('a message that comes twice changes nothing more', async (t) => {
  const { record, transcripts, again } = await setUp(t);
  const id = await record(['Twenty five chairs.']);
  await again(id, 1);
  await again(id, 2);
  assert.equal((await transcripts(id)).revisions.length, 2);
});

test('Vietnamese is brought into one spelling', async (t) => {
  const { record, transcripts } = await setUp(t);
  const id = await record(['Hoà có hai mươi lăm khách hàng.'.normalize('NFD')], { language: 'vi' });
  assert.equal((await transcripts(id)).now?.segments[0]?.text, 'Hòa có 25 khách hàng.');
});

test('an engine without punctuation gets sentences', async (t) => {
  const { record, transcripts } = await setUp(t);
  const id = await record(['i saw twenty five birds', 'they were loud']);
  assert.deepEqual(
    (await transcripts(id)).now?.segments.map(({ text }) => text),
    ['I saw 25 birds.', 'They were loud.'],
  );
});

for (const origin of ['edit', 'import'] as const)
  test(`what came by ${origin} is left as it is`, async (t) => {
    const { record, transcripts } = await setUp(t);
    const id = await record(['Twenty five chairs.'], { origin });
    assert.equal((await transcripts(id)).revisions.length, 1);
  });

test('a recording that is transcribed again is left to that transcription', async (t) => {
  const { record, transcripts } = await setUp(t);
  const id = await record(['Twenty five chairs.'], { state: 'processing' });
  assert.equal((await transcripts(id)).revisions.length, 1);
});

test('switched off, it does nothing', async (t) => {
  const { record, transcripts, events } = await setUp(t, { enabled: false });
  const id = await record(['Twenty five chairs.']);
  assert.equal((await transcripts(id)).revisions.length, 1);
  assert.deepEqual(events, []);
});

test('what it fails at five times is a dead letter of its own, and others go on; the transcript stays', async (t) => {
  const poison = 'Thirty five tables.';
  const { record, transcripts, bus } = await setUp(t, { clock: hastyClock(), broken: [poison] });
  const bad = await record([poison]);
  const good = await record(['Twenty five chairs.']);
  assert.deepEqual(
    (await bus.deadLetters()).map(({ consumer, message }) => [consumer, message.subject]),
    [['nlp', bad]],
  );
  assert.equal((await transcripts(good)).now?.segments[0]?.text, '25 chairs.');
  assert.deepEqual(
    (await transcripts(bad)).now?.segments.map(({ text }) => text),
    [poison],
  );
});
