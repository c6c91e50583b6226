import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { v7 as uuidv7 } from 'uuid';
import { createFileAudioLog } from '../audio-log/file-audio-log.ts';
import { temporaryStore } from '../fixtures/temporary-store.ts';
import { silentLog } from '../observability/log.ts';
import { createFileStorage } from '../storage/file-storage.ts';
import type { StoredUpload } from '../store/store.ts';
import { create } from '../store/suite/samples.ts';
import { verify } from './verify.ts';

const OWNER = 'local';

/** Real store, log and storage, and what is found wrong with them. */
async function stored(t: TestContext) {
  const { store, dataDir, remove } = await temporaryStore();
  const storage = createFileStorage({ directory: dataDir });
  const audioLog = createFileAudioLog({
    directory: join(dataDir, 'audio-log'),
    dataKey: (owner, id) => store.read(owner, (own) => own.dataKey(id)),
    log: silentLog,
  });
  t.after(async () => {
    await audioLog.close();
    await remove();
  });
  const put = (key: string) =>
    storage.create(
      key,
      (async function* () {
        yield Buffer.from('sealed');
      })(),
    );
  return {
    store,
    storage,
    audioLog,
    put,
    async upload(state: StoredUpload['state'], parts = 2) {
      const id = uuidv7();
      const about = { name: 'talk.m4a', startedAt: 1, language: 'en', model: 'm' };
      const objects = Array.from({ length: parts }, (_, index) => `uploads/${id}/0000${index + 1}-abc`);
      await store.transaction(OWNER, async (own) => {
        await own.createUpload({ id, recordingId: uuidv7(), about, expiresAt: 1 });
        for (const [index, object] of objects.entries())
          await own.addUploadPart(id, { part: index + 1, bytes: 6, object, sha256: `${index}` });
        await own.updateUpload(id, { state });
      });
      for (const object of objects) await put(object);
      return { id, objects };
    },
    async findings() {
      const { findings } = await verify({
        store,
        storage,
        audioLog,
        owners: async () => [OWNER],
        archiveFolder: (_, id) => `audio/${id}/`,
        uploadFolder: (_, id) => `uploads/${id}/`,
        archivedSamples: async () => undefined,
        pending: async () => 0,
      });
      return findings.map(({ kind, detail }) => [kind, detail]);
    },
  };
}

test('uploads of every state that have what they need are in order', async (t) => {
  const place = await stored(t);
  for (const state of ['open', 'complete', 'ingested', 'failed'] as const) await place.upload(state);
  assert.deepEqual(await place.findings(), []);
});

test('objects whose upload is gone are found, also where the upload never had a part', async (t) => {
  const place = await stored(t);
  const { id, objects } = await place.upload('open');
  const stray = `uploads/${uuidv7()}/00001-abc`;
  await place.put(stray);
  await place.store.transaction(OWNER, (own) => own.removeUpload(id));
  const expected = [...objects, stray].map((key) => ['upload_orphaned', `The upload of ${key} is gone.`]);
  assert.deepEqual((await place.findings()).sort(), expected.sort());
});

test('a part that is gone is found as long as somebody will read it', async (t) => {
  const place = await stored(t);
  for (const state of ['open', 'complete', 'ingested', 'failed'] as const) {
    const { id, objects } = await place.upload(state);
    const [lost = ''] = objects;
    await place.storage.remove(lost);
    const needed = state === 'open' || state === 'complete';
    assert.deepEqual(
      await place.findings(),
      needed ? [['upload_missing', `A part of the upload ${id} is gone: ${lost}.`]] : [],
    );
    await place.put(lost);
  }
});

test('audio, logs and objects without their recording are found', async (t) => {
  const place = await stored(t);
  const gone = uuidv7();
  await place.put(`audio/${gone}/track-0.flac.sealed`);
  const recordingId = await create(place.store, { tracks: [{ track: 0, label: 'me', samples: 1600 }] });
  await place.store.transaction(OWNER, (own) => own.updateRecording(recordingId, { state: 'ready' }));
  assert.deepEqual((await place.findings()).sort(), [
    ['audio_missing', 'Track 0 is in neither log nor archive.'],
    ['object_orphaned', `The recording of audio/${gone}/track-0.flac.sealed is gone.`],
  ]);
});
