import assert from 'node:assert/strict';
import { join } from 'node:path';
import { until } from '../../scripts/until.ts';
import { jsonLines, newMachine } from '../harness.ts';
import type { Finding, ScenarioOptions } from './finding.ts';
import { chanceOf } from './random.ts';
import { keptAudio, serverOf } from './server-of.ts';
import { assertPrefix, writeNoise } from './signal.ts';
import { smallDisk } from './small-disk.ts';

interface FullDiskOptions extends ScenarioOptions {
  /** How often the disk is full. */
  readonly times: number;
  /** Whose disk: that of the recorder's spool, or that of the server. */
  readonly whose: 'spool' | 'server';
}

/**
 * The disk is full at random moments, for a few seconds each. The recording must go on, the user be told each time, and
 * at the end every sample be on the server.
 */
export async function fillDisk({ seed, times, whose, say }: FullDiskOptions): Promise<Finding> {
  const chance = chanceOf(seed);
  await using machine = newMachine();
  const directory = whose === 'spool' ? join(machine.dataDir, 'spool') : join(machine.dataDir, 'audio-log');
  using disk = smallDisk(directory, 24);
  // Stopped when it has been through everything, however long that takes on a busy machine.
  const seconds = 120 + times * 15;
  const original = writeNoise(machine.path('noise.wav'), seed, seconds);
  const recorder = machine.start(['record', '--input', 'noise.wav', '--no-clipboard', '--json']);
  const told = whose === 'spool' ? /goes on in memory/g : /disk is full/gi;
  await recorder.sees(/"type":"ack"/);
  for (let time = 1; time <= times; time += 1) {
    await pause(chance.between(200, 2500));
    disk.fill();
    await until(
      'the user is told',
      () => (recorder.stderr().match(told)?.length ?? 0) >= (whose === 'spool' ? time : 1),
      { seen: recorder.stderr },
    );
    await pause(chance.between(0, 1500));
    disk.free();
    if (whose === 'spool')
      await until(
        'the disk takes audio again',
        () => (recorder.stderr().match(/takes audio again/g)?.length ?? 0) >= time,
        { seen: recorder.stderr },
      );
    say(`disk full ${time} of ${times} times`);
  }
  assert.equal((await machine.run(['stop'])).code, 0);
  const { code, stdout, stderr } = await recorder.finished;
  assert.equal(code, 0, stderr);
  const last = jsonLines(stdout).at(-1) as unknown as {
    recordingId: string;
    receipt: { capturedMs: number; spooledMs: number; acknowledgedMs: number; gaps: unknown[] };
  };
  const { capturedMs, spooledMs, acknowledgedMs, gaps } = last.receipt;
  assert.deepEqual([spooledMs, acknowledgedMs, gaps], [capturedMs, capturedMs, []]);
  const kept = await keptAudio(await serverOf(machine), last.recordingId);
  assertPrefix(kept, original, last.recordingId);
  assert.equal(Math.round(kept.length / 32), capturedMs);
  return {
    fault: `${whose === 'spool' ? 'disk of the recorder' : 'disk of the server'} full ${times} times in one recording`,
    held: `told each time, ${(capturedMs / 1000).toFixed(0)} s of audio equal bit for bit on the server, receipt without gaps`,
  };
}

/** The recorder is killed while its disk is full: what was spooled before is intact. */
export async function killOnFullDisk({ seed }: ScenarioOptions): Promise<Finding> {
  await using machine = newMachine();
  using disk = smallDisk(join(machine.dataDir, 'spool'), 16);
  const original = writeNoise(machine.path('noise.wav'), seed, 20);
  // No server is there to take audio away from the disk: only the spool has it.
  const recorder = machine.start(['record', '--input', 'noise.wav', '--no-clipboard', '--json'], {
    env: { SPEAKR_SERVER: 'http://127.0.0.1:9', SPEAKR_TOKEN: 'secret', SPEAKR_FAILOVER: 'off' },
  });
  await recorder.sees(/cannot be reached|No server answers/);
  await pause(3000);
  const fullAt = Date.now();
  disk.fill();
  await recorder.sees(/goes on in memory/);
  recorder.child.kill('SIGKILL');
  await recorder.finished;
  disk.free();
  const { code, stdout, stderr } = await machine.run(['recover', '--json']);
  assert.equal(code, 0, stderr);
  const [{ recordingId = '' } = {}] = jsonLines(stdout) as { recordingId?: string }[];
  const client = await serverOf(machine);
  const kept = await keptAudio(client, recordingId);
  assertPrefix(kept, original, recordingId);
  const { startedAt } = await client.getRecording({ params: { recording: recordingId } });
  const spooledMs = kept.length / 32;
  assert.ok(spooledMs >= fullAt - startedAt - 1000, `${spooledMs} ms of ${fullAt - startedAt}`);
  return {
    fault: 'kill -9 of the recorder while its disk is full',
    held: `all ${spooledMs} ms that were on the disk before recovered bit for bit`,
  };
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
