import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SAMPLE_RATE } from '@speakr/contracts/stream';
import { jsonLines, type Machine, newMachine } from '../harness.ts';
import type { Finding, ScenarioOptions } from './finding.ts';
import { chanceOf } from './random.ts';
import { keptAudio, serverOf } from './server-of.ts';
import { assertPrefix, writeNoise } from './signal.ts';

/** What may be lost of the end: what was captured in this time before the kill. */
const LOSABLE_MS = 1000;
const SECONDS = 20;

interface KilledRecordersOptions extends ScenarioOptions {
  readonly kills: number;
  /** How many record at the same time on one machine. */
  readonly together: number;
}

interface Kill {
  readonly input: string;
  readonly original: Buffer;
  /** What the recorder had said it had captured, more than a second before. */
  readonly capturedMs: number;
  /** The same up to the kill. */
  readonly lastCapturedMs: number;
  readonly stdout: string;
  readonly recordingId: string | undefined;
}

/**
 * `kill -9` of recorders at random moments; then one `speakr recover` for all. Everything that was captured more than
 * a second before the kill must be there, bit for bit, and everything that was acknowledged.
 */
export async function killRecorders(options: KilledRecordersOptions): Promise<Finding> {
  const { seed, kills, together, say } = options;
  const chance = chanceOf(seed);
  let done = 0;
  let recovered = 0;
  let worstLostMs = 0;
  while (done < kills) {
    await using machine = newMachine();
    const names = Array.from(
      { length: Math.min(together, kills - done) },
      (_, index) => `noise-${index}.wav`,
    );
    const killed = await Promise.all(
      names.map((name, index) => recordAndKill(machine, name, seed + done + index, chance.between(50, 9000))),
    );
    const { code, stdout, stderr } = await machine.run(['recover', '--json']);
    assert.equal(code, 0, stderr);
    const found = new Map(
      jsonLines(stdout).map((line) => [line.recordingId as string, line as unknown as Recovered]),
    );
    for (const kill of killed) {
      if (kill.recordingId === undefined) continue;
      const lostMs = await checkRecovered(machine, kill, found.get(kill.recordingId));
      worstLostMs = Math.max(worstLostMs, lostMs);
      recovered += 1;
    }
    done += names.length;
    say(`${done} of ${kills} recorders killed, at most ${worstLostMs} ms lost`);
  }
  return {
    fault: `kill -9 of the recorder, ${done} times at random moments, ${together} recordings at once`,
    held: `${recovered} recordings recovered bit for bit (the others had no audio yet); of what was captured more than a second before the kill nothing missing, of the last second at most ${worstLostMs} ms; nothing acknowledged missing`,
  };
}

interface Recovered {
  readonly receipt: { capturedMs: number; acknowledgedMs: number; gaps: unknown[] };
}

async function recordAndKill(machine: Machine, input: string, seed: number, afterMs: number): Promise<Kill> {
  const original = writeNoise(machine.path(input), seed, SECONDS);
  const spoolDir = join(machine.dataDir, 'spool');
  const recorder = machine.start(['record', '--input', input, '--no-clipboard', '--json']);
  // From then on there is audio: the moment is random within the recording, not within the start-up of the program.
  const findSpool = () => findSpoolOf(spoolDir, input);
  while (findSpool() === undefined && recorder.child.exitCode === null) await pause(10);
  // On a busy machine a recorder may be behind: what it has captured is what it says, not what the clock says.
  await pause(Math.max(0, afterMs - LOSABLE_MS));
  const before = capturedBy(recorder.stdout());
  for (let waited = 0; waited < 2000 && capturedBy(recorder.stdout()) === before; waited += 20)
    await pause(20);
  const capturedMs = capturedBy(recorder.stdout());
  await pause(LOSABLE_MS);
  recorder.child.kill('SIGKILL');
  const { stdout } = await recorder.finished;
  return {
    input,
    original,
    capturedMs,
    lastCapturedMs: capturedBy(stdout),
    stdout,
    recordingId: findSpool(),
  };
}

async function checkRecovered(
  machine: Machine,
  kill: Kill,
  recovered: Recovered | undefined,
): Promise<number> {
  const { input, original, recordingId = '', capturedMs, lastCapturedMs, stdout } = kill;
  const what = `${input} (${recordingId})`;
  assert.ok(recovered?.receipt !== undefined, `${what} was not recovered`);
  assert.deepEqual(recovered.receipt.gaps, [], what);
  const client = await serverOf(machine);
  const kept = await keptAudio(client, recordingId);
  assertPrefix(kept, original, what);
  const keptMs = (kept.length / 2 / SAMPLE_RATE) * 1000;
  assert.ok(
    keptMs >= capturedMs,
    `${what}: ${capturedMs} ms captured a second before, ${keptMs} ms are there`,
  );
  const acknowledged = Math.max(0, ...jsonLines(wholeLines(stdout)).map(acknowledgedBy));
  assert.ok(kept.length / 2 >= acknowledged, `${what}: acknowledged audio is missing`);
  return Math.max(0, Math.round(lastCapturedMs - keptMs));
}

const capturedBy = (stdout: string) =>
  Math.max(
    0,
    ...jsonLines(wholeLines(stdout)).map((event) =>
      event.type === 'captured' ? (event.capturedMs as number) : 0,
    ),
  );

const acknowledgedBy = (event: Record<string, unknown>) =>
  event.type === 'ack' ? (event.samples as number) : 0;

/** A killed process may leave half a line. */
const wholeLines = (text: string) => text.slice(0, text.lastIndexOf('\n') + 1);

function findSpoolOf(spoolDir: string, source: string): string | undefined {
  if (!existsSync(spoolDir)) return undefined;
  return readdirSync(spoolDir).find((id) => {
    try {
      return (
        (JSON.parse(readFileSync(join(spoolDir, id, 'meta.json'), 'utf8')) as { source: string }).source ===
        source
      );
    } catch {
      return false;
    }
  });
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
