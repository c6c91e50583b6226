import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { Job } from '@speakr/contracts/jobs';
import type { Problem } from '@speakr/contracts/problem';
import type { Recording } from '@speakr/contracts/recording';
import type { Upload } from '@speakr/contracts/uploads';
import { v7 as uuidv7 } from 'uuid';
import { answer } from '../../scripts/until.ts';
import { phrases, type TestApp, testApp } from '../fixtures/test-app.ts';
import { decodeMedia, mediaLimits } from './decode-media.ts';

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const octets = { 'content-type': 'application/octet-stream' };
const post = (body: object): RequestInit => ({
  method: 'POST',
  body: JSON.stringify(body),
  headers: { 'content-type': 'application/json' },
});

/** Sound as a file of some format. */
async function soundFile(t: TestContext, format: string, seconds = 3): Promise<Buffer> {
  const folder = await mkdtemp(join(tmpdir(), 'speakr-media-'));
  t.after(() => rm(folder, { recursive: true }));
  const pcm = phrases(Math.ceil(seconds / 2.2)).subarray(0, seconds * 16_000);
  const path = join(folder, `sound.${format}`);
  const raw = ['-f', 's16le', '-ar', '16000', '-ac', '1', '-i', 'pipe:0'];
  execFileSync('ffmpeg', ['-loglevel', 'error', ...raw, path], {
    input: Buffer.from(pcm.buffer, pcm.byteOffset, pcm.byteLength),
  });
  return readFile(path);
}

const until = <T>(ask: () => Promise<T>, fits: (value: T) => boolean) => answer(fits.toString(), ask, fits);
const ended = (app: TestApp, id = '') =>
  until(
    () => app.json<Job>(`/v1/jobs/${id}`),
    ({ endedAt }) => endedAt !== undefined,
  );
const ready = (app: TestApp, id: string) =>
  until(
    () => app.json<Recording>(`/v1/recordings/${id}`),
    ({ state }) => state !== 'processing',
  );
const codeOf = async (response: Response) => ((await response.json()) as Problem).code;

const send = (app: TestApp, bytes: Buffer, query = 'name=talk') =>
  app.request(`/v1/uploads?${query}`, { method: 'POST', body: new Uint8Array(bytes), headers: octets });
const begin = (app: TestApp, changes: object = {}) =>
  app.json<Upload>(
    '/v1/uploads/init',
    post({ id: uuidv7(), recordingId: uuidv7(), name: 'talk.m4a', ...changes }),
  );
const putPart = (app: TestApp, id: string, part: number, bytes: Buffer, digest = sha256(bytes)) =>
  app.request(`/v1/uploads/${id}/parts/${part}?sha256=${digest}`, {
    method: 'PUT',
    body: new Uint8Array(bytes),
    headers: octets,
  });

/** Everything that lies in the folder of uploads. */
const objects = async ({ dataDir }: TestApp) => {
  const folder = join(dataDir, 'uploads');
  if (!existsSync(folder)) return [];
  return (await readdir(folder, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
};

for (const format of ['wav', 'mp3', 'm4a', 'ogg', 'flac', 'webm'])
  test(`a ${format} file that is uploaded becomes a recording, whatever its name says`, async (t) => {
    const app = await testApp(t);
    const answer = await send(app, await soundFile(t, format), 'name=notes.txt&title=Talk&tag=a&tag=b');
    assert.equal(answer.status, 202);
    const upload = (await answer.json()) as Upload;
    assert.equal(upload.state, 'complete');
    const job = await ended(app, upload.jobId);
    assert.deepEqual([job.kind, job.state, job.progress], ['ingestion', 'succeeded', 1]);
    const recording = await ready(app, upload.recordingId);
    assert.deepEqual(
      [recording.state, recording.title, recording.tags, recording.source, recording.mode],
      ['ready', 'Talk', ['a', 'b'], 'notes.txt', 'batch'],
    );
    assert.ok(Math.abs(recording.durationMs - 3000) < 150, `${recording.durationMs}`);
    assert.deepEqual(recording.receipt.gaps, []);
    assert.equal(recording.receipt.transcribedMs, recording.receipt.capturedMs);
    const { segments } = await app.json<{ segments: { text: string }[] }>(
      `/v1/recordings/${upload.recordingId}/transcript`,
    );
    assert.match(segments[0]?.text ?? '', /March/);
    assert.deepEqual(
      await until(
        () => objects(app),
        (left) => left.length === 0,
      ),
      [],
    );
    assert.deepEqual(
      existsSync(join(app.dataDir, 'ingestion')) ? await readdir(join(app.dataDir, 'ingestion')) : [],
      [],
    );
  });

test('parts come in any order and again; what is here is told, for going on after a break', async (t) => {
  const app = await testApp(t);
  const file = await soundFile(t, 'wav');
  const size = Math.ceil(file.length / 3);
  const parts = [0, 1, 2].map((index) => file.subarray(index * size, (index + 1) * size));
  const upload = await begin(app);
  assert.deepEqual(await begin(app, { id: upload.id, recordingId: upload.recordingId }), upload);
  for (const part of [3, 1, 1])
    assert.equal((await putPart(app, upload.id, part, parts[part - 1]!)).status, 200);
  const early = await app.request(`/v1/uploads/${upload.id}/complete`, post({ parts: 3 }));
  assert.deepEqual([early.status, await codeOf(early)], [409, 'upload_incomplete']);
  const there = await app.json<Upload>(`/v1/uploads/${upload.id}`);
  assert.deepEqual(
    there.parts.map(({ part, bytes }) => [part, bytes]),
    [
      [1, size],
      [3, parts[2]!.length],
    ],
  );
  await putPart(app, upload.id, 2, parts[1]!);
  const complete = () => app.json<Upload>(`/v1/uploads/${upload.id}/complete`, post({ parts: 3 }));
  const { jobId, recordingId } = await complete();
  assert.equal((await complete()).jobId, jobId);
  assert.equal((await ready(app, recordingId)).durationMs, 3000);
  const late = await putPart(app, upload.id, 4, parts[0]!);
  assert.deepEqual([late.status, await codeOf(late)], [409, 'upload_closed']);
});

test('a part that is not what was announced is not kept, and no part is replaced', async (t) => {
  const app = await testApp(t);
  const { id } = await begin(app);
  const bytes = randomBytes(100_000);
  const wrong = await putPart(app, id, 1, bytes, sha256(Buffer.from('other')));
  assert.deepEqual([wrong.status, await codeOf(wrong)], [422, 'checksum_mismatch']);
  assert.deepEqual(await objects(app), []);
  assert.equal((await putPart(app, id, 1, bytes)).status, 200);
  const reused = await putPart(app, id, 1, randomBytes(10));
  assert.deepEqual([reused.status, await codeOf(reused)], [409, 'part_reused']);
  assert.equal((await objects(app)).length, 1);
  const [stored] = await objects(app);
  const sealed = await readFile(join(stored!.parentPath, stored!.name));
  assert.equal(sealed.indexOf(bytes.subarray(0, 16)), -1);
  assert.equal((await app.request(`/v1/uploads/${id}`, { method: 'DELETE' })).status, 204);
  assert.equal((await app.request(`/v1/uploads/${id}`)).status, 404);
  assert.deepEqual(await objects(app), []);
});

test('more than is allowed is refused while it comes, and nothing of it stays', async (t) => {
  const app = await testApp(t, { values: { uploadBytes: 200_000 } });
  const whole = await send(app, randomBytes(300_000));
  assert.deepEqual([whole.status, await codeOf(whole)], [413, 'payload_too_large']);
  const { id } = await begin(app);
  assert.equal((await putPart(app, id, 1, randomBytes(150_000))).status, 200);
  const second = await putPart(app, id, 2, randomBytes(100_000));
  assert.deepEqual([second.status, await codeOf(second)], [413, 'payload_too_large']);
  assert.equal((await objects(app)).length, 1);
});

test('what breaks off in the middle leaves nothing behind', async (t) => {
  const app = await testApp(t);
  await new Promise<void>((resolve) => {
    const request = httpRequest(`${app.url}/v1/uploads?name=talk`, {
      method: 'POST',
      headers: { ...octets, authorization: `Bearer ${app.app.token}`, 'content-length': 1_000_000 },
    });
    request.on('error', () => resolve());
    request.write(randomBytes(500_000), () => setImmediate(() => request.destroy()));
  });
  await until(
    () => objects(app),
    (left) => left.length === 0,
  );
  assert.deepEqual(await app.json('/v1/recordings'), { recordings: [] });
});

for (const [what, content, code] of [
  ['a text', Buffer.from('this is not sound\n'.repeat(500)), 'file_not_audio'],
  ['random bytes', randomBytes(50_000), 'file_not_audio'],
  [
    'a playlist that names a file',
    Buffer.from('#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n'),
    'file_not_audio',
  ],
  ['a list of files', Buffer.from("ffconcat version 1.0\nfile '/etc/passwd'\n"), 'file_not_audio'],
] as const)
  test(`${what} is no recording, and the job says why`, async (t) => {
    const app = await testApp(t);
    const { jobId, recordingId } = (await (await send(app, content, 'name=talk.mp3')).json()) as Upload;
    const job = await ended(app, jobId);
    assert.deepEqual([job.state, job.failure, job.attempts.length], ['failed', code, 1]);
    const recording = await ready(app, recordingId);
    assert.deepEqual([recording.state, recording.failure], ['failed', code]);
  });

test('audio that is too long is refused by what it says and by what it is', async (t) => {
  const flac = await soundFile(t, 'flac', 5);
  const limits = { ...mediaLimits, maxDurationMs: 2000 };
  const decode = async (file: Buffer) => {
    async function* bytes() {
      yield file;
    }
    let samples = 0;
    const options = { ffmpeg: 'ffmpeg', limits, signal: new AbortController().signal };
    for await (const pcm of decodeMedia({ ...options, input: { bytes: bytes() } })) samples += pcm.length / 2;
    return samples;
  };
  await assert.rejects(decode(flac), { code: 'audio_too_long' });
  // Streams say nothing of their length: they are counted.
  await assert.rejects(decode(await soundFile(t, 'mp3', 5)), { code: 'audio_too_long' });
});

test('ffmpeg gets no more memory and time than it may have', {
  skip: process.platform === 'win32',
}, async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'speakr-greedy-'));
  t.after(() => rm(folder, { recursive: true }));
  const greedy = join(folder, 'ffmpeg');
  const limits = { ...mediaLimits, maxDurationMs: 60_000, cpuSeconds: 1, memoryBytes: 2 * 1024 ** 3 };
  const decode = async () => {
    const options = { ffmpeg: greedy, limits, signal: new AbortController().signal };
    for await (const _ of decodeMedia({ ...options, input: { file: '/dev/null' } }));
  };
  await writeFile(greedy, '#!/bin/sh\nwhile :; do :; done\n', { mode: 0o755 });
  await assert.rejects(decode(), { code: 'media_refused' });
});

test('a bomb that unpacks to hours of silence costs no more than what is allowed', async (t) => {
  const app = await testApp(t, { values: { uploadMinutes: 1 } });
  const folder = await mkdtemp(join(tmpdir(), 'speakr-bomb-'));
  t.after(() => rm(folder, { recursive: true }));
  const path = join(folder, 'bomb.flac');
  execFileSync('ffmpeg', [
    '-loglevel',
    'error',
    '-f',
    'lavfi',
    '-i',
    'anullsrc=r=8000:cl=mono',
    '-t',
    '7200',
    path,
  ]);
  const { jobId } = (await (await send(app, await readFile(path))).json()) as Upload;
  const job = await ended(app, jobId);
  assert.deepEqual([job.state, job.failure], ['failed', 'audio_too_long']);
});

test('an upload is of its owner, and needs ids of the right form', async (t) => {
  const app = await testApp(t);
  assert.equal((await app.request(`/v1/uploads/${uuidv7()}`)).status, 404);
  for (const path of ['/v1/uploads/..%2f..%2fetc', '/v1/uploads/%00', "/v1/uploads/'%20or%201=1"])
    assert.equal((await app.request(path)).status, 400, path);
  const { id } = await begin(app);
  for (const part of ['0', '-1', '1e9', '10001', 'x'])
    assert.equal(
      (
        await app.request(`/v1/uploads/${id}/parts/${part}?sha256=${sha256(Buffer.of())}`, {
          method: 'PUT',
          body: 'x',
          headers: octets,
        })
      ).status,
      400,
      part,
    );
  assert.equal(
    (await app.request(`/v1/uploads/${id}/parts/1`, { method: 'PUT', body: 'x', headers: octets })).status,
    400,
  );
});
