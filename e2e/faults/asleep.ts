import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { until } from '../../scripts/until.ts';
import { jsonLines, newMachine, speak } from '../harness.ts';
import { startVirtualMicrophone } from '../virtual-microphone.ts';
import type { Finding, ScenarioOptions } from './finding.ts';
import { serverOf } from './server-of.ts';

interface AsleepOptions extends ScenarioOptions {
  readonly sleepMs: number;
}

/**
 * Recorder, ffmpeg, server and sound system are stopped for a while, as when a laptop sleeps. The recording must go on;
 * what the sound system did not keep must be a gap of reason `sleep`, so that audio and gaps are the time that passed.
 */
export async function sleepInRecording({ sleepMs }: AsleepOptions): Promise<Finding> {
  await using microphone = await startVirtualMicrophone();
  await using machine = newMachine(microphone.env);
  speak('We decided to launch the new website on the first of March.', machine.path('before.wav'));
  speak('Alex sends the budget to finance by Friday.', machine.path('after.wav'));
  const recording = machine.start(['record', '--no-clipboard', '--json', '--device', 'pulse:microphone']);
  await until('somebody listens', () => microphone.recorded());
  await microphone.play(machine.path('before.wav'));
  await recording.sees(/"type":"final"/);
  const server = machine.serverPid();
  assert.ok(server !== undefined && recording.child.pid !== undefined);
  const tree = [...processTree(recording.child.pid), server, ...processTree(microphone.pid)];
  for (const pid of tree) process.kill(pid, 'SIGSTOP');
  const stoppedAt = Date.now();
  await new Promise((resolve) => setTimeout(resolve, sleepMs));
  for (const pid of tree.reverse()) process.kill(pid, 'SIGCONT');
  const sleptMs = Date.now() - stoppedAt;
  await new Promise((resolve) => setTimeout(resolve, 2500));
  const heardBefore = finals(recording.stdout());
  await microphone.play(machine.path('after.wav'));
  await until('captions go on', () => finals(recording.stdout()) > heardBefore, {
    seen: recording.stdout,
  });
  const stoppingAt = Date.now();
  assert.equal((await machine.run(['stop'])).code, 0);
  const endedAt = Date.now();
  const { code, stdout, stderr } = await recording.finished;
  const { receipt } = jsonLines(stdout).at(-1) as unknown as {
    receipt: { capturedMs: number; acknowledgedMs: number; gaps: { durationMs: number; reason: string }[] };
  };
  const gapMs = receipt.gaps.reduce((sum, { durationMs }) => sum + durationMs, 0);
  assert.ok(
    receipt.gaps.every(({ reason }) => reason === 'sleep'),
    `${JSON.stringify(receipt.gaps)}\n${stderr}`,
  );
  // What the sound system has kept of it is no gap: audio and gaps together are the time that has passed.
  const client = await serverOf(machine);
  const { startedAt } = await client.getRecording({ params: { recording: 'last' } });
  const toldMs = receipt.capturedMs + gapMs;
  assert.ok(gapMs <= sleptMs + 3000, `slept ${sleptMs} ms, gap of ${gapMs} ms`);
  assert.ok(
    toldMs > stoppingAt - startedAt - 3000 && toldMs < endedAt - startedAt + 3000,
    `${toldMs} ms told of ${stoppingAt - startedAt} to ${endedAt - startedAt}`,
  );
  assert.equal(receipt.acknowledgedMs, receipt.capturedMs);
  assert.equal(code, receipt.gaps.length > 0 ? 3 : 0, stderr);
  return {
    fault: `everything stopped for ${(sleptMs / 1000).toFixed(0)} s (SIGSTOP, SIGCONT), as when the machine sleeps`,
    held: `recording went on; ${(gapMs / 1000).toFixed(1)} s told as gap of reason sleep, the rest was kept by the sound system: audio and gaps together are the time that passed`,
  };
}

const finals = (stdout: string) => stdout.match(/"type":"final"/g)?.length ?? 0;

/** A process and everything it has started. */
function processTree(root: number): number[] {
  const children = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const [, parent] = /^PPid:\s+(\d+)$/m.exec(readFileSync(`/proc/${name}/status`, 'utf8')) ?? [];
        return Number(parent) === root ? [Number(name)] : [];
      } catch {
        return [];
      }
    });
  return [root, ...children.flatMap(processTree)];
}
