import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { before, test } from 'node:test';
import { CHUNK_BYTES, startCapture } from './capture.ts';
import { fileArguments } from './capture-arguments.ts';
import { fileError, microphoneError, statedDurationMs, statedStartMs } from './capture-error.ts';
import { findFfmpeg } from './ffmpeg.ts';
import { levelOf, silenceAlarm } from './level.ts';

const ffmpeg = findFfmpeg({ env: process.env, platform: process.platform });
const directory = mkdtempSync(join(tmpdir(), 'speakr-capture-'));
const tone = join(directory, 'tone.flac');

before(() => {
  const source = ['-f', 'lavfi', '-i', 'sine=frequency=440:duration=1.25:sample_rate=16000'];
  execFileSync(ffmpeg, ['-loglevel', 'error', ...source, '-ac', '1', tone]);
});

function capture(path: string, options: Partial<Parameters<typeof startCapture>[0]> = {}) {
  return startCapture({ ffmpeg, arguments: fileArguments(path), env: process.env, ...options });
}

async function collect(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array[]> {
  const all = [];
  for await (const chunk of chunks) all.push(chunk);
  return all;
}

test('a file comes as chunks of 100 ms, the last one shorter, without losing a sample', async () => {
  const chunks = await collect(capture(tone).chunks);
  assert.deepEqual(
    chunks.map((chunk) => chunk.byteLength),
    [...Array(12).fill(CHUNK_BYTES), CHUNK_BYTES / 2],
  );
});

test('stdin is decoded like a file', async () => {
  const chunks = await collect(capture('-', { stdin: Readable.from([readFileSync(tone)]) }).chunks);
  assert.equal(Buffer.concat(chunks).length, 1.25 * 16_000 * 2);
});

test('a stopped real-time source gives nothing of what was not heard yet', async () => {
  const running = capture(tone, { pace: 'real' });
  const heard = [];
  for await (const chunk of running.chunks) {
    heard.push(chunk);
    if (heard.length === 3) running.stop();
  }
  assert.ok(heard.length < 12, `${heard.length} chunks`);
  assert.equal(running.stopped, true);
});

test('a stopped source ends with what came so far, though its pipe stays open', async () => {
  // ffmpeg wants to see five seconds before it gives anything.
  const long = join(directory, 'long.wav');
  execFileSync(ffmpeg, ['-loglevel', 'error', '-stream_loop', '7', '-i', tone, long]);
  const pipe = new PassThrough();
  pipe.write(readFileSync(long));
  const running = capture('-', { stdin: pipe });
  let heard = 0;
  for await (const chunk of running.chunks) {
    heard += chunk.byteLength;
    running.stop();
  }
  assert.ok(heard > 0);
  assert.equal(pipe.writableEnded, false);
});

test('real pace is no faster than the clock', async () => {
  const startedAt = performance.now();
  const chunks = await collect(capture(tone, { pace: 'real' }).chunks);
  assert.equal(chunks.length, 13);
  assert.ok(performance.now() - startedAt >= 1190);
});

test('a truncated file says in its header how long it was', async () => {
  const cut = join(directory, 'cut.flac');
  execFileSync(ffmpeg, [
    '-loglevel',
    'error',
    '-f',
    'lavfi',
    '-i',
    'anoisesrc=duration=3:sample_rate=16000',
    cut,
  ]);
  truncateSync(cut, Math.floor(readFileSync(cut).length / 2));
  const running = capture(cut);
  const bytes = Buffer.concat(await collect(running.chunks)).length;
  assert.ok(bytes > 16_000 * 2 && bytes < 2.5 * 16_000 * 2);
  assert.equal(statedDurationMs(running.said), 3000);
});

test('what is not audio gives no chunk and a reason', async () => {
  const running = capture(import.meta.filename);
  assert.deepEqual(await collect(running.chunks), []);
  assert.equal(fileError('x.ts', running.said).code, 'file_not_audio');
});

test('a program that is not there ends like an empty one', async () => {
  const running = startCapture({ ffmpeg: '/no/ffmpeg', arguments: [] });
  assert.deepEqual(await collect(running.chunks), []);
  assert.match(running.said, /ENOENT/);
});

test('last words about a microphone: denied, missing, lost', () => {
  assert.equal(microphoneError('hw:0: Permission denied', 0).code, 'microphone_denied');
  assert.equal(microphoneError('default: Input/output error', 0).code, 'microphone_missing');
  assert.equal(microphoneError('default: Input/output error', 1600).code, 'device_lost');
});

test('last words about a file', () => {
  assert.equal(fileError('a.m4a', 'moov atom not found').code, 'file_truncated');
  assert.equal(fileError('a.m4a', 'a.m4a: Permission denied').code, 'file_unreadable');
  assert.equal(statedDurationMs('  Duration: 01:02:03.50, start: 0'), 3_723_500);
  assert.equal(statedDurationMs('  Duration: N/A, start: 0'), undefined);
  assert.equal(statedStartMs('  Duration: N/A, start: 1795870173.815663, bitrate'), 1_795_870_173_815.663);
  assert.equal(statedStartMs('  Duration: N/A, start: 12.5, bitrate'), undefined);
});

test('level and the alarm for digital silence', () => {
  const full = new Uint8Array(new Int16Array([32_767, -32_768]).buffer);
  assert.equal(levelOf(full).peak, 1);
  assert.equal(levelOf(new Uint8Array(0)).rms, 0);
  const silent = silenceAlarm();
  assert.equal(silent(0, 2900), false);
  assert.equal(silent(0, 100), true);
  assert.equal(silent(0.001, 100), false, 'a hiss ends it');
});
