import assert from 'node:assert/strict';
import { until } from '../../scripts/until.ts';
import { jsonLines, newMachine, type Running } from '../harness.ts';
import type { Finding, ScenarioOptions } from './finding.ts';
import { chanceOf } from './random.ts';
import { keptAudio, serverOf } from './server-of.ts';
import { writeNoise } from './signal.ts';

const SECONDS = 40;

interface KilledServersOptions extends ScenarioOptions {
  readonly kills: number;
  readonly together: number;
  /** Kills while one set of recordings runs. */
  readonly killsEach: number;
}

/**
 * `kill -9` of the background server at random moments while recordings run. They must end by themselves with a
 * receipt without gaps, every sample on the server, and no acknowledgement ever taken back.
 */
export async function killServers(options: KilledServersOptions): Promise<Finding> {
  const { seed, kills, together, killsEach, say } = options;
  const chance = chanceOf(seed);
  let done = 0;
  let recordings = 0;
  let resumed = 0;
  while (done < kills) {
    await using machine = newMachine();
    const originals = Array.from({ length: together }, (_, index) =>
      writeNoise(machine.path(`noise-${index}.wav`), seed + done + index, SECONDS),
    );
    const recorders = originals.map((_, index) =>
      machine.start(['record', '--input', `noise-${index}.wav`, '--no-clipboard', '--json']),
    );
    let killed = 0;
    const running = () => recorders.some(({ child }) => child.exitCode === null);
    while (killed < Math.min(killsEach, kills - done) && running()) {
      await until('a server runs', () => machine.serverPid() !== undefined || !running());
      await new Promise((resolve) => setTimeout(resolve, chance.between(0, 4000)));
      const pid = machine.serverPid();
      if (pid === undefined || !running()) continue;
      if (kill(pid)) killed += 1;
      // The runtime file of a killed server stays until the next one writes its own.
      await until('another server runs', () => machine.serverPid() !== pid || !running());
    }
    for (const [index, recorder] of recorders.entries())
      resumed += await checkFinished(recorder, originals[index]!, () => serverOf(machine));
    done += killed;
    recordings += recorders.length;
    say(`${done} of ${kills} servers killed, ${recordings} recordings whole`);
  }
  return {
    fault: `kill -9 of the server, ${done} times at random moments, ${together} recordings at once`,
    held: `${recordings} recordings ended by themselves, receipts without gaps, audio equal bit for bit after ${resumed} resumptions, nothing acknowledged missing`,
  };
}

function kill(pid: number): boolean {
  try {
    return process.kill(pid, 'SIGKILL');
  } catch {
    return false;
  }
}

/** @returns how often it went on at another server */
async function checkFinished(
  recorder: Running,
  original: Buffer,
  client: () => ReturnType<typeof serverOf>,
): Promise<number> {
  const { code, stdout, stderr } = await recorder.finished;
  assert.equal(code, 0, stderr);
  const events = jsonLines(stdout);
  let acknowledged = 0;
  let connections = 0;
  for (const event of events) {
    if (event.type === 'ack') acknowledged = Math.max(acknowledged, event.samples as number);
    if (event.type !== 'ready') continue;
    connections += 1;
    const [from] = event.resumeFrom as { sample: number }[];
    assert.ok(
      (from?.sample ?? 0) >= acknowledged,
      `acknowledged ${acknowledged}, resumed at ${from?.sample}`,
    );
  }
  const last = events.at(-1) as unknown as {
    recordingId: string;
    receipt: { capturedMs: number; spooledMs: number; acknowledgedMs: number; gaps: unknown[] };
  };
  const { capturedMs, spooledMs, acknowledgedMs, gaps } = last.receipt;
  assert.deepEqual([spooledMs, acknowledgedMs, gaps], [capturedMs, capturedMs, []]);
  const kept = await keptAudio(await client(), last.recordingId);
  assert.ok(
    kept.equals(original),
    `${last.recordingId}: ${kept.length / 2} samples of ${original.length / 2}`,
  );
  return connections - 1;
}
