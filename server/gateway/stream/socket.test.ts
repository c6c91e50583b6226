import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Recording } from '@speakr/contracts/recording';
import { ServerMessage } from '@speakr/contracts/stream';
import type { Transcript } from '@speakr/contracts/transcript';
import { until } from '../../../scripts/until.ts';
import { manualClock } from '../../fixtures/manual-clock.ts';
import { finishMessage, phrases, recordSound, startMessage, testApp } from '../../fixtures/test-app.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

test('a recording goes from start to notes and receipt, and every message fits its schema', async (t) => {
  const server = await testApp(t);
  const pcm = phrases(3);
  const start = startMessage({ title: 'Launch', tags: ['web'] });
  const session = await server.connect();
  session.send(start);
  const ready = await session.next('ready');
  assert.deepEqual(ready.resumeFrom, [{ track: 0, sample: 0 }]);
  session.audio(pcm);
  await session.next('ack', ({ samples }) => samples === pcm.length);
  session.send({ type: 'mark', atMs: 500 });
  session.send({ type: 'note', atMs: 900, text: 'Alex wants monthly billing' });
  session.send({ type: 'pause', atMs: 1000 });
  session.send({ type: 'resume', atMs: 1100 });
  session.send(finishMessage(pcm.length));
  const { receipt } = await session.next('finished');
  assert.equal(await session.closed, 1000);

  const ms = pcm.length / 16;
  assert.deepEqual(receipt, {
    capturedMs: ms,
    spooledMs: ms,
    acknowledgedMs: ms,
    transcribedMs: ms,
    gaps: [],
  });
  const types = session.messages.map(({ type }) => type);
  assert.deepEqual(types.slice(-2), ['notes', 'finished']);
  assert.equal(types.filter((type) => type === 'final').length, 3);
  for (const message of session.messages) ServerMessage.parse(message);

  const recording = await server.json<Recording>(`/v1/recordings/${start.recordingId}`);
  assert.equal(recording.state, 'ready');
  assert.equal(recording.title, 'Launch');
  assert.deepEqual(
    recording.moments.map(({ atMs, kind, text }) => [atMs, kind, text]),
    [
      [500, 'mark', ''],
      [900, 'note', 'Alex wants monthly billing'],
      [1000, 'pause', ''],
      [1100, 'resume', ''],
    ],
  );
});

test('after a break the client goes on where the server has everything, and gets the finals it missed', async (t) => {
  const server = await testApp(t);
  const pcm = phrases(3);
  const start = startMessage();
  const first = await server.connect();
  first.send(start);
  await first.next('ready');
  first.audio(pcm.subarray(0, 48_000));
  first.send({ type: 'note', atMs: 100, text: 'again' });
  await first.next('final');
  await first.next('ack');
  first.socket.terminate();

  const second = await server.connect();
  second.send(start);
  const { resumeFrom } = await second.next('ready');
  const from = resumeFrom[0]!.sample;
  assert.ok(from > 0 && from <= 48_000);
  second.send({ type: 'note', atMs: 100, text: 'again' });
  // Half a second is sent again: the server has it and skips it.
  second.audio(pcm.subarray(from - 8000), from - 8000);
  second.send(finishMessage(pcm.length));
  const { receipt } = await second.next('finished');
  assert.equal(receipt.acknowledgedMs, pcm.length / 16);
  const finals = second.messages.filter(({ type }) => type === 'final');
  const ids = finals.map((message) => 'segmentId' in message && message.segmentId);
  assert.deepEqual([...ids].sort(), ['1.0.0', '1.0.1', '1.0.2']);
  const recording = await server.json<Recording>(`/v1/recordings/${start.recordingId}`);
  assert.equal(recording.moments.length, 1, 'a note that was said twice is one note');
});

test('coming back to a finished recording tells the end again', async (t) => {
  const server = await testApp(t);
  const id = await recordSound(server);
  const session = await server.connect();
  session.send(startMessage({ recordingId: id }));
  const { resumeFrom } = await session.next('ready');
  assert.deepEqual(resumeFrom, [{ track: 0, sample: phrases(2).length }]);
  await session.next('finished');
  assert.deepEqual(
    session.messages.map(({ type }) => type).filter((type) => type !== 'state'),
    ['ready', 'final', 'final', 'notes', 'finished'],
  );
  assert.equal(await session.closed, 1000);
});

test('a restarted server goes on with the recording where it was', async (t) => {
  const first = await testApp(t);
  const pcm = phrases(3);
  const start = startMessage();
  const before = await first.connect();
  before.send(start);
  await before.next('ready');
  before.audio(pcm.subarray(0, 40_000));
  await before.next('final');
  await before.next('ack', ({ samples }) => samples === 40_000);
  await first.close();
  assert.equal(await before.closed, 1012, 'the client is told that the server will be back');

  const second = await testApp(t, { dataDir: first.dataDir });
  const after = await second.connect();
  after.send(start);
  const { resumeFrom } = await after.next('ready');
  assert.equal(resumeFrom[0]!.sample, 40_000);
  after.audio(pcm.subarray(40_000), 40_000);
  after.send(finishMessage(pcm.length));
  await after.next('finished');
  const { segments } = await second.json<Transcript>(`/v1/recordings/${start.recordingId}/transcript`);
  assert.deepEqual(
    segments.map(({ id }) => id),
    ['1.0.0', '1.0.1', '1.0.2'],
  );
});

test('what was not captured is silence in the audio and a gap in the receipt, once', async (t) => {
  const server = await testApp(t);
  const pcm = phrases(1);
  const start = startMessage();
  const gap = { type: 'gap', track: 0, fromSample: pcm.length, samples: 16_000, reason: 'device_lost' };
  const first = await server.connect();
  first.send(start);
  await first.next('ready');
  first.audio(pcm);
  first.send(gap);
  await first.next('ack', ({ samples }) => samples === pcm.length + 16_000);
  first.socket.terminate();

  const second = await server.connect();
  second.send(start);
  await second.next('ready');
  second.send(gap);
  second.audio(pcm, pcm.length + 16_000);
  second.send({
    ...finishMessage(2 * pcm.length + 16_000),
    capturedMs: pcm.length / 8,
    spooledMs: pcm.length / 8,
  });
  const { receipt } = await second.next('finished');
  const expected = { track: 0, startMs: pcm.length / 16, durationMs: 1000, reason: 'device_lost' };
  assert.deepEqual(receipt.gaps, [expected]);
  assert.equal(receipt.acknowledgedMs, receipt.capturedMs);
  const audio = await server.request(`/v1/recordings/${start.recordingId}/audio`);
  const samples = new Int16Array((await audio.arrayBuffer()).slice(44));
  assert.ok(samples.subarray(pcm.length, pcm.length + 16_000).every((sample) => sample === 0));
  assert.deepEqual(samples.subarray(0, pcm.length), pcm);
});

test('two tracks are kept apart', async (t) => {
  const server = await testApp(t);
  const pcm = phrases(1);
  const tracks = [
    { track: 0, label: 'me' },
    { track: 1, label: 'them' },
  ];
  const start = startMessage({ tracks });
  const session = await server.connect();
  session.send(start);
  assert.equal((await session.next('ready')).resumeFrom.length, 2);
  session.audio(pcm, 0, 0);
  session.audio(phrases(2), 0, 1);
  const finish = finishMessage(pcm.length);
  session.send({ ...finish, tracks: [...finish.tracks, { track: 1, samples: 2 * pcm.length }] });
  await session.next('finished');
  const { segments } = await server.json<Transcript>(`/v1/recordings/${start.recordingId}/transcript`);
  assert.deepEqual(segments.map(({ id }) => id).sort(), ['1.0.0', '1.1.0', '1.1.1']);
});

test('finish waits for the samples it names', async (t) => {
  const server = await testApp(t);
  const pcm = phrases(2);
  const session = await server.connect();
  session.send(startMessage());
  await session.next('ready');
  session.send(finishMessage(pcm.length));
  session.audio(pcm.subarray(0, 16_000));
  await session.next('ack', ({ samples }) => samples === 16_000);
  session.audio(pcm.subarray(16_000), 16_000);
  const { receipt } = await session.next('finished');
  assert.equal(receipt.transcribedMs, pcm.length / 16);
});

test('a file is taken as fast as it comes, and read no faster than it is durable', async (t) => {
  const server = await testApp(t);
  const pcm = phrases(60);
  const start = startMessage({ mode: 'batch' });
  const session = await server.connect();
  session.send(start);
  await session.next('ready');
  session.audio(pcm);
  session.send(finishMessage(pcm.length));
  const { receipt } = await session.next('finished');
  assert.equal(receipt.transcribedMs, pcm.length / 16);
  assert.deepEqual(receipt.gaps, []);
});

test('commands from elsewhere reach the client of the recording', async (t) => {
  const server = await testApp(t);
  const start = startMessage();
  const session = await server.connect();
  session.send(start);
  await session.next('ready');
  const command = (body: object) =>
    server.request(`/v1/recordings/${start.recordingId}/commands`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  assert.equal((await command({ command: 'note', text: 'from afar' })).status, 202);
  assert.equal((await command({ command: 'stop' })).status, 202);
  assert.equal((await session.next('command', ({ command }) => command === 'note')).text, 'from afar');
  await session.next('command', ({ command }) => command === 'stop');
  assert.equal((await command({ command: 'note' })).status, 400);
});

test('a recording whose client vanished can be finished without it', async (t) => {
  const server = await testApp(t);
  const pcm = phrases(2);
  const start = startMessage();
  const session = await server.connect();
  session.send(start);
  await session.next('ready');
  session.audio(pcm);
  await session.next('ack', ({ samples }) => samples === pcm.length);
  session.socket.terminate();
  await session.closed;
  const path = `/v1/recordings/${start.recordingId}`;
  const running = await server.json<Recording>(path);
  assert.equal(running.state, 'recording');
  assert.equal(running.durationMs, pcm.length / 16);
  const command = (body: object) =>
    server.request(`${path}/commands`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  // The server may not have noticed yet that the client is gone.
  while ((await server.app.activity()).connections > 0)
    await new Promise((resolve) => setTimeout(resolve, 5));
  await command({ command: 'note', text: 'later' });
  await command({ command: 'stop' });
  const back = await server.connect();
  back.send(start);
  const { receipt } = await back.next('finished');
  assert.equal(receipt.transcribedMs, pcm.length / 16);
  const { moments } = await server.json<Recording>(path);
  assert.deepEqual(
    moments.map(({ text }) => text),
    ['later'],
  );
  assert.equal((await command({ command: 'stop' })).status, 409);
});

test('a discarded recording is gone from the list, comes back when restored, and is deleted after 7 days', async (t) => {
  const clock = manualClock();
  const server = await testApp(t, { clock });
  const pcm = phrases(2);
  const discard = async () => {
    const start = startMessage();
    const session = await server.connect();
    session.send(start);
    await session.next('ready');
    session.audio(pcm);
    await session.next('ack', ({ samples }) => samples === pcm.length);
    session.send({ type: 'cancel' });
    await session.next('finished');
    assert.equal(await session.closed, 1000);
    return start;
  };
  const kept = await discard();
  const lost = await discard();
  const list = async (query = '') =>
    (await server.json<{ recordings: Recording[] }>(`/v1/recordings${query}`)).recordings.map(({ id }) => id);
  assert.deepEqual(await list(), []);
  assert.deepEqual((await list('?cancelled=true')).sort(), [kept.recordingId, lost.recordingId].sort());
  const refused = await server.connect();
  refused.send(kept);
  assert.equal((await refused.next('error')).problem.code, 'conflict');

  clock.advance(6 * DAY_MS);
  const restored = await server.request(`/v1/recordings/${kept.recordingId}/restore`, { method: 'POST' });
  assert.equal(restored.status, 200);
  const session = await server.connect();
  session.send(kept);
  const { receipt } = await session.next('finished');
  assert.equal(receipt.transcribedMs, pcm.length / 16);
  assert.deepEqual(await list(), [kept.recordingId]);

  clock.advance(2 * DAY_MS);
  assert.equal(
    (await server.request(`/v1/recordings/${lost.recordingId}/restore`, { method: 'POST' })).status,
    404,
  );
  await server.close();
  const later = await testApp(t, { dataDir: server.dataDir, clock });
  const isGone = async () => (await later.request(`/v1/recordings/${lost.recordingId}`)).status === 404;
  await until('what was discarded is deleted', isGone);
  assert.equal((await later.request(`/v1/recordings/${kept.recordingId}`)).status, 200);
});

test('a recorder that was killed and knows of less than it had sent gets a receipt of all that is there', async (t) => {
  const server = await testApp(t);
  const pcm = phrases(1);
  const start = startMessage();
  const killed = await server.connect();
  killed.send(start);
  await killed.next('ready');
  killed.audio(pcm);
  await killed.next('ack', ({ samples }) => samples === pcm.length);
  killed.socket.terminate();
  const again = await server.connect();
  again.send(start);
  await again.next('ready');
  again.send(finishMessage(pcm.length - 1600));
  const { receipt } = await again.next('finished');
  const { capturedMs, spooledMs, acknowledgedMs, transcribedMs } = receipt;
  assert.deepEqual(
    new Set([capturedMs, spooledMs, acknowledgedMs, transcribedMs]),
    new Set([pcm.length / 16]),
  );
});

test('a second connection of the same recording takes over', async (t) => {
  const server = await testApp(t);
  const start = startMessage();
  const [first, second] = [await server.connect(), await server.connect()];
  first.send(start);
  await first.next('ready');
  second.send(start);
  await second.next('ready');
  assert.equal((await first.next('error')).problem.code, 'conflict');
  await first.closed;
  second.audio(phrases(1));
  await second.next('ack');
});

test('when recognition fails the client is told why, and the end comes all the same', async (t) => {
  const server = await testApp(t, { turns: [{ error: new Error('decoder exploded') }] });
  const pcm = phrases(1);
  const start = startMessage({ mode: 'batch' });
  const session = await server.connect();
  session.send(start);
  await session.next('ready');
  session.audio(pcm);
  session.send(finishMessage(pcm.length));
  const { receipt } = await session.next('finished');
  assert.equal(receipt.acknowledgedMs, pcm.length / 16);
  assert.equal((await session.next('error')).problem.code, 'recognizer_failed');
  const recording = await server.json<Recording>(`/v1/recordings/${start.recordingId}`);
  assert.equal(recording.state, 'failed');
  const audio = await server.request(`/v1/recordings/${start.recordingId}/audio`);
  assert.equal((await audio.arrayBuffer()).byteLength, 44 + pcm.length * 2, 'the audio is kept');
});
