import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Recording } from '@speakr/contracts/recording';
import { v7 as uuidv7 } from 'uuid';
import type { NewRecording, Store } from '../store.ts';
import { create, type MakeStore, newRecording, read, withStore, write } from './samples.ts';

const code = (expected: string) => (error: unknown) => (error as { code?: string }).code === expected;

export function recordingsSuite(make: MakeStore): void {
  const test = (title: string, work: (store: Store) => Promise<void>) => it(title, withStore(make, work));

  describe('recordings', () => {
    test('are what their contract says, from creation on', async (store) => {
      const id = await create(store, { tags: ['launch'], title: 'Launch planning' });
      const recording = await read(store, (tx) => tx.getRecording(id));
      assert.deepEqual(Recording.parse(recording), recording);
      assert.equal(recording?.title, 'Launch planning');
      assert.equal(recording?.titleSource, 'user');
      assert.equal(recording?.state, 'recording');
      assert.equal(recording?.revision, 0);
    });

    test('are named by their time until something better is known', async (store) => {
      const id = await create(store);
      const recording = await read(store, (tx) => tx.getRecording(id));
      assert.match(recording!.title, /^Recording 2026-11-2\d \d\d:\d\d$/);
      assert.equal(recording?.titleSource, 'time');
    });

    test('are created once, however often the client says so', async (store) => {
      const id = await create(store, { title: 'First' });
      const again = await write(store, (tx) => tx.createRecording(newRecording({ id, title: 'Second' })));
      assert.equal(again.title, 'First');
    });

    test('change field by field', async (store) => {
      const id = await create(store, { tags: ['a'], templateText: '# Mine' });
      const receipt = { capturedMs: 4, spooledMs: 3, acknowledgedMs: 2, transcribedMs: 1, gaps: [] };
      const changed = await write(store, (tx) =>
        tx.updateRecording(id, {
          title: 'Better',
          titleSource: 'content',
          tags: ['b', 'c'],
          state: 'failed',
          failure: 'recognizer_failed',
          durationMs: 61_250,
          tracks: [{ track: 0, label: 'me', samples: 980_000 }],
          receipt,
          template: 'soap',
          language: 'de',
          model: 'other',
          templateText: '# Yours',
        }),
      );
      assert.deepEqual(await read(store, (tx) => tx.getRecording(id)), changed);
      assert.equal(changed.title, 'Better');
      assert.deepEqual(changed.tags, ['b', 'c']);
      assert.equal(changed.failure, 'recognizer_failed');
      assert.deepEqual(changed.receipt, receipt);
      assert.equal(changed.tracks[0]?.samples, 980_000);
      assert.deepEqual([changed.template, changed.language, changed.model], ['soap', 'de', 'other']);
      assert.equal(await read(store, (tx) => tx.getTemplateText(id)), '# Yours');

      const mended = await write(store, (tx) => tx.updateRecording(id, { state: 'ready', failure: null }));
      assert.equal(mended.failure, undefined);
      assert.equal(mended.title, 'Better');
      assert.equal(mended.durationMs, 61_250);
    });

    test('have no template text unless one was given', async (store) => {
      const id = await create(store);
      assert.equal(await read(store, (tx) => tx.getTemplateText(id)), undefined);
    });

    test('that do not exist cannot be changed', async (store) => {
      const id = uuidv7();
      await assert.rejects(
        write(store, (tx) => tx.updateRecording(id, { title: 'x' })),
        code('not_found'),
      );
      await assert.rejects(
        write(store, (tx) => tx.deleteRecording(id)),
        code('not_found'),
      );
      await assert.rejects(
        write(store, (tx) => tx.addMoment(id, { atMs: 0, kind: 'mark', text: '' })),
        code('not_found'),
      );
      await assert.rejects(
        read(store, (tx) => tx.dataKey(id)),
        code('not_found'),
      );
      assert.equal(await read(store, (tx) => tx.getRecording(id)), undefined);
    });

    test('keep any text as it was typed', async (store) => {
      const odd = [
        '𝒰𝓃𝒾 🎙️👩‍👩‍👧 e\u0301 é',
        'שלום עולם',
        'quote\'s "x" \\ %_ \u0000 end',
        '\u202Eright to left',
        '会議 مرحبا',
      ];
      for (const text of odd) {
        const id = await create(store, { title: text, tags: [text], source: text });
        await write(store, (tx) => tx.addMoment(id, { atMs: 1, kind: 'note', text }));
        const recording = await read(store, (tx) => tx.getRecording(id));
        assert.deepEqual(
          [recording?.title, recording?.tags, recording?.source, recording?.moments[0]?.text],
          [text, [text], text, text],
        );
      }
    });

    test('hold moments in order, each once', async (store) => {
      const id = await create(store);
      await write(store, async (tx) => {
        await tx.addMoment(id, { atMs: 2000, kind: 'mark', text: '' });
        await tx.addMoment(id, { atMs: 1000, kind: 'note', text: 'monthly billing' });
        await tx.addMoment(id, { atMs: 2000, kind: 'mark', text: '' });
      });
      assert.deepEqual((await read(store, (tx) => tx.getRecording(id)))?.moments, [
        { atMs: 1000, kind: 'note', text: 'monthly billing' },
        { atMs: 2000, kind: 'mark', text: '' },
      ]);
    });

    test('hold gaps in order, the last word on each', async (store) => {
      const id = await create(store);
      await write(store, async (tx) => {
        await tx.addGap(id, { track: 0, startMs: 5000, durationMs: 100, reason: 'overrun' });
        await tx.addGap(id, { track: 0, startMs: 1000, durationMs: 100, reason: 'sleep' });
        await tx.addGap(id, { track: 0, startMs: 5000, durationMs: 300, reason: 'overrun' });
      });
      assert.deepEqual((await read(store, (tx) => tx.getRecording(id)))?.receipt.gaps, [
        { track: 0, startMs: 1000, durationMs: 100, reason: 'sleep' },
        { track: 0, startMs: 5000, durationMs: 300, reason: 'overrun' },
      ]);
    });

    test('have a data key each, always the same', async (store) => {
      const [first, second] = [await create(store), await create(store)];
      const keys = await read(store, async (tx) => ({
        once: await tx.dataKey(first),
        again: await tx.dataKey(first),
        other: await tx.dataKey(second),
      }));
      assert.equal(keys.once.length, 32);
      assert.deepEqual(keys.once, keys.again);
      assert.notDeepEqual(keys.once, keys.other);
    });

    test('of another owner look like missing ones, even with the same id', async (store) => {
      const id = await create(store, { title: 'Mine' });
      const theirs = 'somebody-else';
      assert.equal(await read(store, (tx) => tx.getRecording(id), theirs), undefined);
      assert.deepEqual(await read(store, (tx) => tx.listRecordings({ limit: 10 }), theirs), {
        recordings: [],
      });
      await assert.rejects(
        read(store, (tx) => tx.resolveRecording('last'), theirs),
        code('not_found'),
      );
      await assert.rejects(
        write(store, (tx) => tx.deleteRecording(id), theirs),
        code('not_found'),
      );
      await create(store, { id, title: 'Theirs' }, theirs);
      await write(store, (tx) => tx.deleteRecording(id), theirs);
      assert.equal((await read(store, (tx) => tx.getRecording(id)))?.title, 'Mine');
    });
  });

  describe('references', () => {
    const first = '0199f3a1-7c1e-7d63-9d0e-3f6a5b2c4d1e';
    const second = '0199f3a1-7c1e-7d63-9d0e-3f6a5b2cad1e';

    test('are full ids, endings of at least three characters, or last', async (store) => {
      await create(store, { id: first, startedAt: 2000 });
      await create(store, { id: second, startedAt: 1000 });
      const resolve = async (reference: string) =>
        (await read(store, (tx) => tx.resolveRecording(reference))).id;
      assert.equal(await resolve(first), first);
      assert.equal(await resolve('2c4d1e'), first);
      assert.equal(await resolve('AD1E'), second);
      assert.equal(await resolve('last'), first);
    });

    test('that fit more than one recording, or none, are refused', async (store) => {
      await create(store, { id: first });
      await create(store, { id: second });
      const resolve = (reference: string) => read(store, (tx) => tx.resolveRecording(reference));
      await assert.rejects(resolve('d1e'), code('ambiguous_id'));
      for (const reference of ['ffffff', '1e', '%', '___', '', 'zzz', '会議', uuidv7()]) {
        await assert.rejects(resolve(reference), code('not_found'), reference);
      }
    });

    test('to the last recording skip discarded ones', async (store) => {
      const kept = await create(store, { startedAt: 1000 });
      const discarded = await create(store, { startedAt: 2000 });
      await write(store, (tx) => tx.updateRecording(discarded, { state: 'cancelled', cancelledAt: 3000 }));
      assert.equal((await read(store, (tx) => tx.resolveRecording('last'))).id, kept);
      assert.equal((await read(store, (tx) => tx.resolveRecording(discarded))).id, discarded);
    });
  });

  describe('lists of recordings', () => {
    const titles = async (store: Store, filter: Parameters<typeof list>[1]) =>
      (await list(store, filter)).recordings.map(({ title }) => title);
    const list = (store: Store, filter: { tags?: string[]; since?: number; until?: number }) =>
      read(store, (tx) => tx.listRecordings({ limit: 10, ...filter }));
    const fill = async (store: Store, recordings: readonly Partial<NewRecording>[]) => {
      for (const recording of recordings) await create(store, recording);
    };

    test('are newest first, from since until before until', async (store) => {
      await fill(store, [
        { title: 'b', startedAt: 2000 },
        { title: 'a', startedAt: 1000 },
        { title: 'c', startedAt: 3000 },
      ]);
      assert.deepEqual(await titles(store, {}), ['c', 'b', 'a']);
      assert.deepEqual(await titles(store, { since: 2000 }), ['c', 'b']);
      assert.deepEqual(await titles(store, { until: 2000 }), ['a']);
    });

    test('hold recordings that have all of the tags, however they are written', async (store) => {
      await fill(store, [
        { title: 'both', tags: ['Café', 'launch'], startedAt: 3000 },
        { title: 'one', tags: ['cafe\u0301'], startedAt: 2000 },
        { title: 'none', startedAt: 1000 },
      ]);
      assert.deepEqual(await titles(store, { tags: ['CAFÉ'] }), ['both', 'one']);
      assert.deepEqual(await titles(store, { tags: ['café', 'Launch'] }), ['both']);
      assert.deepEqual(await titles(store, { tags: ['caf'] }), []);
    });

    test('come in pages without doubles or holes, also with tags and equal times', async (store) => {
      await fill(
        store,
        Array.from({ length: 25 }, (_, index) => ({
          startedAt: 1000 * Math.floor(index / 4),
          tags: index % 5 === 0 ? ['fifth'] : [],
        })),
      );
      for (const [tags, expected] of [
        [[], 25],
        [['fifth'], 5],
      ] as const) {
        const seen: string[] = [];
        let cursor: string | undefined;
        do {
          const page: Awaited<ReturnType<typeof list>> = await read(store, (tx) =>
            tx.listRecordings({ limit: 2, tags, cursor }),
          );
          assert.ok(page.recordings.length > 0);
          seen.push(...page.recordings.map(({ id }) => id));
          cursor = page.nextCursor;
        } while (cursor !== undefined);
        assert.equal(seen.length, expected);
        assert.equal(new Set(seen).size, expected);
      }
    });

    test('find a tag however many recordings without it are newer', async (store) => {
      const id = await create(store, { tags: ['rare'], startedAt: 1000 });
      await write(store, async (tx) => {
        for (let index = 0; index < 520; index++) await tx.createRecording(newRecording({ startedAt: 2000 }));
      });
      const found = await list(store, { tags: ['rare'] });
      assert.deepEqual(
        found.recordings.map((recording) => recording.id),
        [id],
      );
      assert.equal(found.nextCursor, undefined);
    });

    test('leave discarded recordings out, or hold them only', async (store) => {
      await fill(store, [{ title: 'kept' }]);
      const id = await create(store, { title: 'discarded' });
      await write(store, (tx) => tx.updateRecording(id, { state: 'cancelled', cancelledAt: 5 }));
      assert.deepEqual(await titles(store, {}), ['kept']);
      const discarded = await read(store, (tx) => tx.listRecordings({ limit: 10, cancelled: true }));
      assert.deepEqual(
        discarded.recordings.map(({ title }) => title),
        ['discarded'],
      );
      await write(store, (tx) => tx.updateRecording(id, { state: 'ready', cancelledAt: null }));
      assert.equal((await titles(store, {})).length, 2);
    });

    test('can be narrowed to states', async (store) => {
      const id = await create(store, { title: 'ready' });
      await create(store, { title: 'running' });
      await write(store, (tx) => tx.updateRecording(id, { state: 'ready' }));
      const running = await read(store, (tx) => tx.listRecordings({ limit: 10, states: ['recording'] }));
      assert.deepEqual(
        running.recordings.map(({ title }) => title),
        ['running'],
      );
    });

    test('refuse a cursor they never gave', async (store) => {
      for (const cursor of ['nonsense', '', 'WzEsMl0', 'eyJ0IjoxfQ']) {
        await assert.rejects(
          read(store, (tx) => tx.listRecordings({ limit: 1, cursor })),
          code('invalid_request'),
        );
      }
    });
  });
}
