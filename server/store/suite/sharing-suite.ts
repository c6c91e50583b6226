import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ReadableRecording, Store } from '../store.ts';
import { create, createSpoken, type MakeStore, notes, OWNER, read, withStore, write } from './samples.ts';

const READER = 'bob';
/** Somebody who was here once. */
const knows = (store: Store, user: string) => store.welcome(user);
const code = (expected: string) => (error: unknown) => (error as { code?: string }).code === expected;

export function sharingSuite(make: MakeStore): void {
  const test = (title: string, work: (store: Store) => Promise<void>) => it(title, withStore(make, work));
  const shared = async (store: Store, title = 'Shared') => {
    const id = await createSpoken(store, ['one', 'two'], { title });
    await write(store, (own) => own.putNotes(notes(id, ['call'])));
    await knows(store, READER);
    await store.share(OWNER, id, READER);
    return id;
  };
  const asReader = <T>(
    store: Store,
    id: string,
    work: (recording: ReadableRecording) => Promise<T>,
    who = READER,
  ) => store.readShared(who, id, work);

  describe('a shared recording', () => {
    test('is read by the other: recording, transcript, revisions and notes', async (store) => {
      const id = await shared(store);
      await create(store, { title: 'not shared' });
      const seen = await asReader(store, id, async (found) => ({
        owner: found.owner,
        recording: found.recording,
        transcript: await found.getTranscript(),
        revisions: await found.listRevisions(),
        notes: await found.getNotes(),
      }));
      const own = await read(store, async (tx) => ({
        owner: OWNER,
        recording: await tx.getRecording(id),
        transcript: await tx.getTranscript(id),
        revisions: await tx.listRevisions(id),
        notes: await tx.getNotes(id),
      }));
      assert.deepEqual(seen, own);
      assert.equal(await asReader(store, id.slice(-8), async ({ recording }) => recording.title), 'Shared');
      const list = await read(store, (tx) => tx.listShared(), READER);
      assert.deepEqual(
        list.map(({ owner, recording }) => [owner, recording.title]),
        [[OWNER, 'Shared']],
      );
    });

    test('stays foreign: the reader neither lists, finds, changes nor deletes it', async (store) => {
      const id = await shared(store);
      const mine = <T>(work: Parameters<typeof write<T>>[1]) => write(store, work, READER);
      assert.equal(await mine((own) => own.getRecording(id)), undefined);
      assert.deepEqual((await mine((own) => own.listRecordings({ limit: 10 }))).recordings, []);
      for (const change of [
        () => mine((own) => own.updateRecording(id, { title: 'mine' })),
        () => mine((own) => own.deleteRecording(id)),
        () => mine((own) => own.putNotes(notes(id, []))),
        () => mine((own) => own.unshareRecording(id, READER)),
        () => mine((own) => own.listShares(id)),
        () => store.share(READER, id, 'carol'),
      ])
        await assert.rejects(change(), code('not_found'));
      assert.equal((await read(store, (own) => own.getRecording(id)))?.title, 'Shared');
    });

    test('is nobody else’s: a third user gets what a missing one gives', async (store) => {
      const id = await shared(store);
      await assert.rejects(
        asReader(store, id, async () => {}, 'carol'),
        code('not_found'),
      );
      await assert.rejects(
        asReader(store, id, async () => {}, OWNER),
        code('not_found'),
      );
      assert.deepEqual(await read(store, (own) => own.listShared(), 'carol'), []);
      assert.deepEqual(await read(store, (own) => own.listAudit(id, { limit: 10 }), READER), { entries: [] });
    });

    test('is taken back at once, and can be shared again', async (store) => {
      const id = await shared(store);
      await write(store, (own) => own.unshareRecording(id, READER));
      await assert.rejects(
        asReader(store, id, async () => {}),
        code('not_found'),
      );
      assert.deepEqual(await read(store, (own) => own.listShared(), READER), []);
      assert.deepEqual(await read(store, (own) => own.listShares(id)), []);
      await assert.rejects(
        write(store, (own) => own.unshareRecording(id, READER)),
        code('not_found'),
      );
      await store.share(OWNER, id, READER);
      assert.equal(await asReader(store, id, async ({ recording }) => recording.id), id);
    });

    test('goes with the recording, and is away while that is discarded', async (store) => {
      const [kept, deleted] = [await shared(store), await shared(store)];
      await write(store, (own) => own.updateRecording(kept, { cancelledAt: 1, state: 'cancelled' }));
      await write(store, (own) => own.deleteRecording(deleted));
      for (const id of [kept, deleted])
        await assert.rejects(
          asReader(store, id, async () => {}),
          code('not_found'),
        );
      assert.deepEqual(await read(store, (own) => own.listShared(), READER), []);
      await write(store, (own) => own.updateRecording(kept, { cancelledAt: null, state: 'ready' }));
      assert.equal((await read(store, (own) => own.listShared(), READER)).length, 1);
    });

    test('leaves a trail for its owner: shared, read, taken back', async (store) => {
      const id = await shared(store);
      const again = await store.share(OWNER, id, READER);
      assert.deepEqual(await read(store, (own) => own.listShares(id)), [again]);
      await asReader(store, id, async () => {});
      await assert.rejects(asReader(store, id, async () => {}, 'carol'));
      await write(store, (own) => own.unshareRecording(id, READER));
      await write(store, (own) => own.deleteRecording(id));
      const { entries: trail } = await read(store, (own) => own.listAudit(id, { limit: 10 }));
      assert.deepEqual(
        trail.map(({ actor, action, reader }) => [actor, action, reader]),
        [
          [OWNER, 'recording.unshared', READER],
          [READER, 'recording.read', undefined],
          [OWNER, 'recording.shared', READER],
        ],
      );
      for (const { at } of trail) assert.ok(Math.abs(Date.now() - at) < 60_000);
    });

    test('must be somebody else’s to share with, and exist', async (store) => {
      const id = await create(store);
      await assert.rejects(store.share(OWNER, id, OWNER), code('invalid_request'));
      await assert.rejects(
        store.share(OWNER, '0199f3a1-7c1e-7d63-9d0e-3f6a5b2c4d1e', READER),
        code('not_found'),
      );
    });

    test('is with somebody who was here: a name that nobody has gets no key by being named', async (store) => {
      const id = await create(store);
      await assert.rejects(store.share(OWNER, id, 'dave'), code('not_found'));
      await assert.rejects(store.share(OWNER, id, 'dave'), code('not_found'));
      assert.deepEqual(await read(store, (own) => own.listShares(id)), []);
      await knows(store, 'dave');
      assert.equal((await store.share(OWNER, id, 'dave')).reader, 'dave');
    });
  });
}
