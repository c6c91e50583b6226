import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Segment } from '@speakr/contracts/transcript';
import { v7 as uuidv7 } from 'uuid';
import { temporaryStore } from '../../fixtures/temporary-store.ts';
import { storedCaptions } from './stored-captions.ts';

const segment = (id: string, startMs: number): Segment => ({
  id,
  track: 0,
  startMs,
  endMs: startMs + 900,
  text: `Text of ${id}.`,
  words: [{ text: 'Text', startMs, endMs: startMs + 100, estimated: true }],
});

test('a client that comes back gets what was heard live, and then what became of it', async (t) => {
  const { store, remove } = await temporaryStore();
  t.after(remove);
  const id = uuidv7();
  const heard = Array.from({ length: 120 }, (_, index) => segment(`1.0.${index}`, index * 1000));
  const written = await store.transaction('local', async (own) => {
    await own.createRecording({
      id,
      tags: [],
      mode: 'live',
      language: 'en',
      model: 'scripted',
      template: 'meeting',
      source: 'test',
      startedAt: 1_795_262_400_000,
      tracks: [{ track: 0, label: 'me', samples: 0 }],
    });
    assert.deepEqual(await storedCaptions(own, id), { finals: [], revised: [] });
    const begun = { language: 'en', model: 'scripted' };
    await own.beginRevision(id, { ...begun, revision: 1, origin: 'live' });
    await own.putSegments(id, 1, heard);
    await own.beginRevision(id, { ...begun, revision: 2, origin: 'second-pass' });
    await own.putSegments(id, 2, heard);
    for (let index = 0; index < 110; index += 2)
      await own.replaceSegments(
        id,
        2,
        [`1.0.${index}`, `1.0.${index + 1}`],
        [segment(`2.0.${index / 2}`, index * 1000)],
      );
    return storedCaptions(own, id);
  });
  assert.deepEqual(
    written.finals.map(({ segmentId }) => segmentId),
    heard.map((each) => each.id),
  );
  assert.deepEqual(
    written.revised.map(({ replaces, segments }) => [replaces.length, segments.length]),
    [
      [50, 25],
      [50, 25],
      [10, 5],
    ],
  );
  for (const { replaces, segments } of written.revised)
    assert.equal(Number(replaces[0]!.split('.')[2]), Number(segments[0]!.id.split('.')[2]) * 2);
  assert.ok(written.revised.every(({ segments }) => segments.every((each) => each.words === undefined)));
});
