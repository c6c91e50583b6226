import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { SpeakrError } from '@speakr/contracts/problem';
import { until } from '../../scripts/until.ts';
import { type LogChunk, loadJournals } from '../embedded.ts';
import { RESTORABLE_MS, sortSpools } from './leftovers.ts';
import { createSpool, reopenSpool, type SpoolEnvironment } from './spool.ts';
import { journalPath, spoolDirectory } from './spool-meta.ts';
import { lengthOf, openSpoolTrack, type SpoolTrack } from './spool-track.ts';

const recordingId = '0199f3a1-7c1e-7d63-9d0e-3f6a5b2c4d1e';
const chunk = (fill: number) => new Uint8Array(3200).fill(fill);

function environment(): SpoolEnvironment & { mask: number } {
  const made = {
    spoolDir: mkdtempSync(join(tmpdir(), 'speakr-spool-')),
    mask: 0x5a,
    // A key wrap that can be seen through, but not without the right mask.
    keys: async () => {
      const turn = async (key: Uint8Array) => key.map((byte) => byte ^ made.mask);
      return { wrap: turn, unwrap: turn };
    },
    journals: loadJournals,
  };
  return made;
}

const meta = {
  recordingId,
  startedAt: Date.parse('2026-11-21T12:00:00Z'),
  language: 'en',
  template: 'meeting',
  source: 'microphone',
  tracks: [{ track: 0, label: 'me' }],
  pid: process.pid,
  secret: { title: 'Merger talks', tags: ['secret-tag'], moments: [] },
};

async function readAll(track: SpoolTrack, from = 0): Promise<LogChunk[]> {
  const chunks = [];
  for await (const each of track.read(from, new AbortController().signal)) chunks.push(each);
  return chunks;
}

const samplesOf = (chunks: readonly LogChunk[]) => chunks.reduce((sum, each) => sum + lengthOf(each), 0);

test('audio is taken at once, can be read while it grows, and outlives the process', async () => {
  const env = environment();
  const spool = createSpool({ ...env, meta });
  const [track] = spool.tracks;
  assert.ok(track);
  const following = readAll(track);
  for (let fill = 1; fill <= 20; fill += 1) track.append(chunk(fill));
  track.appendGap(800, 'device_lost');
  track.end();
  assert.equal(samplesOf(await following), 20 * 1600 + 800);
  assert.equal(track.gapSamples, 800);
  await spool.close();

  const again = await reopenSpool(env, recordingId);
  const chunks = await readAll(again.tracks[0] as SpoolTrack, 1600);
  assert.equal(samplesOf(chunks), 19 * 1600 + 800);
  assert.deepEqual(again.meta().secret.title, 'Merger talks');
  await again.close();
});

test('nothing a person said or wrote can be read from the files, and only their owner may open them', async () => {
  const env = environment();
  const spool = createSpool({ ...env, meta });
  spool.tracks[0]?.append(new Uint8Array(Buffer.from('spoken words '.repeat(100))));
  await spool.addMoment({ type: 'note', atMs: 10, text: 'private note' });
  await spool.close();
  for (const path of [
    join(spoolDirectory(env.spoolDir, recordingId), 'meta.json'),
    journalPath(env.spoolDir, recordingId, 0),
  ]) {
    const bytes = readFileSync(path, 'latin1');
    for (const text of ['Merger', 'secret-tag', 'private note', 'spoken words'])
      assert.ok(!bytes.includes(text), text);
    assert.equal(statSync(path).mode & 0o777, 0o600);
  }
});

test('another key does not open a spool', async () => {
  const env = environment();
  await createSpool({ ...env, meta }).close();
  env.mask = 0x11;
  await assert.rejects(
    reopenSpool(env, recordingId),
    (error) => error instanceof SpeakrError && error.code === 'key_missing',
  );
});

test('a removed spool leaves nothing behind', async () => {
  const env = environment();
  const spool = createSpool({ ...env, meta });
  spool.tracks[0]?.append(chunk(1));
  await spool.remove();
  assert.equal(existsSync(spoolDirectory(env.spoolDir, recordingId)), false);
  await assert.rejects(reopenSpool(env, recordingId), /There is no spool/);
});

test('leftovers are told apart: running, unfinished, discarded, too old', async () => {
  const env = environment();
  const begin = async (id: string, pid: number) => {
    const spool = createSpool({ ...env, meta: { ...meta, recordingId: id, pid } });
    spool.tracks[0]?.append(chunk(1));
    return spool;
  };
  const gone = 2 ** 22 + 1;
  const [running, crashed, discarded, old] = await Promise.all([
    begin('0199f3a1-0000-7000-8000-000000000001', process.pid),
    begin('0199f3a1-0000-7000-8000-000000000002', gone),
    begin('0199f3a1-0000-7000-8000-000000000003', gone),
    begin('0199f3a1-0000-7000-8000-000000000004', gone),
  ]);
  const now = Date.parse('2026-11-21T12:00:00Z');
  await discarded.update({ state: 'discarded', discardedAt: now - 1000 });
  await old.update({ state: 'discarded', discardedAt: now - RESTORABLE_MS - 1000 });
  for (const spool of [running, crashed, discarded, old]) await spool.close();
  writeFileSync(join(env.spoolDir, 'stray file'), '');

  const sorted = await sortSpools(env.spoolDir, now);
  const ids = (list: { recordingId: string }[]) => list.map((each) => each.recordingId.slice(-1)).join();
  assert.deepEqual([ids(sorted.running), ids(sorted.unfinished), ids(sorted.discarded)], ['1', '2', '3']);
  assert.equal(existsSync(spoolDirectory(env.spoolDir, old.meta().recordingId)), false);
});

/** A track whose disk can be filled and freed. */
function trackWithDisk(memoryBoundBytes?: number) {
  const path = join(mkdtempSync(join(tmpdir(), 'speakr-disk-')), 'track-0.journal');
  const identity = { path, key: new Uint8Array(randomBytes(32)), recordingId, track: 0 };
  const disk = { full: false, troubles: [] as unknown[] };
  const track = openSpoolTrack({
    track: 0,
    retryMs: 5,
    ...(memoryBoundBytes === undefined ? {} : { memoryBoundBytes }),
    openJournal: async () => {
      const journal = await (await loadJournals()).openJournal(identity);
      const guard =
        <A extends unknown[], R>(work: (...args: A) => Promise<R>) =>
        async (...args: A) => {
          if (disk.full) throw new SpeakrError('disk_full');
          return work(...args);
        };
      return {
        get samples() {
          return journal.samples;
        },
        append: guard(journal.append),
        appendGap: guard(journal.appendGap),
        sync: guard(journal.sync),
        close: journal.close,
      };
    },
    openReader: async (fromSample) => (await loadJournals()).openJournalReader({ ...identity, fromSample }),
    onDisk: (trouble) => disk.troubles.push(trouble),
  });
  return { disk, track };
}

test('a full disk is told at once, the audio goes on in memory and onto the disk when there is room again', async () => {
  const { disk, track } = trackWithDisk();
  const following = readAll(track);
  track.append(chunk(1));
  await until('100 ms are on the disk', () => track.spooledSamples === 1600);
  disk.full = true;
  track.append(chunk(2));
  await until('trouble is told', () => disk.troubles.length === 1);
  assert.equal((disk.troubles[0] as SpeakrError).code, 'disk_full');
  track.append(chunk(3));
  assert.equal(track.samples, 4800);
  assert.equal(track.spooledSamples, 1600);
  disk.full = false;
  await until('300 ms are on the disk', () => track.spooledSamples === 4800);
  assert.deepEqual(disk.troubles.slice(1), [undefined]);
  track.end();
  const pcm = (await following).map((each) => ('pcm' in each ? each.pcm[0] : -1));
  assert.deepEqual(pcm, [1, 2, 3]);
  await track.close();
});

test('beyond the memory bound audio becomes a gap with its reason, and the positions stay right', async () => {
  const { disk, track } = trackWithDisk(2 * 3200);
  disk.full = true;
  for (let fill = 1; fill <= 6; fill += 1) track.append(chunk(fill));
  track.end();
  const chunks = await readAll(track);
  assert.equal(samplesOf(chunks), 6 * 1600);
  const gap = chunks.at(-1);
  assert.ok(gap && 'gapSamples' in gap);
  assert.deepEqual([gap.offset, gap.gapSamples, gap.reason], [3200, 6400, 'disk_full']);
  assert.equal(track.gapSamples, 6400);
  await track.close();
});

test('a fast source waits for the disk', async () => {
  const { track } = trackWithDisk();
  for (let index = 0; index < 2000; index += 1) {
    track.append(chunk(1));
    await track.room();
    assert.ok(track.samples - track.spooledSamples <= 2 * 1024 * 1024 + 1600);
  }
  track.end();
  await track.close();
  assert.equal(track.spooledSamples, 2000 * 1600);
});

test('a reader can leave', async () => {
  const { track } = trackWithDisk();
  const abort = new AbortController();
  const reading = (async () => {
    for await (const _ of track.read(0, abort.signal)) break;
    for await (const _ of track.read(1600, abort.signal)) assert.fail('there is nothing yet');
  })();
  track.append(chunk(1));
  await until('100 ms are on the disk', () => track.spooledSamples === 1600);
  abort.abort();
  await reading;
  await track.close();
});
