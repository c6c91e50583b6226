import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SpeakrError } from '@speakr/contracts/problem';
import { createFileAudioLog } from '../audio-log/file-audio-log.ts';
import { temporaryDirectory } from '../fixtures/test-app.ts';
import { silentLog } from '../observability/log.ts';
import { createFileStorage } from '../storage/file-storage.ts';
import { createArchive } from './archive.ts';

const id = '0199f3a1-7c1e-7d63-9d0e-3f6a5b2c4d1e';
const never = new AbortController().signal;
const dataKey = async () => new Uint8Array(32).fill(5);

async function sealed(t: Parameters<typeof temporaryDirectory>[0]) {
  const directory = await temporaryDirectory(t);
  const audioLog = createFileAudioLog({ directory: `${directory}/log`, dataKey, log: silentLog });
  await audioLog.open('local', id, [0]);
  await audioLog.append('local', id, { track: 0, offset: 0, pcm: new Uint8Array(32_000).fill(3) });
  await audioLog.seal('local', id);
  const archive = createArchive({
    storage: createFileStorage({ directory }),
    folderOf: (_, recordingId) => `audio/${recordingId}/`,
    ffmpeg: 'ffmpeg',
    audioLog,
    dataKey,
  });
  const samples = async () => {
    let count = 0;
    for await (const chunk of archive.open('local', id, 0, 0, never))
      count += 'pcm' in chunk ? chunk.pcm.byteLength / 2 : 0;
    return count;
  };
  return { archive, audioLog, samples };
}

test('two that want to archive the same do it once, and say so once', async (t) => {
  const { archive } = await sealed(t);
  let told = 0;
  const tell = async () => {
    told += 1;
  };
  const done = await Promise.all([
    archive.store('local', id, tell, never),
    archive.store('local', id, tell, never),
  ]);
  assert.deepEqual(done, [true, false]);
  assert.equal(told, 1);
});

test('a crash before the log was removed is made good by doing it again', async (t) => {
  const { archive, audioLog, samples } = await sealed(t);
  const crash = () => Promise.reject(new Error('killed'));
  await assert.rejects(archive.store('local', id, crash, never), /killed/);
  assert.equal(await samples(), 16_000);
  assert.equal(await archive.store('local', id, async () => {}, never), true);
  assert.equal(await audioLog.status('local', id), undefined);
  assert.equal(await samples(), 16_000);
});

test('audio that moves to the archive while somebody opens it is read from there', async (t) => {
  const { archive, audioLog, samples } = await sealed(t);
  const { status } = audioLog;
  let moving: Promise<unknown> | undefined;
  audioLog.status = async (owner, recordingId) => {
    const found = await status(owner, recordingId);
    if (moving === undefined) {
      moving = archive.store('local', id, async () => {}, never);
      await moving;
    }
    return found;
  };
  assert.equal(await samples(), 16_000);
  assert.equal(await status('local', id), undefined);
});

test('audio that moves to the archive while somebody reads it goes on there', async (t) => {
  const { archive, audioLog } = await sealed(t);
  const { follow } = audioLog;
  let reads = 0;
  audioLog.follow = async function* (...asked) {
    reads += 1;
    if (reads > 1) return yield* follow(...asked);
    yield { track: 0, offset: 0, pcm: new Uint8Array(8000).fill(3) };
    await archive.store('local', id, async () => {}, never);
    throw new SpeakrError('not_found', 'The audio was removed.');
  };
  let next = 0;
  for await (const chunk of archive.open('local', id, 0, 0, never)) {
    assert.equal(chunk.offset, next);
    assert.ok('pcm' in chunk);
    assert.ok(chunk.pcm.every((byte) => byte === 3));
    next += chunk.pcm.byteLength / 2;
  }
  assert.equal(next, 16_000);
});

test('what is neither in the log nor in the archive is not found', async (t) => {
  const { archive, samples } = await sealed(t);
  await archive.remove('local', id);
  await archive.remove('local', id);
  await assert.rejects(samples(), (error) => error instanceof SpeakrError && error.code === 'not_found');
});
