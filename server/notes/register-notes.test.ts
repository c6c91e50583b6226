import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { Notes } from '@speakr/contracts/notes';
import { SpeakrError } from '@speakr/contracts/problem';
import type { Moment } from '@speakr/contracts/recording';
import { v7 as uuidv7 } from 'uuid';
import { createSqliteBus } from '../bus/sqlite-bus.ts';
import { systemClock } from '../clock.ts';
import { temporaryStore } from '../fixtures/temporary-store.ts';
import { silentLog } from '../observability/log.ts';
import { extractiveWriter } from './extractive-writer.ts';
import { monday, spoken } from './fixtures/spoken.ts';
import type { NotesRequest, NotesWriter } from './notes-writer.ts';
import { registerNotes, writeNotesNow } from './register-notes.ts';

const owner = 'local';
const talk = [
  'Okay, so the launch date. The payment provider is not ready.',
  'I suggest we move the launch to the first of March.',
  'Agreed.',
  'Priya, can you send the budget to finance by Friday?',
  'Sure.',
];

/** Counts how often it was asked. */
function countingWriter(): NotesWriter & { requests: NotesRequest[] } {
  const requests: NotesRequest[] = [];
  return {
    name: 'extractive',
    requests,
    write: (request) => {
      requests.push(request);
      return extractiveWriter.write(request);
    },
  };
}

async function setUp(t: TestContext, writer = countingWriter()) {
  const { store, remove } = await temporaryStore();
  const bus = createSqliteBus({ store, clock: systemClock, log: silentLog, pollMs: 10, random: () => 0 });
  const dependencies = { store, writer, clock: systemClock, log: silentLog };
  registerNotes({ bus, ...dependencies });
  await bus.start();
  t.after(async () => {
    await bus.stop(1000);
    await remove();
  });
  const completed = (id: string, revision = 1) =>
    store.transaction(owner, (own) =>
      own.publish('transcription.completed.v1', { recordingId: id, revision, language: 'en' }),
    );
  return {
    store,
    bus,
    writer,
    dependencies,
    completed,
    /** A recording that was just transcribed, with its notes. */
    async record(
      lines: readonly string[],
      recording: { title?: string; template?: string; templateText?: string; moments?: Moment[] } = {},
    ) {
      const id = uuidv7();
      const { moments = [], ...given } = recording;
      const { segments } = spoken(lines);
      await store.transaction(owner, async (own) => {
        await own.createRecording({
          id,
          tags: ['launch'],
          mode: 'live',
          language: 'en',
          model: 'moonshine-tiny-en',
          template: 'meeting',
          source: 'microphone',
          startedAt: monday,
          tracks: [{ track: 0, label: 'me', samples: 0 }],
          ...given,
        });
        for (const moment of moments) await own.addMoment(id, moment);
        await own.beginRevision(id, {
          revision: 1,
          origin: 'live',
          language: 'en',
          model: 'moonshine-tiny-en',
        });
        await own.putSegments(id, 1, segments);
        await own.completeRevision(id, 1);
      });
      await completed(id);
      await bus.idle();
      return id;
    },
    read: (id: string) =>
      store.transaction(owner, async (own) => ({
        notes: await own.getNotes(id),
        recording: await own.getRecording(id),
        actions: await own.listActions(false),
      })),
  };
}

test('a completed transcript gets notes, a title from its content and an event', async (t) => {
  const { record, read, bus } = await setUp(t);
  const events: string[] = [];
  bus.observe(['notes.generated.v1'], (message) => events.push(message.data.recordingId));
  const id = await record(talk);
  const { notes, recording, actions } = await read(id);
  assert.deepEqual(Notes.parse(notes), notes);
  assert.equal(notes!.actions[0]!.who, 'Priya');
  assert.equal(notes!.actions[0]!.dueOn, '2026-11-27');
  assert.equal(actions[0]!.action.id, `${id}.0`);
  assert.equal(recording!.titleSource, 'content');
  assert.match(recording!.title, /payment provider|launch/i);
  assert.ok(notes!.markdown.startsWith(`# ${recording!.title}\n`));
  assert.match(notes!.markdown, /#launch/);
  assert.deepEqual(events, [id]);
});

test('a redelivered message writes nothing twice', async (t) => {
  const { record, completed, bus, writer, read } = await setUp(t);
  const id = await record(talk);
  const before = await read(id);
  await completed(id);
  await bus.idle();
  assert.equal(writer.requests.length, 1);
  assert.deepEqual(await read(id), before);
});

test('a newer revision gets new notes, and a done action stays done', async (t) => {
  const { store, record, completed, bus, read } = await setUp(t);
  const id = await record(talk);
  await store.transaction(owner, (own) => own.setActionDone(`${id}.0`, true));
  const { segments } = spoken([...talk, 'Tom will call the lawyer tomorrow.']);
  await store.transaction(owner, async (own) => {
    await own.beginRevision(id, { revision: 2, origin: 'edit', language: 'en', model: 'moonshine-tiny-en' });
    await own.putSegments(
      id,
      2,
      segments.map((segment) => ({ ...segment, id: segment.id.replace(/^1/, '2') })),
    );
    await own.completeRevision(id, 2);
  });
  await completed(id, 2);
  await bus.idle();
  const { notes } = await read(id);
  assert.equal(notes!.revision, 2);
  assert.deepEqual(
    notes!.actions.map(({ who, done }) => [who, done]),
    [
      ['Priya', true],
      ['Tom', false],
    ],
  );
  assert.ok(
    notes!.actions[0]!.evidence.every(
      ({ revision, segmentId }) => revision === 2 && segmentId.startsWith('2.'),
    ),
  );
});

test('a title of the user stays', async (t) => {
  const { record, read } = await setUp(t);
  const id = await record(talk, { title: 'My meeting' });
  const { recording, notes } = await read(id);
  assert.equal(recording!.title, 'My meeting');
  assert.match(notes!.markdown, /^# My meeting\n/);
});

test('a recording without a word has notes and is called by its time', async (t) => {
  const { record, read } = await setUp(t);
  const { recording, notes } = await read(await record([]));
  assert.equal(recording!.titleSource, 'time');
  assert.match(recording!.title, /23 November 2026/);
  assert.match(notes!.markdown, /Nothing was said/);
  assert.deepEqual(notes!.actions, []);
});

test('the recording’s own template is used, and a broken one falls back to the meeting and says so', async (t) => {
  const { record, read } = await setUp(t);
  const own = await read(
    await record(talk, { template: 'weekly', templateText: '# Weekly\n## Money\nwords: budget\n' }),
  );
  assert.equal(own.notes!.template, 'Weekly');
  assert.deepEqual(
    own.notes!.sections.map(({ heading }) => heading),
    ['Money'],
  );
  assert.match(own.notes!.markdown, /## Money\n\n- .*budget/);
  const broken = await read(await record(talk, { template: 'nonsense' }));
  assert.equal(broken.notes!.template, 'meeting');
  assert.match(broken.notes!.markdown, /> The template could not be read/);
});

test('what was typed during the recording lands in the notes', async (t) => {
  const { record, read } = await setUp(t);
  const id = await record(talk, {
    moments: [{ atMs: 6000, kind: 'note', text: 'Alex wants monthly billing' }],
  });
  const { notes } = await read(id);
  const moments = notes!.sections.find(({ id }) => id === 'moments')!;
  assert.match(moments.lines[0]!.text, /^Alex wants monthly billing/);
  assert.equal(moments.lines[0]!.evidence[0]!.segmentId, '1.0.1');
});

test('notes are written anew with another template, which the recording then keeps', async (t) => {
  const { record, read, dependencies } = await setUp(t);
  const id = await record(talk);
  const notes = await writeNotesNow(dependencies, owner, id, { template: 'plain' });
  assert.equal(notes.template, 'plain');
  assert.deepEqual((await read(id)).notes, notes);
  assert.equal((await read(id)).recording!.template, 'plain');
});

test('unknown recordings, unknown templates and mistakes in a template are told', async (t) => {
  const { record, dependencies } = await setUp(t);
  const id = await record(talk);
  const code = (expected: string) => (error: unknown) =>
    error instanceof SpeakrError && error.code === expected;
  await assert.rejects(writeNotesNow(dependencies, owner, uuidv7()), code('not_found'));
  await assert.rejects(writeNotesNow(dependencies, 'somebody', id), code('not_found'));
  await assert.rejects(
    writeNotesNow(dependencies, owner, id, { template: 'nope' }),
    code('template_unknown'),
  );
  await assert.rejects(
    writeNotesNow(dependencies, owner, id, { templateText: '## A\nlimit: many' }),
    (error) => {
      assert.ok(error instanceof SpeakrError);
      assert.equal(error.code, 'invalid_request');
      assert.match(error.message, /line 2/);
      return true;
    },
  );
});

test('a long recording that was read while it ran has the same notes', async (t) => {
  const { store, bus, record, read } = await setUp(t);
  const lines = Array.from({ length: 260 }, (_, index) => talk[index % talk.length]!);
  const expected = await read(await record(lines));
  const id = uuidv7();
  await store.transaction(owner, async (own) => {
    const { id: _, ...recording } = expected.recording!;
    await own.createRecording({ ...recording, id, title: undefined });
    await own.beginRevision(id, { revision: 1, origin: 'live', language: 'en', model: 'moonshine-tiny-en' });
    await own.putSegments(id, 1, spoken(lines).segments.slice(0, 220));
    await own.publish('segments.finalized.v1', { recordingId: id, revision: 1, segments: 220 });
  });
  await store.transaction(owner, async (own) => {
    await own.putSegments(id, 1, spoken(lines).segments);
    await own.completeRevision(id, 1);
    await own.publish('transcription.completed.v1', { recordingId: id, revision: 1, language: 'en' });
  });
  await bus.idle();
  assert.deepEqual((await read(id)).notes!.sections, expected.notes!.sections);
});

test('a recording deleted while its notes were written stays deleted', async (t) => {
  const writer = countingWriter();
  const { store, record, dependencies, read } = await setUp(t, writer);
  const id = await record(talk);
  const deleting: NotesWriter = {
    name: 'extractive',
    write: async (request) => {
      await store.transaction(owner, (own) => own.deleteRecording(id));
      return extractiveWriter.write(request);
    },
  };
  await assert.rejects(writeNotesNow({ ...dependencies, writer: deleting }, owner, id), SpeakrError);
  assert.equal((await read(id)).notes, undefined);
});
