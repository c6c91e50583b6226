import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { SpeakrError } from '@speakr/contracts/problem';
import { until } from '../../scripts/until.ts';
import { findFfmpeg } from './ffmpeg.ts';
import { startStdinCapture } from './stdin-capture.ts';
import { readWavStream } from './wav-stream.ts';

const ffmpeg = findFfmpeg({ env: process.env, platform: process.platform });
const RATE = 16_000;

/** A second and a half of a tone, as ffmpeg writes it into a pipe. */
const piped = (...format: string[]) =>
  execFileSync(
    ffmpeg,
    ['-v', 'error', '-f', 'lavfi', '-i', 'sine=440:duration=1.5:sample_rate=16000', ...format, 'pipe:1'],
    { stdio: ['ignore', 'pipe', 'inherit'], maxBuffer: 2 ** 24 },
  );

function begin() {
  const stdin = new PassThrough();
  const capture = startStdinCapture({ stdin, ffmpeg, env: process.env });
  const heard: Uint8Array[] = [];
  const done = (async () => {
    for await (const chunk of capture.chunks) heard.push(chunk);
    return Buffer.concat(heard);
  })();
  done.catch(() => undefined);
  return { stdin, capture, done, heard };
}

async function hear(bytes: Buffer, pieceBytes = bytes.length): Promise<Buffer> {
  const { stdin, done } = begin();
  for (let at = 0; at < bytes.length; at += pieceBytes) {
    stdin.write(bytes.subarray(at, at + pieceBytes));
    await new Promise(setImmediate);
  }
  stdin.end();
  return done;
}

test('a WAV that is still being written is heard from its first moment on', async () => {
  const { stdin, capture, done, heard } = begin();
  const bytes = piped('-f', 'wav');
  stdin.write(bytes.subarray(0, bytes.length / 3));
  await until('the first half second is heard', () => heard.length >= 4);
  stdin.write(bytes.subarray(bytes.length / 3));
  await until('the rest is heard', () => heard.length >= 14);
  capture.stop();
  assert.equal((await done).length, 1.5 * RATE * 2);
  assert.equal(capture.stopped, true);
});

for (const format of [
  ...['pcm_u8', 'pcm_s16le', 'pcm_s24le', 'pcm_s32le', 'pcm_f32le'].map((codec) => `-c:a ${codec} -f wav`),
  '-ac 2 -ar 44100 -f wav',
  '-ac 6 -ar 48000 -c:a pcm_s24le -f wav',
  '-c:a pcm_mulaw -f wav',
  '-f flac',
  '-c:a libmp3lame -f mp3',
  '-f au',
])
  test(`whatever stdin brings is heard whole: ${format}`, async () => {
    const bytes = piped(...format.split(' '));
    for (const pieces of [1, 999]) {
      const pcm = await hear(bytes, Math.ceil(bytes.length / pieces));
      assert.ok(Math.abs(pcm.length / 2 - 1.5 * RATE) <= 0.1 * RATE, `${pcm.length / 2} samples`);
      const loudest = Math.max(...new Int16Array(Uint8Array.from(pcm).buffer).map(Math.abs));
      assert.ok(loudest > 1000 && loudest < 8000, `a tone of ${loudest}`);
    }
  });

test('nothing on stdin is said to be nothing; a few bytes are no audio', async () => {
  await assert.rejects(hear(Buffer.alloc(0)), (error) => {
    assert.ok(error instanceof SpeakrError);
    assert.deepEqual([error.code, error.message], ['file_empty', 'Nothing came on stdin.']);
    return true;
  });
  for (const text of ['R', 'RIFF', 'RIFF    WAVE', 'not audio'])
    assert.equal((await hear(Buffer.from(text))).length, 0);
});

test('whoever stops before anything came is not kept waiting', async () => {
  const { capture, done } = begin();
  capture.stop();
  assert.equal((await done).length, 0);
});

test('only the header of a WAV without a length is read here', () => {
  const header = (changes: (bytes: Buffer) => void) => {
    const bytes = piped('-f', 'wav').subarray(0, 200);
    changes(bytes);
    return readWavStream(bytes);
  };
  const found = header(() => undefined);
  assert.ok(found !== undefined && found !== 'more');
  assert.deepEqual(found.input, [
    '-probesize',
    '32',
    '-analyzeduration',
    '0',
    '-f',
    's16le',
    '-ar',
    '16000',
    '-ac',
    '1',
  ]);
  assert.equal(
    header((bytes) => bytes.write('RIFX', 0)),
    undefined,
  );
  assert.equal(
    header((bytes) => bytes.writeUInt16LE(9, 22)),
    undefined,
    'more channels than can be guessed',
  );
  assert.equal(
    header((bytes) => bytes.writeUInt32LE(100, bytes.indexOf('data') + 4)),
    undefined,
  );
  assert.equal(readWavStream(piped('-f', 'wav').subarray(0, 30)), 'more');
  assert.equal(readWavStream(Buffer.alloc(0)), 'more');
});
