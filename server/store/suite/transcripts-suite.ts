import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { v7 as uuidv7 } from 'uuid';
import type { Store } from '../store.ts';
import { create, createSpoken, type MakeStore, notes, read, segment, withStore, write } from './samples.ts';

const code = (expected: string) => (error: unknown) => (error as { code?: string }).code === expected;
const live = { revision: 1, origin: 'live', language: 'en', model: 'moonshine-tiny-en' } as const;
const edit = { ...live, revision: 2, origin: 'edit' } as const;

export function transcriptsSuite(make: MakeStore): void {
  const test = (title: string, work: (store: Store) => Promise<void>) => it(title, withStore(make, work));
  const texts = async (store: Store, id: string, revision?: number) =>
    (await read(store, (tx) => tx.getTranscript(id, revision)))?.segments.map(({ text }) => text);

  describe('transcripts', () => {
    test('grow in order of time, each segment once', async (store) => {
      const id = await create(store);
      await write(store, async (tx) => {
        await tx.beginRevision(id, live);
        await tx.putSegments(id, 1, [segment(1, 'two'), segment(10, 'four')]);
        await tx.putSegments(id, 1, [segment(0, 'one'), segment(2, 'three'), segment(1, 'TWO')]);
        await tx.putSegments(id, 1, []);
      });
      assert.deepEqual(await texts(store, id), ['one', 'TWO', 'three', 'four']);
      const fromMs = segment(2, '').startMs;
      const tail = await read(store, (tx) => tx.getTranscript(id, 1, fromMs));
      assert.deepEqual(
        tail?.segments.map(({ text }) => text),
        ['three', 'four'],
      );
    });

    test('have segments replaced by others, in one revision only', async (store) => {
      const id = await create(store);
      await write(store, async (tx) => {
        for (const revision of [live, edit]) {
          await tx.beginRevision(id, revision);
          await tx.putSegments(id, revision.revision, [
            segment(0, 'one'),
            segment(1, 'too'),
            segment(2, 'tree'),
          ]);
        }
        const better = segment(1, 'two three', { id: '2.0.0' });
        await tx.replaceSegments(id, 2, [segment(1, '').id, segment(2, '').id, 'gone'], [better]);
      });
      assert.deepEqual(await texts(store, id, 2), ['one', 'two three']);
      assert.deepEqual(await texts(store, id, 1), ['one', 'too', 'tree']);
      await write(store, (tx) => tx.replaceSegments(id, 2, ['2.0.0'], []));
      assert.deepEqual(await texts(store, id, 2), ['one']);
      await assert.rejects(
        write(store, (tx) => tx.replaceSegments(id, 3, [], [])),
        code('not_found'),
      );
    });

    test('keep speaker, words and everything else of a segment', async (store) => {
      const id = await create(store);
      const spoken = segment(0, 'Grüß Gott 👋', {
        track: 1,
        speaker: 'Zoë',
        words: [{ text: 'Grüß', startMs: 0, endMs: 300, estimated: true }],
      });
      await write(store, async (tx) => {
        await tx.beginRevision(id, live);
        await tx.putSegments(id, 1, [spoken]);
      });
      const transcript = await read(store, (tx) => tx.getTranscript(id));
      assert.deepEqual(transcript?.segments, [spoken]);
      assert.equal(transcript?.complete, false);
      assert.equal(transcript?.origin, 'live');
    });

    test('take more segments at once than one statement does', async (store) => {
      const id = await create(store);
      const many = Array.from({ length: 1201 }, (_, index) => segment(index, `s${index}`));
      await write(store, async (tx) => {
        await tx.beginRevision(id, live);
        await tx.putSegments(id, 1, many);
      });
      assert.equal((await texts(store, id))?.length, 1201);
    });

    test('are written by the last one who took over, and by nobody before', async (store) => {
      const id = await create(store);
      await write(store, (tx) => tx.beginRevision(id, live));
      const lease = (holder: string) => write(store, (tx) => tx.leaseRevision(id, 1, holder));
      const first = await lease('run-1');
      await write(store, (tx) => tx.demandLease(id, 1, first));
      const again = await lease('run-1');
      await assert.rejects(
        write(store, (tx) => tx.demandLease(id, 1, first)),
        code('lease_lost'),
      );
      await write(store, (tx) => tx.demandLease(id, 1, again));
      const other = await lease('run-2');
      for (const lost of [first, again])
        await assert.rejects(
          write(store, (tx) => tx.demandLease(id, 1, lost)),
          code('conflict'),
        );
      await write(store, (tx) => tx.demandLease(id, 1, other));
      await assert.rejects(
        write(store, (tx) => tx.leaseRevision(id, 2, 'run-1')),
        code('not_found'),
      );
    });

    test('are missing before the first revision', async (store) => {
      const id = await create(store);
      assert.equal(await read(store, (tx) => tx.getTranscript(id)), undefined);
      assert.equal(await read(store, (tx) => tx.getTranscript(uuidv7())), undefined);
      assert.deepEqual(await read(store, (tx) => tx.listRevisions(id)), []);
    });

    test('cannot be written for a revision or recording that is not there', async (store) => {
      const id = await create(store);
      for (const work of [
        () => write(store, (tx) => tx.putSegments(id, 1, [segment(0, 'x')])),
        () => write(store, (tx) => tx.completeRevision(id, 1)),
        () => write(store, (tx) => tx.beginRevision(uuidv7(), live)),
      ]) {
        await assert.rejects(work, code('not_found'));
      }
    });

    test('begin once: what is there stays', async (store) => {
      const id = await createSpoken(store, ['one']);
      await write(store, (tx) => tx.beginRevision(id, { ...live, model: 'other' }));
      const transcript = await read(store, (tx) => tx.getTranscript(id));
      assert.equal(transcript?.model, 'moonshine-tiny-en');
      assert.equal(transcript?.segments.length, 1);
    });

    test('show the new revision when it is complete, the old one until then', async (store) => {
      const id = await createSpoken(store, ['old']);
      await write(store, (tx) => tx.completeRevision(id, 1));
      await write(store, async (tx) => {
        await tx.beginRevision(id, edit);
        await tx.putSegments(id, 2, [segment(0, 'new', { id: '2.0.0' })]);
      });
      assert.deepEqual(await texts(store, id), ['old']);
      assert.deepEqual(await texts(store, id, 2), ['new']);
      assert.equal((await read(store, (tx) => tx.getRecording(id)))?.revision, 2);
      await write(store, (tx) => tx.completeRevision(id, 2));
      assert.deepEqual(await texts(store, id), ['new']);
      assert.deepEqual(await texts(store, id, 1), ['old']);
      assert.deepEqual(
        (await read(store, (tx) => tx.listRevisions(id))).map(({ revision, complete }) => [
          revision,
          complete,
        ]),
        [
          [1, true],
          [2, true],
        ],
      );
    });
  });

  describe('notes', () => {
    test('come back as they were written', async (store) => {
      const id = await createSpoken(store, ['one']);
      const written = notes(id, ['Send the budget to finance', 'Book a room']);
      await write(store, (tx) => tx.putNotes(written));
      assert.deepEqual(await read(store, (tx) => tx.getNotes(id)), written);
      const rewritten = notes(id, [], { template: 'soap', markdown: '# Other\n' });
      await write(store, (tx) => tx.putNotes(rewritten));
      assert.deepEqual(await read(store, (tx) => tx.getNotes(id)), rewritten);
    });

    test('are missing until written, and need their recording', async (store) => {
      const id = await create(store);
      assert.equal(await read(store, (tx) => tx.getNotes(id)), undefined);
      await assert.rejects(
        write(store, (tx) => tx.putNotes(notes(uuidv7(), []))),
        code('not_found'),
      );
    });
  });

  describe('actions', () => {
    const open = (store: Store, done: boolean | 'all' = false) =>
      read(store, async (tx) =>
        (await tx.listActions(done)).map(({ title, action }) => [title, action.what]),
      );

    test('are listed over all recordings, newest first, open or done or all', async (store) => {
      const older = await create(store, { title: 'Older', startedAt: 1000 });
      const newer = await create(store, { title: 'Newer', startedAt: 2000 });
      await write(store, (tx) => tx.putNotes(notes(older, ['a', 'b'])));
      await write(store, (tx) => tx.putNotes(notes(newer, ['c'])));
      const item = await write(store, (tx) => tx.setActionDone(`${older}.1`, true));
      assert.deepEqual([item.what, item.done], ['b', true]);
      assert.deepEqual(await open(store), [
        ['Newer', 'c'],
        ['Older', 'a'],
      ]);
      assert.deepEqual(await open(store, true), [['Older', 'b']]);
      assert.equal((await open(store, 'all')).length, 3);
      assert.equal((await read(store, (tx) => tx.getNotes(older)))?.actions[1]?.done, true);
      await write(store, (tx) => tx.setActionDone(`${older}.1`, false));
      assert.equal((await open(store)).length, 3);
    });

    test('stay done when the notes are written again with the same action elsewhere', async (store) => {
      const id = await create(store, { title: 'Launch' });
      await write(store, (tx) => tx.putNotes(notes(id, ['Send the budget', 'Book a room'])));
      await write(store, (tx) => tx.setActionDone(`${id}.0`, true));
      await write(store, (tx) => tx.putNotes(notes(id, ['Call Sam', 'Book a room', 'send  the BUDGET'])));
      assert.deepEqual(await open(store, true), [['Launch', 'send  the BUDGET']]);
    });

    test('of discarded recordings are not listed', async (store) => {
      const id = await create(store);
      await write(store, (tx) => tx.putNotes(notes(id, ['a'])));
      await write(store, (tx) => tx.updateRecording(id, { cancelledAt: 5, state: 'cancelled' }));
      assert.deepEqual(await open(store, 'all'), []);
    });

    test('that are unknown, or another owner’s, cannot be marked', async (store) => {
      const id = await create(store);
      await write(store, (tx) => tx.putNotes(notes(id, ['a'])));
      for (const [action, owner] of [
        [`${id}.7`, 'local'],
        [`${id}.0`, 'somebody-else'],
      ] as const) {
        await assert.rejects(
          write(store, (tx) => tx.setActionDone(action, true), owner),
          code('not_found'),
        );
      }
    });
  });
}
