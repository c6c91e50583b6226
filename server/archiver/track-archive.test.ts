import assert from 'node:assert/strict';
import { mkdtemp, open, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { SpeakrError } from '@speakr/contracts/problem';
import type { LogChunk } from '../audio-log/audio-log.ts';
import { createFileStorage } from '../storage/file-storage.ts';
import { archivedSamples, archiveTrack, readArchivedTrack } from './track-archive.ts';

const directory = await mkdtemp(join(tmpdir(), 'speakr-archive-'));
after(() => rm(directory, { recursive: true }));
const storage = createFileStorage({ directory });
const pathOf = ({ object }: { object: string }) => join(directory, object);
const never = new AbortController().signal;
const withCode = (code: string) => (error: unknown) => error instanceof SpeakrError && error.code === code;

let files = 0;
const fresh = () => ({
  storage,
  object: `audio/${++files}.flac.sealed`,
  ffmpeg: 'ffmpeg',
  key: new Uint8Array(32).fill(7),
  recordingId: '0199f3a1-7c1e-7d63-9d0e-3f6a5b2c4d1e',
  track: 0,
});

/** A tone that wanders, with noise: nothing repeats. */
function sound(samples: number): Int16Array {
  let seed = 1;
  return Int16Array.from({ length: samples }, (_, index) => {
    seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
    return 8000 * Math.sin(index * 0.02 + Math.sin(index * 0.0001)) + (seed % 2000) - 1000;
  });
}

async function* chunksOf(pcm: Int16Array, size = 1600): AsyncGenerator<LogChunk> {
  for (let offset = 0; offset < pcm.length; offset += size) {
    const part = pcm.slice(offset, offset + size);
    yield { track: 0, offset, pcm: new Uint8Array(part.buffer) };
  }
}

async function read(archive: ReturnType<typeof fresh>, fromSample = 0): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  let next = fromSample;
  for await (const { offset, pcm } of readArchivedTrack(archive, fromSample, never)) {
    assert.equal(offset, next);
    next += pcm.byteLength / 2;
    parts.push(pcm);
  }
  return Buffer.concat(parts);
}

test('audio comes back bit for bit, from any sample on, and takes less room', async () => {
  const archive = fresh();
  const pcm = sound(16_000 * 47 + 123);
  const bytes = Buffer.from(pcm.buffer);
  await archiveTrack(archive, () => chunksOf(pcm), never);
  assert.equal(await archivedSamples(archive, never), pcm.length);
  assert.ok((await stat(pathOf(archive))).size < bytes.length);
  for (const from of [0, 1, 159_999, 163_840, 400_000, pcm.length - 1, pcm.length, pcm.length + 5])
    assert.ok((await read(archive, from)).equals(bytes.subarray(from * 2)), `from ${from}`);
});

test('gaps come back as silence', async () => {
  const archive = fresh();
  const pcm = sound(3200);
  await archiveTrack(
    archive,
    async function* () {
      yield* chunksOf(pcm);
      yield { track: 0, offset: 3200, gapSamples: 100_000, reason: 'sleep' as const };
    },
    never,
  );
  const expected = Buffer.concat([Buffer.from(pcm.buffer), Buffer.alloc(200_000)]);
  assert.ok((await read(archive)).equals(expected));
});

test('an empty track and one of a single sample are archived as well', async () => {
  for (const samples of [0, 1]) {
    const archive = fresh();
    const pcm = sound(samples);
    await archiveTrack(archive, () => chunksOf(pcm), never);
    assert.equal((await read(archive)).length, samples * 2);
  }
});

test('the file shows no FLAC, and a changed byte or another key is found out', async () => {
  const archive = fresh();
  await archiveTrack(archive, () => chunksOf(sound(32_000)), never);
  const bytes = await readFile(pathOf(archive));
  assert.ok(!bytes.includes('fLaC'));
  await assert.rejects(read({ ...archive, key: new Uint8Array(32) }), withCode('audio_damaged'));
  await assert.rejects(read({ ...archive, track: 1 }), withCode('audio_damaged'));
  for (const at of [20, bytes.length - 40, bytes.length - 10, bytes.length - 1]) {
    const file = await open(pathOf(archive), 'r+');
    await file.write(Buffer.from([bytes[at]! ^ 1]), 0, 1, at);
    await assert.rejects(read(archive), withCode('audio_damaged'), `byte ${at}`);
    await file.write(bytes, at, 1, at);
    await file.close();
  }
});

test('without ffmpeg nothing is left behind', async () => {
  const archive = { ...fresh(), ffmpeg: join(directory, 'no-ffmpeg') };
  const before = await readdir(join(directory, 'audio'));
  await assert.rejects(
    archiveTrack(archive, () => chunksOf(sound(16_000)), never),
    withCode('ffmpeg_missing'),
  );
  assert.deepEqual(await readdir(join(directory, 'audio')), before);
});

test('an error of the audio, or a stop, ends the archiving and leaves nothing behind', async () => {
  const archive = fresh();
  async function* broken(): AsyncGenerator<LogChunk> {
    yield* chunksOf(sound(16_000));
    throw new SpeakrError('audio_damaged');
  }
  await assert.rejects(archiveTrack(archive, broken, never), withCode('audio_damaged'));
  await assert.rejects(
    archiveTrack(archive, () => chunksOf(sound(16_000)), AbortSignal.abort()),
    {
      name: 'AbortError',
    },
  );
  await assert.rejects(stat(pathOf(archive)), { code: 'ENOENT' });
});

test('an archive that is there is kept when it is equal, and replaced when it is not', async () => {
  const archive = fresh();
  const pcm = sound(16_000);
  await archiveTrack(archive, () => chunksOf(pcm), never);
  const first = await readFile(pathOf(archive));
  await archiveTrack(archive, () => chunksOf(pcm), never);
  assert.ok((await readFile(pathOf(archive))).equals(first));
  const file = await open(pathOf(archive), 'r+');
  await file.write(Buffer.from([first[20]! ^ 1]), 0, 1, 20);
  await file.close();
  await archiveTrack(archive, () => chunksOf(pcm), never);
  assert.ok((await read(archive)).equals(Buffer.from(pcm.buffer)));
});

test('two processes that archive the same at once leave one archive, which is right', async () => {
  const archive = fresh();
  const pcm = sound(48_000);
  await Promise.all([1, 2].map(() => archiveTrack(archive, () => chunksOf(pcm), never)));
  assert.ok((await read(archive)).equals(Buffer.from(pcm.buffer)));
});
