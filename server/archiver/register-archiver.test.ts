import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Recording } from '@speakr/contracts/recording';
import { until } from '../../scripts/until.ts';
import type { Bus, Consumer } from '../bus/bus.ts';
import { temporaryStore } from '../fixtures/temporary-store.ts';
import { phrases, recordSound, type TestApp, testApp } from '../fixtures/test-app.ts';
import { silentLog } from '../observability/log.ts';
import { create } from '../store/suite/samples.ts';
import type { Archive } from './archive.ts';
import { registerArchiver } from './register-archiver.ts';

const pcm = phrases(2);
const entries = ({ dataDir }: TestApp, folder: string) => readdir(join(dataDir, folder)).catch(() => []);
const idle = async ({ app }: TestApp) => (await app.activity()).jobs === 0;
const audioOf = async (server: TestApp, id: string) => {
  const response = await server.request(`/v1/recordings/${id}/audio`);
  return new Int16Array((await response.arrayBuffer()).slice(44));
};

test('after transcription the audio moves from the log to the archive, bit for bit', async (t) => {
  const server = await testApp(t);
  const id = await recordSound(server, pcm);
  await until('all is done', () => idle(server));
  assert.deepEqual(await entries(server, 'audio-log'), []);
  assert.deepEqual(await entries(server, join('audio', id)), ['track-0.flac.sealed']);
  assert.deepEqual(await audioOf(server, id), pcm);
});

test('a deleted recording leaves no audio', async (t) => {
  const server = await testApp(t);
  const id = await recordSound(server, pcm);
  await until('all is done', () => idle(server));
  assert.equal((await server.request(`/v1/recordings/${id}`, { method: 'DELETE' })).status, 204);
  await until('the archive is empty', async () => (await entries(server, 'audio')).length === 0);
});

test('a deletion that is told once more leaves the audio of the recording that has its id by now', async (t) => {
  const { store, remove } = await temporaryStore();
  t.after(remove);
  const removed: string[] = [];
  let handle: Consumer['handle'] = async () => {};
  registerArchiver({
    bus: {
      consume(consumer: Consumer) {
        handle = consumer.handle;
      },
    } as unknown as Bus,
    store,
    archive: { remove: async (_: string, id: string) => void removed.push(id) } as unknown as Archive,
    log: silentLog,
  });
  const recordingId = await create(store);
  const told = (id: string) =>
    handle({
      message: { type: 'recording.deleted.v1', owner: 'local', data: { recordingId: id } },
      signal: new AbortController().signal,
    } as never);
  await told(recordingId);
  assert.deepEqual(removed, []);
  await store.transaction('local', (own) => own.deleteRecording(recordingId));
  await told(recordingId);
  assert.deepEqual(removed, [recordingId]);
});

test('without ffmpeg the audio stays in the log and can be heard; with it the next start archives it', async (t) => {
  const without = await testApp(t, { values: { ffmpeg: '/nowhere/ffmpeg' } });
  const id = await recordSound(without, pcm);
  await until('all is done', () => idle(without));
  assert.deepEqual(await entries(without, 'audio-log'), [id]);
  assert.deepEqual(await audioOf(without, id), pcm);
  await without.close();

  const server = await testApp(t, { dataDir: without.dataDir });
  await until('the log is empty', async () => (await entries(server, 'audio-log')).length === 0);
  assert.deepEqual(await audioOf(server, id), pcm);
  assert.equal((await server.json<Recording>(`/v1/recordings/${id}`)).state, 'ready');
});

test('old recordings are deleted when the user wants that', async (t) => {
  const first = await testApp(t);
  const id = await recordSound(first, pcm, { startedAt: 1_000_000_000_000 });
  const kept = await recordSound(first, pcm, { startedAt: Date.now() });
  await until('all is done', () => idle(first));
  await first.close();
  const server = await testApp(t, { dataDir: first.dataDir, values: { retentionDays: 30 } });
  await until('it is gone', async () => (await server.request(`/v1/recordings/${id}`)).status === 404);
  assert.equal((await server.request(`/v1/recordings/${kept}`)).status, 200);
});
