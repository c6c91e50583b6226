/**
 * What the recording screen costs: drawings a second on a real pseudo-terminal, and processor time of the command line
 * with the screen beside the same recording without it (`--plain`), in silence and while somebody speaks. The microphone
 * is a virtual one.
 *
 *   node bench/screen.ts [SECONDS]
 */
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { buildCli, type Machine, newMachine, root } from '../e2e/harness.ts';
import { startVirtualMicrophone, type VirtualMicrophone } from '../e2e/virtual-microphone.ts';
import { until } from '../scripts/until.ts';

const seconds = Number(process.argv[2] ?? 20);
/** Linux counts processor time in these. */
const TICKS_PER_SECOND = 100;
let missed = false;

/** Processor time of a process so far, s. */
function cpuSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

/** The process whose parent is another. */
function childOf(parent: number): number | undefined {
  for (const name of readdirSync('/proc').filter((each) => /^\d+$/.test(each)))
    try {
      if (readFileSync(`/proc/${name}/stat`, 'utf8').split(') ')[1]?.split(' ')[1] === String(parent))
        return Number(name);
    } catch {
      // It has ended meanwhile.
    }
  return undefined;
}

interface Cost {
  /** Share of one core. */
  readonly cpu: number;
  readonly drawingsPerSecond: number;
  readonly most: number;
  readonly bytesPerSecond: number;
}

/** Records for a while in a pseudo-terminal and counts. */
async function record(
  machine: Machine,
  sound: VirtualMicrophone,
  plain: boolean,
  speech?: string,
): Promise<Cost> {
  const command = `${process.execPath} ${root}/cli/bin/speakr.cjs record --no-clipboard${plain ? ' --plain' : ''}`;
  // util-linux: runs a command in a pseudo-terminal and copies what it writes.
  const terminal = spawn('script', ['-qfec', command, '/dev/null'], {
    env: { ...machine.env, TERM: 'xterm-256color', COLUMNS: '100', LINES: '30' },
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const drawings: number[] = [];
  let bytes = 0;
  terminal.stdout.on('data', (data: Buffer) => {
    bytes += data.length;
    // Each drawing begins with this; Ink has the terminal show all of it at once.
    for (const _ of data.toString().split('\x1b[?2026h').slice(1)) drawings.push(performance.now());
  });
  await until('the microphone is recorded', () => sound.recorded(1));
  // What belongs to the start, models and compilation, is no part of the figure.
  await sleep(6000);
  const shell = childOf(terminal.pid ?? 0) ?? 0;
  const pid = readFileSync(`/proc/${shell}/comm`, 'utf8').startsWith('sh')
    ? (childOf(shell) ?? shell)
    : shell;
  const playing = speech === undefined ? undefined : sound.play(speech);
  const [from, before, bytesBefore] = [performance.now(), cpuSeconds(pid), bytes];
  await sleep(seconds * 1000);
  const elapsed = (performance.now() - from) / 1000;
  const counted = drawings.filter((at) => at >= from);
  const cost = {
    cpu: (cpuSeconds(pid) - before) / elapsed,
    drawingsPerSecond: counted.length / elapsed,
    most: Math.max(
      0,
      ...counted.map((at) => counted.filter((other) => other >= at && other < at + 1000).length),
    ),
    bytesPerSecond: (bytes - bytesBefore) / elapsed,
  };
  terminal.stdin.write('\r');
  await new Promise((resolve) => terminal.once('close', resolve));
  await playing;
  return cost;
}

function target(text: string, met: boolean): void {
  if (!met) missed = true;
  process.stdout.write(`${met ? 'met   ' : 'MISSED'} ${text}\n`);
}

buildCli();
await using machine = newMachine();
await using sound = await startVirtualMicrophone();
Object.assign(machine.env, sound.env);
const percent = (share: number) => `${(share * 100).toFixed(1)} %`;
const results: Record<string, { screen: Cost; plain: Cost }> = {};
for (const [name, speech] of [
  ['silence', undefined],
  ['speech', `${root}/samples/standup.flac`],
] as const) {
  const plain = await record(machine, sound, true, speech);
  const screen = await record(machine, sound, false, speech);
  results[name] = { screen, plain };
  process.stdout.write(
    `${name.padEnd(10)} command with screen ${percent(screen.cpu)} of a core, without ${percent(plain.cpu)}; ` +
      `${screen.drawingsPerSecond.toFixed(1)} drawings/s, at most ${screen.most} in any second, ${Math.round(screen.bytesPerSecond)} bytes/s\n`,
  );
}
const { silence, speech } = results;
if (silence === undefined || speech === undefined) throw new Error('nothing was measured');
target('at most 10 drawings a second', Math.max(silence.screen.most, speech.screen.most) <= 10);
target('the screen takes at most 2 % of a core in silence', silence.screen.cpu - silence.plain.cpu <= 0.02);
process.exitCode = missed ? 1 : 0;
