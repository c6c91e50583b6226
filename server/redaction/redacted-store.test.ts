import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import type { Segment } from '@speakr/contracts/transcript';
import { v7 as uuidv7 } from 'uuid';
import { until } from '../../scripts/until.ts';
import { keptContent } from '../fixtures/kept-content.ts';
import { assertLiveRedacted } from '../fixtures/live-redacted.ts';
import { temporaryStore } from '../fixtures/temporary-store.ts';
import { phrases, recordLive, recordSound, testApp } from '../fixtures/test-app.ts';
import { usualKinds } from './kinds.ts';
import { redactedStore } from './redacted-store.ts';

const owner = 'local';
const card = '4111 1111 1111 1111';
/** The card, its parts, and what else is personal in what is said. */
const personal = /4111|1111|one one|8803|three nine|four six|2671|alex@|alex at/i;

async function setUp(t: TestContext) {
  const { store, remove } = await temporaryStore();
  t.after(remove);
  const counted: string[] = [];
  const redacted = redactedStore(store, {
    kindsOf: async () => new Set(usualKinds),
    onRedacted: (kind) => counted.push(kind),
  });
  const id = uuidv7();
  await redacted.transaction(owner, async (own) => {
    await own.createRecording({
      id,
      title: `Card ${card}`,
      tags: [],
      mode: 'live',
      language: 'en',
      model: 'scripted',
      template: 'meeting',
      source: 'microphone',
      startedAt: 1_000,
      tracks: [{ track: 0, label: 'me', samples: 0 }],
    });
    await own.beginRevision(id, { revision: 1, origin: 'live', language: 'en', model: 'scripted' });
  });
  const texts = async () =>
    (await store.read(owner, (own) => own.getTranscript(id)))?.segments.map(({ text }) => text);
  return { store, redacted, counted, id, texts };
}

const said = (index: number, text: string): Segment => ({
  id: `1.0.${index}`,
  track: 0,
  startMs: index * 2_000,
  endMs: index * 2_000 + 1_500,
  text,
});

test('a number that comes in pieces is gone from all of them when the last one comes', async (t) => {
  const { redacted, counted, id, texts } = await setUp(t);
  for (const [index, text] of [
    'My card is four one one one.',
    '1111, 1111.',
    'one one one one thanks.',
  ].entries())
    await redacted.transaction(owner, (own) => own.putSegments(id, 1, [said(index, text)]));
  assert.deepEqual(await texts(), ['My card is [card]', 'thanks.']);
  assert.ok(counted.length >= 2 && counted.every((kind) => kind === 'card'));
});

test('what a second pass or an edit puts in is redacted with what stands around it', async (t) => {
  const { redacted, id, texts } = await setUp(t);
  await redacted.transaction(owner, (own) =>
    own.putSegments(id, 1, [
      said(0, 'My card is 4111 1111'),
      said(1, 'and something'),
      said(2, '1111 thanks.'),
    ]),
  );
  await redacted.transaction(owner, (own) =>
    own.replaceSegments(
      id,
      1,
      ['1.0.1'],
      [said(3, 'x')].map((segment) => ({ ...segment, startMs: 2_000, endMs: 3_500, text: '1111' })),
    ),
  );
  assert.deepEqual(await texts(), ['My card is [card]', 'thanks.']);
});

test('titles, moments and notes are redacted', async (t) => {
  const { redacted, id } = await setUp(t);
  const evidence = [{ revision: 1, segmentId: '1.0.0', startMs: 0, endMs: 1_000 }];
  await redacted.transaction(owner, async (own) => {
    await own.updateRecording(id, { title: 'Write to alex@example.com' });
    await own.addMoment(id, { atMs: 1, kind: 'note', text: 'call 415-555-2671' });
    await own.putNotes({
      recordingId: id,
      revision: 1,
      template: 'meeting',
      writer: 'model',
      fellBack: false,
      droppedLines: 0,
      generatedAt: 1,
      sections: [{ id: 'summary', heading: 'Summary', lines: [{ text: `Pay with ${card}.`, evidence }] }],
      actions: [
        {
          id: `${id}.0`,
          text: 'Alex mails alex@example.com.',
          what: 'mail alex@example.com',
          who: 'Alex',
          when: 'unknown',
          done: false,
          evidence,
        },
      ],
      markdown: `# Talk\n\n- Pay with ${card}.\n  - Mail alex@example.com\n`,
    });
  });
  const kept = await redacted.read(owner, async (own) => ({
    recording: await own.getRecording(id),
    notes: await own.getNotes(id),
  }));
  assert.equal(kept.recording?.title, 'Write to [email]');
  assert.equal(kept.recording?.moments[0]?.text, 'call [phone]');
  assert.equal(kept.notes?.markdown, '# Talk\n\n- Pay with [card].\n  - Mail [email]\n');
  assert.ok(!personal.test(JSON.stringify(kept).replace(/[0-9a-f-]{36}|:\d+/g, '')));
});

test('nothing personal is in what an embedded server keeps of a recording, nor in its files', async (t) => {
  const { dataDir, request, connect, close } = await testApp(t, {
    turns: [
      'My card is four five three nine one four eight eight zero three four three six four six seven. Alex, send it to alex at example dot com by Friday.',
    ],
    values: { redaction: 'on' },
  });
  const pcm = phrases(1, 12_000, 1_000);
  const { id, messages } = await recordLive({ connect }, pcm, { title: 'Call 415-555-2671' });
  assertLiveRedacted(messages, personal);
  await until('it is found', async () => /\[card\]/.test(await keptContent(request, id, 'which card?')));
  const content = await keptContent(request, id, 'which card?');
  assert.match(content, /\[email\]/);
  assert.match(content, /Call \[phone\]/);
  assert.equal(personal.exec(content.replace(/[0-9a-f-]{36}|:\d+/g, ''))?.[0], undefined);
  await close();
  for (const name of readdirSync(dataDir, { recursive: true, encoding: 'utf8' })) {
    const file = path.join(dataDir, name);
    if (statSync(file).isFile())
      assert.ok(!/8803|three nine|alex at/.test(readFileSync(file, 'latin1')), name);
  }
});

test('without the setting everything is kept', async (t) => {
  const { request, connect } = await testApp(t, { turns: [`My card is ${card}.`] });
  const id = await recordSound({ connect });
  assert.match(await (await request(`/v1/recordings/${id}/transcript`)).text(), /4111 1111 1111 1111/);
});
