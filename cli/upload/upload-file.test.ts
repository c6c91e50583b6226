import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { appendFileSync, existsSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { createHttpClient } from '@speakr/client/http';
import { TranscribeResult } from '@speakr/contracts/cli-json';
import type { SpeakrError } from '@speakr/contracts/problem';
import type { Recording } from '@speakr/contracts/recording';
import { PART_BYTES } from '@speakr/contracts/uploads';
import { phrases, temporaryDirectory, testApp } from '../../server/fixtures/test-app.ts';
import { systemClock } from '../clock.ts';
import type { Context } from '../context.ts';
import { uploadFile } from './upload-file.ts';

const PARTS = 3;

/** A server, a file of three parts for it, and the way between them. */
async function place(t: TestContext) {
  const server = await testApp(t);
  const machine = await temporaryDirectory(t);
  const path = join(machine, 'talk.wav');
  const pcm = phrases(20);
  // Large, and soon read: a rate that nobody needs.
  const raw = ['-f', 's16le', '-ar', '16000', '-ac', '1', '-i', 'pipe:0', '-ar', '192000', '-ac', '2'];
  execFileSync('ffmpeg', ['-loglevel', 'error', ...raw, path], { input: Buffer.from(pcm.buffer) });
  const bytes = await readFile(path);
  assert.ok(bytes.length > (PARTS - 1) * PART_BYTES, `${bytes.length}`);
  await writeFile(path, bytes.subarray(0, PARTS * PART_BYTES - 1000));
  const sent: number[] = [];
  const faults: ((part: number) => void)[] = [];
  const api = createHttpClient({
    baseUrl: server.url,
    token: server.app.token,
    async fetch(url, init) {
      const part = init.method === 'PUT' ? Number(/parts\/(\d+)/.exec(url)?.[1]) : 0;
      if (part > 0) {
        sent.push(part);
        faults.shift()?.(part);
      }
      return fetch(url, init);
    },
  });
  const context = {
    api: async () => api,
    config: () => ({ paths: { dataDir: machine }, values: {} }),
    io: { cwd: machine },
    clock: systemClock,
  } as unknown as Context;
  const progress: number[] = [];
  const troubles: string[] = [];
  const pendingFolder = join(machine, 'pending-uploads');
  return {
    server,
    machine,
    path,
    sent,
    faults,
    progress,
    troubles,
    upload: (options: { signal?: AbortSignal; title?: string; file?: string } = {}) =>
      uploadFile(options.file ?? 'talk.wav', {
        context,
        language: 'en',
        template: 'meeting',
        tags: ['web'],
        signal: new AbortController().signal,
        startedAt: systemClock.monotonic(),
        onProgress: (share) => progress.push(share),
        onTrouble: ({ code }: SpeakrError) => troubles.push(code),
        ...options,
      }),
    pending: async () => (existsSync(pendingFolder) ? readdir(pendingFolder) : []),
    recordings: async () => (await server.json<{ recordings: Recording[] }>('/v1/recordings')).recordings,
  };
}

const broken = () => {
  throw new TypeError('fetch failed', { cause: Object.assign(new Error(), { code: 'ECONNRESET' }) });
};

test('a file is sent in parts, read and transcribed there, and the result is that of every other file', async (t) => {
  const { upload, sent, progress, troubles, pending, recordings } = await place(t);
  const result = TranscribeResult.parse(await upload({ title: 'Launch' }));
  assert.deepEqual(sent, [1, 2, 3]);
  assert.deepEqual(troubles, []);
  assert.match(result.text, /We launch in March/);
  assert.equal(result.receipt.acknowledgedMs, result.durationMs);
  assert.ok(result.segments.length > 0 && result.timings.totalMs > 0);
  assert.deepEqual(
    progress,
    progress.toSorted((a, b) => a - b),
  );
  assert.deepEqual([progress[0], progress.at(-1)], [0, 1]);
  assert.deepEqual(await pending(), []);
  const [recording] = await recordings();
  assert.deepEqual(
    [recording?.id, recording?.title, recording?.tags, recording?.source],
    [result.recordingId, 'Launch', ['web'], 'talk.wav'],
  );
});

test('a connection that breaks in the middle is told once, and only what did not arrive is sent again', async (t) => {
  const { upload, sent, faults, troubles, recordings } = await place(t);
  faults.push(() => {}, broken, broken);
  await upload();
  assert.deepEqual(sent, [1, 2, 2, 2, 3]);
  assert.deepEqual(troubles, ['unreachable']);
  assert.equal((await recordings()).length, 1);
});

test('what was broken off goes on where it was, also in another run; another wish is another recording', async (t) => {
  const { upload, sent, faults, pending, recordings } = await place(t);
  const leaving = new AbortController();
  faults.push(
    () => {},
    () => {},
    () => leaving.abort(),
  );
  await assert.rejects(upload({ signal: leaving.signal }));
  const [name = ''] = await pending();
  assert.doesNotMatch(name, /talk/);
  sent.length = 0;
  const { recordingId } = await upload();
  assert.deepEqual(sent, [3]);
  assert.deepEqual(await pending(), []);
  assert.deepEqual(
    (await recordings()).map(({ id }) => id),
    [recordingId],
  );
  await upload({ title: 'Other' });
  assert.equal((await recordings()).length, 2);
});

test('one that was complete when it was left is waited for, not sent again', async (t) => {
  const { upload, sent, pending, recordings } = await place(t);
  const leaving = new AbortController();
  const first = upload({ signal: leaving.signal });
  first.catch(() => {});
  while ((await recordings()).length === 0) await new Promise((wake) => setTimeout(wake, 5));
  leaving.abort();
  await first.catch(() => {});
  sent.length = 0;
  const { text } = await upload();
  assert.deepEqual(sent, []);
  assert.match(text, /March/);
  assert.equal((await recordings()).length, 1);
  assert.deepEqual(await pending(), []);
});

test('what is no audio is said as the server found it, and the next run begins anew', async (t) => {
  const { upload, machine, pending, recordings } = await place(t);
  await writeFile(join(machine, 'notes.mp3'), 'no audio\n'.repeat(100));
  for (let run = 1; run <= 2; run += 1) {
    await assert.rejects(upload({ file: 'notes.mp3' }), { code: 'file_not_audio' });
    assert.deepEqual(await pending(), []);
    assert.equal((await recordings()).length, run);
  }
  await assert.rejects(upload({ file: 'nothing.mp3' }), { code: 'file_missing' });
});

test('a file that grows while it is sent is not taken, and nothing of it stays', async (t) => {
  const { upload, path, faults, pending, recordings, server } = await place(t);
  faults.push(
    () => {},
    () => {},
    () => appendFileSync(path, 'more'),
  );
  await assert.rejects(upload(), { code: 'conflict' });
  assert.deepEqual(await pending(), []);
  assert.deepEqual(await recordings(), []);
  const folder = join(server.dataDir, 'uploads');
  const left = await readdir(folder, { recursive: true, withFileTypes: true });
  assert.deepEqual(
    left.filter((entry) => entry.isFile()),
    [],
  );
});
