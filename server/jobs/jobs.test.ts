import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Message } from '@speakr/contracts/events';
import type { Job } from '@speakr/contracts/jobs';
import { SpeakrError } from '@speakr/contracts/problem';
import type { Recording } from '@speakr/contracts/recording';
import { v7 as uuidv7 } from 'uuid';
import { answer } from '../../scripts/until.ts';
import { temporaryStore } from '../fixtures/temporary-store.ts';
import {
  finishMessage,
  phrases,
  recordSound,
  startMessage,
  type TestApp,
  testApp,
} from '../fixtures/test-app.ts';
import { silentLog } from '../observability/log.ts';
import { create, OWNER } from '../store/suite/samples.ts';
import { failDeadJobs } from './dead-jobs.ts';

const jobsOf = async ({ json }: TestApp, recordingId: string) =>
  (await json<{ jobs: Job[] }>(`/v1/jobs?recording=${recordingId}`)).jobs;

const until = <T>(ask: () => Promise<T>, fits: (value: T) => boolean) => answer(fits.toString(), ask, fits);

/** Sends sound as a file, and does not wait for its transcript. */
async function sendFile(app: TestApp, pcm: Int16Array): Promise<string> {
  const start = startMessage({ mode: 'batch' });
  const session = await app.connect();
  session.send(start);
  await session.next('ready');
  session.audio(pcm);
  session.send(finishMessage(pcm.length));
  const path = `/v1/recordings/${start.recordingId}`;
  await until(
    () => app.json<Recording>(path),
    ({ state }) => state !== 'recording',
  );
  return start.recordingId;
}

const transcriptionOf = async (app: TestApp, id: string) =>
  (await jobsOf(app, id)).find(({ kind }) => kind === 'transcription')!;

test('what is done for a recording is there as jobs, with what was tried', async (t) => {
  const app = await testApp(t);
  const id = await recordSound(app);
  const jobs = await until(
    () => jobsOf(app, id),
    (found) => found.length === 4 && found.every(({ state }) => state === 'succeeded'),
  );
  assert.deepEqual(jobs.map(({ kind }) => kind).sort(), ['archive', 'embedding', 'notes', 'transcription']);
  for (const { attempts, endedAt, progress } of jobs) {
    assert.deepEqual([attempts.length, attempts[0]?.outcome, progress], [1, 'succeeded', 1]);
    assert.equal(typeof endedAt, 'number');
  }
  // Writing the notes again archives nothing again.
  await app.json(`/v1/recordings/${id}/notes`, {
    method: 'POST',
    body: '{}',
    headers: { 'content-type': 'application/json' },
  });
  assert.equal((await jobsOf(app, id)).length, 4);
});

test('a transcription that fails says so, and is tried again on demand', async (t) => {
  const turns: { text: string; error?: Error }[] = [
    { text: '', error: new SpeakrError('language_unsupported', 'no') },
  ];
  const app = await testApp(t, { turns });
  const id = await sendFile(app, phrases(1));
  const failed = await until(
    () => transcriptionOf(app, id),
    ({ state }) => state === 'failed',
  );
  assert.equal(failed.failure, 'language_unsupported');
  assert.equal((await app.json<Recording>(`/v1/recordings/${id}`)).state, 'failed');
  turns[0] = { text: 'We launch in March.' };
  const retried = await app.json<Job>(`/v1/jobs/${failed.id.slice(-6)}/retry`, { method: 'POST' });
  assert.deepEqual([retried.id, retried.attempts.length > 0], [failed.id, true]);
  const done = await until(
    () => transcriptionOf(app, id),
    ({ state }) => state === 'succeeded',
  );
  assert.equal(done.attempts.at(-1)?.outcome, 'succeeded');
  const { segments } = await app.json<{ segments: { text: string }[] }>(`/v1/recordings/${id}/transcript`);
  assert.match(segments.map(({ text }) => text).join(' '), /March/);
});

test('a transcription that runs is stopped, and nothing comes of it', async (t) => {
  const app = await testApp(t, { turns: [{ text: 'never', delayMs: 10 * 60_000 }] });
  const id = await sendFile(app, phrases(1));
  const running = await until(
    () => transcriptionOf(app, id),
    ({ state }) => state === 'running',
  );
  const told = await app.json<Job>(`/v1/jobs/${running.id}/cancel`, { method: 'POST' });
  assert.equal(told.cancelRequested ?? told.state === 'cancelled', true);
  const { attempts } = await until(
    () => transcriptionOf(app, id),
    ({ state }) => state === 'cancelled',
  );
  assert.equal(attempts[0]?.outcome, 'cancelled');
  const recording = await app.json<Recording>(`/v1/recordings/${id}`);
  assert.deepEqual([recording.state, recording.failure], ['failed', 'job_cancelled']);
  const again = await app.request(`/v1/jobs/${running.id}/cancel`, { method: 'POST' });
  assert.deepEqual([again.status, ((await again.json()) as { code: string }).code], [409, 'job_ended']);
});

test('a live recording is stopped itself, not its job', async (t) => {
  const app = await testApp(t);
  const session = await app.connect();
  const start = startMessage();
  session.send(start);
  await session.next('ready');
  const { id } = await transcriptionOf(app, start.recordingId);
  const refused = await app.request(`/v1/jobs/${id}/cancel`, { method: 'POST' });
  assert.deepEqual(
    [refused.status, ((await refused.json()) as { code: string }).code],
    [409, 'recording_running'],
  );
  session.send({ type: 'cancel' });
  const { state } = await until(
    () => transcriptionOf(app, start.recordingId),
    ({ endedAt }) => endedAt !== undefined,
  );
  assert.equal(state, 'cancelled');
});

test('a job under way when the server stops is queued again, and goes on with the next', async (t) => {
  const slow = await testApp(t, { turns: [{ text: 'never', delayMs: 10 * 60_000 }] });
  const id = await sendFile(slow, phrases(1));
  await until(
    () => transcriptionOf(slow, id),
    ({ state }) => state === 'running',
  );
  await slow.close();
  const app = await testApp(t, { dataDir: slow.dataDir });
  const { attempts } = await until(
    () => transcriptionOf(app, id),
    ({ state }) => state === 'succeeded',
  );
  assert.deepEqual(
    attempts.map(({ outcome }) => outcome),
    ['interrupted', 'succeeded'],
  );
});

test('lists refuse what is no state, and tell of nothing that is not there', async (t) => {
  const app = await testApp(t);
  assert.equal((await app.request('/v1/jobs?state=done')).status, 400);
  assert.equal((await app.request(`/v1/jobs?cursor=${encodeURIComponent("' or 1=1 --")}`)).status, 400);
  for (const path of [`/v1/jobs/${uuidv7()}`, '/v1/jobs/last', `/v1/jobs?recording=${uuidv7()}`])
    assert.equal((await app.request(path)).status, 404);
  assert.deepEqual(await app.json('/v1/jobs'), { jobs: [] });
});

test('jobs whose processes died again and again fail with their dead letter', async (t) => {
  const { store, remove } = await temporaryStore();
  t.after(remove);
  const recordingId = await create(store);
  const messages: Message[] = [];
  store.outbox.onPublished((all) => messages.push(...all));
  await store.transaction(OWNER, async (own) => {
    await own.updateRecording(recordingId, { state: 'processing' });
    const run = { recordingId, mode: 'batch', revision: 1, model: 'm', language: 'en' } as const;
    await own.publish('transcription.run.v1', run);
  });
  const [message] = messages;
  assert.ok(message);
  await store.transaction(OWNER, (own) => own.beginJob(message.id, 'transcription'));
  const letters = [{ consumer: 'transcriber', message, error: 'process_died' }];
  assert.equal(await failDeadJobs({ store, letters, log: silentLog }), 1);
  assert.equal(await failDeadJobs({ store, letters, log: silentLog }), 0);
  const [job, recording] = await store.read(OWNER, async (own) => [
    await own.resolveJob('last'),
    await own.getRecording(recordingId),
  ]);
  assert.deepEqual([job?.state, job?.failure, recording?.state], ['failed', 'process_died', 'failed']);
});
