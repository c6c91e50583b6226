import assert from 'node:assert/strict';
import { AsyncResource } from 'node:async_hooks';
import { describe, it } from 'node:test';
import type { Message } from '@speakr/contracts/events';
import { Envelope } from '@speakr/contracts/events';
import type { Store } from '../store.ts';
import {
  create,
  createSpoken,
  EMBEDDER,
  type MakeStore,
  newRecording,
  notes,
  OWNER,
  passages,
  read,
  withStore,
  write,
} from './samples.ts';

const code = (expected: string) => (error: unknown) => (error as { code?: string }).code === expected;

/** Made outside of every transaction. */
const detached = new AsyncResource('another request');

export function transactionsSuite(make: MakeStore): void {
  const test = (title: string, work: (store: Store) => Promise<void>) => it(title, withStore(make, work));
  const heard = (store: Store) => {
    const messages: Message[] = [];
    store.outbox.onPublished((published) => messages.push(...published));
    return messages;
  };

  describe('transactions', () => {
    test('that fail leave nothing behind', async (store) => {
      const messages = heard(store);
      const recording = newRecording();
      const failed = write(store, async (tx) => {
        await tx.createRecording(recording);
        await tx.publish('recording.started.v1', { recordingId: recording.id, mode: 'live' });
        throw new Error('changed my mind');
      });
      await assert.rejects(failed, /changed my mind/);
      assert.equal(await read(store, (tx) => tx.getRecording(recording.id)), undefined);
      assert.deepEqual(messages, []);
    });

    test('run one after the other and see each other’s changes', async (store) => {
      const id = await create(store, { title: '' });
      await Promise.all(
        Array.from({ length: 10 }, (_, index) =>
          write(store, async (tx) => {
            const before = await tx.getRecording(id);
            await new Promise(setImmediate);
            await tx.updateRecording(id, { title: `${before?.title}${index}` });
          }),
        ),
      );
      const recording = await read(store, (tx) => tx.getRecording(id));
      assert.equal([...recording!.title].toSorted().join(''), '0123456789');
    });

    test('do not nest', async (store) => {
      const nested = write(store, () => write(store, async () => {}));
      await assert.rejects(nested, /do not nest/);
      await write(store, async () => {});
    });

    test('that only read do not wait for one that writes, and do not see it', async (store) => {
      const id = await create(store, { title: 'before' });
      await write(store, async (tx) => {
        await tx.updateRecording(id, { title: 'after' });
        const seen = await outside(() => read(store, (reader) => reader.getRecording(id)));
        assert.equal(seen?.title, 'before');
      });
      assert.equal((await read(store, (tx) => tx.getRecording(id)))?.title, 'after');
    });

    test('that only read cannot write', async (store) => {
      await assert.rejects(read(store, (tx) => tx.createRecording(newRecording())));
    });
  });

  describe('the outbox', () => {
    test('tells what was published after the commit, in the envelope of the contract', async (store) => {
      const messages = heard(store);
      const id = await create(store);
      await write(store, async (tx) => {
        await tx.publish('recording.started.v1', { recordingId: id, mode: 'live' }, 'request-1');
        await tx.publish('model.promoted.v1', { model: 'moonshine-tiny-en' });
        assert.deepEqual(messages, []);
      });
      for (const message of messages) assert.deepEqual(Envelope.parse(message), message);
      assert.deepEqual(
        messages.map(({ type, subject, owner, correlationid, data }) => ({
          type,
          subject,
          owner,
          correlationid,
          data,
        })),
        [
          {
            type: 'recording.started.v1',
            subject: id,
            owner: OWNER,
            correlationid: 'request-1',
            data: { recordingId: id, mode: 'live' },
          },
          {
            type: 'model.promoted.v1',
            subject: undefined,
            owner: OWNER,
            correlationid: messages[1]?.id,
            data: { model: 'moonshine-tiny-en' },
          },
        ],
      );
    });

    test('is silent for a listener that has left', async (store) => {
      const messages: Message[] = [];
      const leave = store.outbox.onPublished((published) => messages.push(...published));
      leave();
      await write(store, (tx) => tx.publish('model.promoted.v1', { model: 'x' }));
      assert.deepEqual(messages, []);
    });
  });

  describe('deleting a recording', () => {
    test('removes everything of it, and says so', async (store) => {
      const id = await createSpoken(store, ['one'], { title: 'Secret' });
      const kept = await createSpoken(store, ['two'], { title: 'Kept' });
      for (const each of [id, kept]) {
        await write(store, async (tx) => {
          await tx.putNotes(notes(each, ['a']));
          await tx.putPassages(each, 1, 0, passages(each, 2));
          await tx.addMoment(each, { atMs: 0, kind: 'mark', text: '' });
        });
      }
      const messages = heard(store);
      await write(store, (tx) => tx.deleteRecording(id));
      assert.deepEqual(
        messages.map(({ type, data }) => [type, data]),
        [['recording.deleted.v1', { recordingId: id }]],
      );
      await read(store, async (tx) => {
        assert.equal(await tx.getRecording(id), undefined);
        assert.equal(await tx.getTranscript(id), undefined);
        assert.deepEqual(await tx.listRevisions(id), []);
        assert.equal(await tx.getNotes(id), undefined);
        assert.equal(await tx.indexState(id, EMBEDDER), undefined);
        await assert.rejects(tx.dataKey(id), code('not_found'));
        assert.deepEqual(
          (await tx.listActions('all')).map(({ title }) => title),
          ['Kept'],
        );
        const candidates = await tx.scanPassages(EMBEDDER, {});
        const { passages: left } = await candidates.find({ terms: ['passage'], nearest: 0 });
        assert.deepEqual(
          left.map(({ recordingId }) => recordingId),
          [kept, kept],
        );
        assert.equal((await tx.getTranscript(kept))?.segments.length, 1);
      });
    });

    test('makes late writers of it fail', async (store) => {
      const id = await createSpoken(store, ['one']);
      await write(store, (tx) => tx.deleteRecording(id));
      await assert.rejects(
        write(store, (tx) => tx.putSegments(id, 1, [])).then(() =>
          write(store, (tx) => tx.putPassages(id, 1, 0, passages(id, 1))),
        ),
        code('not_found'),
      );
      await assert.rejects(
        write(store, (tx) => tx.putNotes(notes(id, []))),
        code('not_found'),
      );
    });
  });
}

/** Runs work as if another request had started it: outside of the transaction that is open here. */
function outside<T>(work: () => Promise<T>): Promise<T> {
  return detached.runInAsyncScope(work);
}
