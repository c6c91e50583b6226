import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { SAMPLE_RATE } from '@speakr/contracts/stream';
import { wavHeader } from '../../server/gateway/wav.ts';
import { jsonLines, newMachine, speak } from '../harness.ts';
import type { Finding, ScenarioOptions } from './finding.ts';
import { noise } from './signal.ts';

interface LongRecordingOptions extends ScenarioOptions {
  readonly minutes: number;
  /** Most that recorder and server together may grow after the first quarter, MB. */
  readonly growthMb?: number;
}

const MOST_GROWTH_MB = 50;

/**
 * Hours of audio as fast as they can be taken, a sentence in each minute. Memory and file handles of recorder and server
 * must stay flat, and the receipt have no gap.
 */
export async function longRecording(options: LongRecordingOptions): Promise<Finding> {
  const { seed, minutes, say, growthMb = MOST_GROWTH_MB } = options;
  await using machine = newMachine();
  const sentence = readFileSync(
    speak('Alex sends the budget to finance by Friday.', machine.path('talk.wav')),
  ).subarray(44);
  const minute = noise(seed, 60);
  // Quiet, so that only the sentence is speech.
  for (let at = 0; at < minute.length; at += 2) minute.writeInt16LE(minute.readInt16LE(at) >> 6, at);
  sentence.copy(minute, 0, 0, Math.min(sentence.length, minute.length) & ~1);

  const recorder = machine.start(['record', '--input', '-', '--pace', 'fast', '--no-clipboard', '--json']);
  const stdin = recorder.child.stdin;
  assert.ok(stdin !== null && recorder.child.pid !== undefined);
  stdin.write(wavHeader(minutes * 60 * SAMPLE_RATE));
  const seen: Usage[] = [];
  for (let done = 1; done <= minutes; done += 1) {
    if (!stdin.write(minute)) await new Promise((resolve) => stdin.once('drain', resolve));
    const server = machine.serverPid();
    if (server === undefined) continue;
    const usage = usageOf([recorder.child.pid, server]);
    if (usage === undefined) continue;
    seen.push(usage);
    if (done % 30 === 0) say(`${done} of ${minutes} min: ${usage.mb} MB, ${usage.handles} file handles`);
  }
  stdin.end();
  const { code, stdout, stderr } = await recorder.finished;
  assert.equal(code, 0, stderr);
  const { receipt } = jsonLines(stdout).at(-1) as unknown as {
    receipt: { capturedMs: number; acknowledgedMs: number; transcribedMs: number; gaps: unknown[] };
  };
  const expectedMs = minutes * 60_000;
  assert.deepEqual([receipt.capturedMs, receipt.acknowledgedMs, receipt.gaps], [expectedMs, expectedMs, []]);
  assert.ok(receipt.transcribedMs >= expectedMs - 1000, `${receipt.transcribedMs} of ${expectedMs} ms`);
  // Models are loaded in the first quarter.
  const settled = seen.slice(Math.ceil(seen.length / 4));
  const growth =
    highest(settled.slice(settled.length >> 1), 'mb') - highest(settled.slice(0, settled.length >> 1), 'mb');
  const handles =
    highest(settled.slice(settled.length >> 1), 'handles') -
    highest(settled.slice(0, settled.length >> 1), 'handles');
  assert.ok(growth <= growthMb, `memory grew by ${growth} MB`);
  assert.ok(handles <= 4, `${handles} more file handles`);
  return {
    fault: `${(minutes / 60).toFixed(1)} hours of audio at fast pace, with the real recognizer`,
    held: `receipt without gaps; memory of recorder and server ${growth} MB higher in the second half than in the first, file handles ${handles}`,
  };
}

interface Usage {
  readonly mb: number;
  readonly handles: number;
}

const highest = (usages: readonly Usage[], what: keyof Usage) =>
  Math.max(0, ...usages.map((usage) => usage[what]));

/** Resident memory and file handles of processes together; undefined where one is not there. */
function usageOf(pids: readonly number[]): Usage | undefined {
  try {
    const all = pids.map((pid) => {
      const [, kb] = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
      return { kb: Number(kb), handles: readdirSync(`/proc/${pid}/fd`).length };
    });
    return {
      mb: Math.round(all.reduce((sum, { kb }) => sum + kb, 0) / 1024),
      handles: all.reduce((sum, { handles }) => sum + handles, 0),
    };
  } catch {
    return undefined;
  }
}
