import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import { before, test } from 'node:test';
import { TranscribeResult } from '@speakr/contracts/cli-json';
import { testApp } from '../server/fixtures/test-app.ts';
import { buildCli, makeAudio, newMachine } from './harness.ts';

before(buildCli);

/** Of the file; 180 of them take a busy machine minutes. */
const MINUTES = Number(process.env.SPEAKR_LONG_FILE_MINUTES ?? 12);
const LENGTH_MS = MINUTES * 60_000;
/** Seconds from the end of one tone to that of the next. */
const APART = MINUTES * 10;

// Models would listen for minutes; they are stand-ins here. `npm run soak` has eight hours with the real ones.
test('a long file is transcribed to its end, and its audio is kept', async (t) => {
  const server = await testApp(t, { turns: ['Somebody speaks.'] });
  await using machine = newMachine({ SPEAKR_SERVER: server.url, SPEAKR_TOKEN: server.app.token });
  // Six tones, the last one at the very end.
  const tone = `aevalsrc=0.5*sin(2*PI*300*t)*gte(mod(t\\,${APART})\\,${APART - 2}):s=16000:d=${MINUTES * 60}`;
  makeAudio(machine.path('long.flac'), '-f', 'lavfi', '-i', tone);
  const { code, stdout, stderr } = await machine.run(['transcribe', 'long.flac', '--json']);
  assert.equal(code, 0, stderr);
  const { durationMs, segments, receipt, recordingId } = TranscribeResult.parse(JSON.parse(stdout));
  assert.equal(durationMs, LENGTH_MS);
  assert.deepEqual(
    [receipt.capturedMs, receipt.acknowledgedMs, receipt.transcribedMs, receipt.gaps],
    [LENGTH_MS, LENGTH_MS, LENGTH_MS, []],
  );
  assert.deepEqual(
    segments.map(({ startMs }) => Math.round(startMs / 1000)),
    [1, 2, 3, 4, 5, 6].map((tone) => tone * APART - 2),
  );
  const played = await machine.run(['play', recordingId, '--at', `${MINUTES - 1}:58`, '--to', 'end.wav']);
  assert.equal(played.code, 0, played.stderr);
  assert.equal(statSync(machine.path('end.wav')).size, 44 + 2 * 32_000);
});
