import assert from 'node:assert/strict';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
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
  while ((await written()) < track.samples) await new Promise((resolve) => setTimeout(resolve, 5));
  assert.equal(syncs, 1, 'one sync at a time');
});
