import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import { before, test } from 'node:test';
import { TranscribeResult } from '@speakr/contracts/cli-json';
import { testApp } from '../server/fixtures/test-app.ts';
import { buildCli, makeAudio, newMachine } from './harness.ts';

before(buildCli);

const HOURS_MS = 3 * 3_600_000;

// Models listen to three hours for minutes; they are stand-ins here. `npm run soak` has eight hours with the real ones.
test('a file of three hours is transcribed to its end, and its audio is kept', async (t) => {
  const server = await testApp(t, { turns: ['Somebody speaks.'] });
  await using machine = newMachine({ SPEAKR_SERVER: server.url, SPEAKR_TOKEN: server.app.token });
  // A tone every half hour, the last one at the very end.
  const tone = 'aevalsrc=0.5*sin(2*PI*300*t)*gte(mod(t\\,1800)\\,1798):s=16000:d=10800';
  makeAudio(machine.path('long.flac'), '-f', 'lavfi', '-i', tone);
  const { code, stdout, stderr } = await machine.run(['transcribe', 'long.flac', '--json']);
  assert.equal(code, 0, stderr);
  const { durationMs, segments, receipt, recordingId } = TranscribeResult.parse(JSON.parse(stdout));
  assert.equal(durationMs, HOURS_MS);
  assert.deepEqual(
    [receipt.capturedMs, receipt.acknowledgedMs, receipt.transcribedMs, receipt.gaps],
    [HOURS_MS, HOURS_MS, HOURS_MS, []],
  );
  assert.deepEqual(
    segments.map(({ startMs }) => Math.round(startMs / 1000)),
    [1, 2, 3, 4, 5, 6].map((half) => half * 1800 - 2),
  );
  const played = await machine.run(['play', recordingId, '--at', '2:59:58', '--to', 'end.wav']);
  assert.equal(played.code, 0, played.stderr);
  assert.equal(statSync(machine.path('end.wav')).size, 44 + 2 * 32_000);
});
