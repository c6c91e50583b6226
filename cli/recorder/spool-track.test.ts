import assert from 'node:assert/strict';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { until } from '../../scripts/until.ts';
import { openJournal, openJournalReader } from '../../server/journal/journal.ts';
import { openSpoolTrack } from './spool-track.ts';

test('a disk that takes for ever to sync does not keep audio from the file, where a kill spares it', async () => {
  const identity = {
    path: join(mkdtempSync(join(tmpdir(), 'speakr-track-')), 'track-0.journal'),
    key: new Uint8Array(32),
    recordingId: '0199f3a1-7c1e-7d63-9d0e-3f6a5b2c4d1e',
    track: 0,
  };
  let syncs = 0;
  const track = openSpoolTrack({
    track: 0,
    openJournal: async () => ({
      ...(await openJournal(identity)),
      sync: () => {
        syncs += 1;
        return new Promise(() => undefined);
      },
    }),
    openReader: (fromSample) => openJournalReader({ ...identity, fromSample }),
  });
  // Until well after the first sync has begun.
  for (let chunk = 0; syncs === 0 || chunk % 20 !== 0; chunk += 1) {
    track.append(new Uint8Array(3200));
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  track.append(new Uint8Array(3200));
  const written = async () => {
    const reader = await openJournalReader(identity);
    let samples = 0;
    for (let chunk = await reader.next(); chunk !== undefined; chunk = await reader.next())
      samples += 'pcm' in chunk ? chunk.pcm.byteLength / 2 : 0;
    await reader.close();
    return samples;
  };
  await until('all is written', async () => (await written()) === track.samples);
  assert.equal(syncs, 1, 'one sync at a time');
});

test('a file that takes longer for a write than its audio lasts does not fall behind: what waits is written as one', async () => {
  const written: number[] = [];
  const track = openSpoolTrack({
    track: 0,
    openJournal: async () => ({
      samples: 0,
      async append(pcm) {
        written.push(pcm.byteLength);
        await new Promise((resolve) => setTimeout(resolve, 30));
      },
      appendGap: async () => void written.push(-1),
      sync: async () => 0,
      close: async () => undefined,
    }),
    openReader: () => Promise.reject(new Error('nobody reads')),
  });
  for (let chunk = 0; chunk < 25; chunk += 1) track.append(new Uint8Array(3200));
  track.appendGap(1600, 'sleep');
  track.append(new Uint8Array(3200));
  track.end();
  await until('the gap is written', () => written.at(-2) === -1);
  assert.ok(written.length <= 6, `${written.length} writes`);
  assert.ok(Math.max(...written) <= 32_000, 'more than a second');
  assert.equal(
    written.filter((bytes) => bytes > 0).reduce((sum, bytes) => sum + bytes, 0),
    26 * 3200,
  );
});
