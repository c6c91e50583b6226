import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, open, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { SpeakrError } from '@speakr/contracts/problem';
import type { LogChunk } from '../audio-log/audio-log.ts';
import { BLOCK_BYTES, FILE_HEADER_BYTES, RECORD_OVERHEAD_BYTES } from './format.ts';
import {
  type JournalReadOptions,
  journalSamples,
  openJournal,
  openJournalReader,
  readJournal,
} from './journal.ts';
import { recordReader } from './reader.ts';

const directory = await mkdtemp(join(tmpdir(), 'speakr-journal-'));
after(() => rm(directory, { recursive: true }));

let files = 0;
const fresh = () => ({
  path: join(directory, `${++files}.journal`),
  key: new Uint8Array(32).fill(7),
  recordingId: '0199f3a1-7c1e-7d63-9d0e-3f6a5b2c4d1e',
  track: 0,
});
const withCode = (code: string) => (error: unknown) => error instanceof SpeakrError && error.code === code;

/** 100 ms of audio that differs from every other. */
const chunk = (samples = 1600) => randomBytes(samples * 2);

async function readAll(options: JournalReadOptions): Promise<LogChunk[]> {
  const chunks: LogChunk[] = [];
  for await (const part of readJournal(options)) chunks.push(part);
  return chunks;
}

/** PCM from `fromSample` on, gaps as zeros; fails when chunks do not follow each other. */
async function pcmOf(options: JournalReadOptions): Promise<Buffer> {
  const parts: Buffer[] = [];
  let next = options.fromSample ?? 0;
  for await (const part of readJournal(options)) {
    assert.equal(part.offset, next);
    const bytes = 'pcm' in part ? Buffer.from(part.pcm) : Buffer.alloc(part.gapSamples * 2);
    parts.push(bytes);
    next += bytes.length / 2;
  }
  return Buffer.concat(parts);
}

async function flip(path: string, position: number): Promise<void> {
  const file = await open(path, 'r+');
  const byte = Buffer.alloc(1);
  await file.read(byte, 0, 1, position);
  byte[0] = byte[0]! ^ 1;
  await file.write(byte, 0, 1, position);
  await file.close();
}

test('what was appended is read back, gaps in their place', async () => {
  const options = fresh();
  const journal = await openJournal(options);
  const [first, second] = [chunk(), chunk(16_000)];
  await journal.append(first);
  await journal.appendGap(4800, 'device_lost');
  await journal.append(second);
  assert.equal(journal.samples, 1600 + 4800 + 16_000);
  assert.equal(await journal.sync(), 22_400);
  await journal.close();

  assert.deepEqual(
    (await readAll(options)).map((part) =>
      'pcm' in part ? ['pcm', part.offset] : [part.reason, part.offset, part.gapSamples],
    ),
    [
      ['pcm', 0],
      ['device_lost', 1600, 4800],
      ['pcm', 6400],
    ],
  );
  assert.ok((await pcmOf(options)).equals(Buffer.concat([first, Buffer.alloc(9600), second])));
  assert.equal(await journalSamples(options), 22_400);
});

test('an empty journal holds nothing', async () => {
  const options = fresh();
  await (await openJournal(options)).close();
  assert.deepEqual(await readAll(options), []);
  assert.equal(await journalSamples(options), 0);
});

test('reading starts at any sample, inside a chunk or a gap', async () => {
  const options = fresh();
  const journal = await openJournal(options);
  const audio = chunk();
  await journal.append(audio);
  await journal.appendGap(1000, 'sleep');
  await journal.append(audio);
  await journal.close();
  const whole = Buffer.concat([audio, Buffer.alloc(2000), audio]);
  for (const fromSample of [0, 1, 1599, 1600, 2000, 2600, 4199, 4200, 9000])
    assert.ok(
      (await pcmOf({ ...options, fromSample })).equals(whole.subarray(fromSample * 2)),
      `${fromSample}`,
    );
});

test('appending goes on after closing and opening again', async () => {
  const options = fresh();
  const audio = [chunk(), chunk(), chunk()];
  for (const part of audio) {
    const journal = await openJournal(options);
    await journal.append(part);
    await journal.close();
  }
  assert.ok((await pcmOf(options)).equals(Buffer.concat(audio)));
});

test('a file torn at any byte keeps every record before the tear', async () => {
  const options = fresh();
  const journal = await openJournal(options);
  const audio = chunk(20);
  const ends: number[] = [];
  for (let index = 0; index < 4; index += 1) {
    await journal.append(audio);
    ends.push((await stat(options.path)).size);
  }
  await journal.close();
  const whole = await readFile(options.path);
  for (let size = 0; size <= whole.length; size += 1) {
    await writeFile(options.path, whole.subarray(0, size));
    const intact = ends.filter((end) => end <= size).length;
    assert.equal(await journalSamples(options), intact * 20, `torn at ${size}`);
    const mended = await openJournal(options);
    assert.equal(mended.samples, intact * 20);
    await mended.append(audio);
    await mended.close();
    assert.equal((await pcmOf(options)).length, (intact + 1) * 40);
  }
});

test('a tail of zeros, as a power cut leaves it, is cut off', async () => {
  const options = fresh();
  const journal = await openJournal(options);
  await journal.append(chunk());
  await journal.close();
  await truncate(options.path, (await stat(options.path)).size + 3 * BLOCK_BYTES);
  const mended = await openJournal(options);
  assert.equal(mended.samples, 1600);
  const audio = chunk();
  await mended.append(audio);
  await mended.close();
  assert.ok((await pcmOf({ ...options, fromSample: 1600 })).equals(audio));
});

test('a flipped bit is detected on reading, whatever it hits, and the rest can still be read', async () => {
  const options = fresh();
  const journal = await openJournal(options);
  const audio = chunk(100);
  for (let index = 0; index < 3; index += 1) await journal.append(audio);
  await journal.close();
  const start = 36 + 200 + RECORD_OVERHEAD_BYTES;
  for (let position = start; position < start + 200 + RECORD_OVERHEAD_BYTES; position += 1) {
    await flip(options.path, position);
    // A broken length hides what follows in the same block; anything else costs its record only.
    const readable = await journalSamples(options);
    assert.ok(readable === 300 || readable === 100, `${readable} at ${position}`);
    if (readable === 300) await assert.rejects(readAll(options), withCode('audio_damaged'), `at ${position}`);
    await flip(options.path, position);
  }
  await flip(options.path, start + 50);
  const damage: number[][] = [];
  const parts = await readAll({ ...options, onDamage: (offset, samples) => damage.push([offset, samples]) });
  assert.deepEqual(damage, [[100, 100]]);
  assert.deepEqual(
    parts.map((part) => ('pcm' in part ? part.pcm.length / 2 : part.reason)),
    [100, 'unknown', 100],
  );
  const reopened = await openJournal(options);
  assert.equal(reopened.samples, 300, 'damage in the middle is no reason to throw away what follows');
  await reopened.close();
});

test('a broken length costs at most the rest of its block', async () => {
  const options = fresh();
  const journal = await openJournal(options);
  const samples = 16_000;
  for (let index = 0; index < 80; index += 1) await journal.append(chunk(samples));
  await journal.close();
  await flip(options.path, 36);
  const gaps: number[] = [];
  const parts = await readAll({ ...options, onDamage: (_offset, lost) => gaps.push(lost) });
  assert.equal(gaps.length, 1);
  assert.ok(gaps[0]! * 2 < BLOCK_BYTES);
  const last = parts.at(-1)!;
  assert.equal(last.offset + ('pcm' in last ? last.pcm.length / 2 : 0), 80 * samples);
});

test('the key, the recording and the track must fit, and a misfit destroys nothing', async () => {
  const options = fresh();
  const journal = await openJournal(options);
  await journal.append(chunk());
  await journal.close();
  const before = await readFile(options.path);
  for (const other of [{ key: new Uint8Array(32) }, { recordingId: 'another' }, { track: 1 }]) {
    await assert.rejects(openJournal({ ...options, ...other }), withCode('key_missing'));
    await assert.rejects(readAll({ ...options, ...other }), withCode('key_missing'));
  }
  assert.ok((await readFile(options.path)).equals(before));
});

test('a file that is something else is refused', async () => {
  const options = fresh();
  await writeFile(options.path, 'These are the minutes of a meeting, not a journal.');
  await assert.rejects(openJournal(options), withCode('audio_damaged'));
});

test('the file shows neither audio nor equal chunks, and only its owner may read it', async () => {
  const options = fresh();
  const journal = await openJournal(options);
  const audio = Buffer.alloc(3200, 'speech');
  await journal.append(audio);
  await journal.append(audio);
  await journal.close();
  const bytes = await readFile(options.path);
  assert.ok(!bytes.includes('speech'));
  assert.ok(
    !bytes.subarray(36 + 23, 36 + 23 + 3200).equals(bytes.subarray(36 + 3239 + 23, 36 + 3239 + 3223)),
  );
  assert.equal((await stat(options.path)).mode & 0o777, 0o600);
});

test('a reader goes on in a file that grows', async () => {
  const options = fresh();
  const journal = await openJournal(options);
  const reader = await openJournalReader(options);
  assert.equal(await reader.next(), undefined);
  for (let index = 0; index < 3; index += 1) {
    await journal.append(chunk());
    assert.equal((await reader.next())?.offset, index * 1600);
    assert.equal(await reader.next(), undefined);
  }
  await reader.close();
  await journal.close();
});

/** A file in which each look finds what was written by then: `sizes`, one a look, the last for all that follow. */
function growingFile(bytes: Buffer) {
  const sizes = [bytes.length];
  const look = () => (sizes.length > 1 ? sizes.shift() : sizes[0]) ?? 0;
  const file = {
    async read(into: Buffer, at: number, length: number, from: number) {
      return { bytesRead: bytes.copy(into, at, from, Math.max(from, Math.min(look(), from + length))) };
    },
    stat: async () => ({ size: look() }),
    close: async () => undefined,
  };
  return { file: file as unknown as Parameters<typeof recordReader>[0], sizes };
}

test('what is being written while it is read is no damage, however the two meet', async () => {
  const options = fresh();
  const journal = await openJournal(options);
  const ends: number[] = [];
  for (let index = 0; index < 330; index += 1) {
    await journal.append(chunk());
    ends.push((await stat(options.path)).size);
  }
  await journal.close();
  const bytes = await readFile(options.path);
  const split = ends.findIndex((end) => end > BLOCK_BYTES);
  for (const written of [0, 1, split - 1, split]) {
    const [before = FILE_HEADER_BYTES, end = 0] = [ends[written - 1], ends[written]];
    for (const half of [before, before + 5, before + 100, end - 1])
      for (let looks = 1; looks <= 5; looks += 1)
        for (const later of [end, bytes.length]) {
          const { file, sizes } = growingFile(bytes);
          const reader = recordReader(file, options, true);
          sizes.splice(0, 1, before);
          while (reader.expected < written * 1600) await reader.next();
          sizes.splice(0, 1, ...Array<number>(looks).fill(half), later);
          let step = await reader.next();
          for (let tries = 0; step === undefined && tries < 5; tries += 1) step = await reader.next();
          assert.equal(
            step?.kind,
            'record',
            `record ${written}, ${half} bytes, then ${later} after ${looks}`,
          );
          assert.equal(step?.offset, written * 1600);
        }
  }
});

test('any moment of a long recording is found quickly, all is whole, and it costs about one percent more than its audio', async () => {
  const options = fresh();
  const journal = await openJournal(options);
  const hash = createHash('sha256');
  const rest = createHash('sha256');
  const chunks = 6000;
  const from = 5000 * 1600 + 7;
  for (let index = 0; index < chunks; index += 1) {
    const audio = Buffer.alloc(3200, index % 251);
    audio.writeUInt32LE(index, 0);
    hash.update(audio);
    const at = index * 1600;
    if (at + 1600 > from) rest.update(audio.subarray(Math.max(0, from - at) * 2));
    await journal.append(audio);
  }
  await journal.close();
  const { size } = await stat(options.path);
  assert.ok(size < chunks * 3200 * 1.015, `${size} bytes`);
  const hashFrom = async (fromSample: number) => {
    const read = createHash('sha256');
    for await (const part of readJournal({ ...options, fromSample }))
      if ('pcm' in part) read.update(part.pcm);
    return read.digest('hex');
  };
  assert.equal(await hashFrom(0), hash.digest('hex'));
  assert.equal(await hashFrom(from), rest.digest('hex'));
  const reader = await openJournalReader({ ...options, fromSample: from });
  assert.equal((await reader.next())?.offset, from);
  await reader.close();
});

test('a full disk is reported, keeps everything before, and appending goes on when there is room', {
  skip: process.platform === 'win32',
}, async () => {
  const options = fresh();
  // The file size limit of the process stands for the disk: the kernel refuses the write half-way as a full disk does.
  const script = `
    import { openJournal } from ${JSON.stringify(join(import.meta.dirname, 'journal.ts'))};
    const journal = await openJournal({ ...${JSON.stringify({ ...options, key: undefined })}, key: new Uint8Array(32).fill(7) });
    const audio = new Uint8Array(3200).fill(9);
    try { for (;;) await journal.append(audio); } catch (error) { console.log(error.code, journal.samples); }
    await journal.appendGap(800, 'disk_full');
    await journal.close();
  `;
  const child = spawnSync(
    'bash',
    [
      '-c',
      'trap "" XFSZ; ulimit -f 64; exec "$0" --input-type=module-typescript -e "$1"',
      process.execPath,
      script,
    ],
    // The limit would also cut off what the child writes about its coverage.
    { encoding: 'utf8', env: { ...process.env, NODE_V8_COVERAGE: '' } },
  );
  const [code, samples] = child.stdout.trim().split(' ');
  assert.equal(code, 'disk_full', child.stderr);
  assert.equal(await journalSamples(options), Number(samples) + 800);
  assert.ok(Number(samples) >= 20 * 1600);
  assert.ok((await pcmOf(options)).subarray(0, Number(samples) * 2).every((byte) => byte === 9));
  const journal = await openJournal(options);
  await journal.append(chunk());
  await journal.close();
  assert.equal(await journalSamples(options), Number(samples) + 2400);
});
