import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it } from 'node:test';
import { v7 as uuidv7 } from 'uuid';
import type { NewUpload, Store } from '../store.ts';
import { type MakeStore, read, withStore, write } from './samples.ts';

const EXPIRES_AT = 1_795_262_400_000;

const newUpload = (other: Partial<NewUpload> = {}): NewUpload => ({
  id: uuidv7(),
  recordingId: uuidv7(),
  about: { name: 'Zanzibar.m4a', startedAt: 1, language: 'en', model: 'm', tags: ['a'], title: 'Zanzibar' },
  expiresAt: EXPIRES_AT,
  ...other,
});

const sha256 = (content: string) => createHash('sha256').update(content).digest('hex');
const part = (number: number, content = `part ${number}`, object = `uploads/x/${number}`) => ({
  part: number,
  bytes: content.length,
  object,
  sha256: sha256(content),
});

export function uploadsSuite(make: MakeStore): void {
  const test = (title: string, work: (store: Store) => Promise<void>) => it(title, withStore(make, work));
  const begin = async (store: Store, other: Partial<NewUpload> = {}, owner?: string) => {
    const upload = newUpload(other);
    await write(store, (own) => own.createUpload(upload), owner);
    return upload;
  };

  describe('uploads', () => {
    test('are kept as they were begun, with a key of their own; beginning one again changes nothing', async (store) => {
      const upload = newUpload();
      const created = await write(store, (own) => own.createUpload(upload));
      assert.deepEqual(
        { id: created.id, recordingId: created.recordingId, about: created.about, state: created.state },
        { id: upload.id, recordingId: upload.recordingId, about: upload.about, state: 'open' },
      );
      assert.equal(created.key.length, 32);
      assert.deepEqual(created.parts, []);
      const again = await write(store, (own) =>
        own.createUpload({ ...upload, about: { ...upload.about, name: 'other' } }),
      );
      assert.deepEqual(again, created);
      const other = await begin(store);
      const found = await read(store, (own) => own.getUpload(other.id));
      assert.notDeepEqual(Buffer.from(found!.key), Buffer.from(created.key));
      assert.equal(await read(store, (own) => own.getUpload(uuidv7())), undefined);
    });

    test('take parts in any order and tell them in order; the same part again is not kept twice', async (store) => {
      const { id } = await begin(store);
      for (const number of [3, 1, 2])
        assert.deepEqual(await write(store, (own) => own.addUploadPart(id, part(number))), { kept: true });
      const again = part(2, 'part 2', 'uploads/x/2-again');
      assert.deepEqual(await write(store, (own) => own.addUploadPart(id, again)), { kept: false });
      const { parts } = (await read(store, (own) => own.getUpload(id)))!;
      assert.deepEqual(
        parts.map(({ part, bytes, object }) => [part, bytes, object]),
        [1, 2, 3].map((number) => [number, 6, `uploads/x/${number}`]),
      );
    });

    test('refuse other content under a part’s number, and keep no hash that others could compare', async (store) => {
      const { id } = await begin(store);
      await write(store, (own) => own.addUploadPart(id, part(1)));
      await assert.rejects(
        write(store, (own) => own.addUploadPart(id, part(1, 'other'))),
        { code: 'part_reused' },
      );
      const other = await begin(store);
      await write(store, (own) => own.addUploadPart(other.id, part(1)));
      const digests = await Promise.all(
        [id, other.id].map(
          async (each) => (await read(store, (own) => own.getUpload(each)))!.parts[0]!.digest,
        ),
      );
      assert.notEqual(digests[0], digests[1]);
      assert.ok(!digests.includes(sha256('part 1')));
    });

    test('take no part once they are closed, nor when there is none', async (store) => {
      const { id } = await begin(store);
      await write(store, (own) => own.updateUpload(id, { state: 'complete' }));
      await assert.rejects(
        write(store, (own) => own.addUploadPart(id, part(1))),
        { code: 'upload_closed' },
      );
      await assert.rejects(
        write(store, (own) => own.addUploadPart(uuidv7(), part(1))),
        { code: 'not_found' },
      );
    });

    test('are counted while they are open', async (store) => {
      const { id } = await begin(store);
      await begin(store);
      await begin(store, {}, 'somebody-else');
      assert.equal(await read(store, (own) => own.countOpenUploads()), 2);
      await write(store, (own) => own.updateUpload(id, { state: 'complete' }));
      assert.equal(await read(store, (own) => own.countOpenUploads()), 1);
    });

    test('expire by their time, which can be put off, whatever their state', async (store) => {
      const [first, second] = [await begin(store), await begin(store)];
      await write(store, (own) => own.updateUpload(second.id, { expiresAt: EXPIRES_AT + 1000 }));
      await begin(store, {}, 'somebody-else');
      const expired = (before: number) => read(store, (own) => own.expiredUploads(before));
      assert.deepEqual(await expired(EXPIRES_AT), []);
      assert.deepEqual(await expired(EXPIRES_AT + 1), [first.id]);
      await write(store, (own) => own.updateUpload(second.id, { state: 'ingested' }));
      assert.deepEqual(await expired(EXPIRES_AT + 1001), [first.id, second.id].sort());
    });

    test('are listed with the objects they have', async (store) => {
      const [first, second] = [await begin(store), await begin(store)];
      for (const number of [2, 1]) await write(store, (own) => own.addUploadPart(first.id, part(number)));
      await write(store, (own) => own.updateUpload(second.id, { state: 'failed' }));
      await begin(store, {}, 'somebody-else');
      const listed = await read(store, (own) => own.listUploadObjects());
      assert.deepEqual(
        new Map(listed.map(({ id, recordingId, state, objects }) => [id, [recordingId, state, objects]])),
        new Map([
          [first.id, [first.recordingId, 'open', ['uploads/x/1', 'uploads/x/2']]],
          [second.id, [second.recordingId, 'failed', []]],
        ]),
      );
    });

    test('are forgotten with their parts and key, twice if need be', async (store) => {
      const { id } = await begin(store);
      await write(store, (own) => own.addUploadPart(id, part(1)));
      for (let count = 0; count < 2; count++) await write(store, (own) => own.removeUpload(id));
      assert.equal(await read(store, (own) => own.getUpload(id)), undefined);
      const anew = await write(store, (own) => own.createUpload(newUpload({ id })));
      assert.deepEqual(anew.parts, []);
    });

    test('of one user are nothing to another, also under the same id', async (store) => {
      const mine = await begin(store);
      await write(store, (own) => own.addUploadPart(mine.id, part(1)));
      const other = 'somebody-else';
      assert.equal(await read(store, (own) => own.getUpload(mine.id), other), undefined);
      await assert.rejects(
        write(store, (own) => own.addUploadPart(mine.id, part(2)), other),
        { code: 'not_found' },
      );
      const theirs = await write(store, (own) => own.createUpload(newUpload({ id: mine.id })), other);
      assert.deepEqual(theirs.parts, []);
      await write(store, (own) => own.updateUpload(mine.id, { state: 'failed' }), other);
      await write(store, (own) => own.removeUpload(mine.id), other);
      const left = await read(store, (own) => own.getUpload(mine.id));
      assert.deepEqual([left?.state, left?.parts.length], ['open', 1]);
    });
  });
}
