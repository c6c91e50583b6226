/**
 * How long the command line takes to start, and how memory grows with the length of a file. Everything is a cold
 * process of the built CLI, alternating with what it is compared with.
 *
 *   node bench/startup.ts [--without-memory]
 */
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { fillStore, RECORDINGS } from './startup-store.ts';

const { values: flags } = parseArgs({ options: { 'without-memory': { type: 'boolean', default: false } } });
const root = path.dirname(import.meta.dirname);
const launcher = path.join(root, 'cli', 'bin', 'speakr.cjs');
const work = mkdtempSync(path.join(tmpdir(), 'speakr-startup-'));
const MiB = 2 ** 20;
let missed = false;

const environment = (dataDir: string) => ({ ...process.env, SPEAKR_DATA_DIR: dataDir, NODE_V8_COVERAGE: '' });

function milliseconds(args: readonly string[], dataDir: string): number {
  const started = performance.now();
  const { status, stderr } = spawnSync(process.execPath, args, {
    env: environment(dataDir),
    encoding: 'utf8',
  });
  const elapsed = performance.now() - started;
  if (status !== 0) throw new Error(`${args.join(' ')} ended with ${status}: ${stderr}`);
  return elapsed;
}

const median = (values: readonly number[]) =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

/** Runs each command `times` times, taking turns, so that a busy moment hits all of them. */
function takeTurns(times: number, commands: Readonly<Record<string, readonly string[]>>, dataDir: string) {
  const found = new Map(Object.keys(commands).map((name) => [name, [] as number[]]));
  for (let turn = 0; turn < times; turn++)
    for (const [name, args] of Object.entries(commands)) found.get(name)?.push(milliseconds(args, dataDir));
  return (name: string) => median(found.get(name) ?? []);
}

function target(text: string, met: boolean): void {
  if (!met) missed = true;
  process.stdout.write(`${met ? 'met   ' : 'MISSED'} ${text}\n`);
}

async function startUp(): Promise<void> {
  const dataDir = path.join(work, 'many');
  await fillStore(dataDir);
  const version = takeTurns(15, { node: ['-e', '0'], version: [launcher, '--version'] }, dataDir);
  const commands = takeTurns(
    5,
    { node: ['-e', '0'], list: [launcher, 'list'], query: [launcher, 'query', 'who writes the manual?'] },
    dataDir,
  );
  const line = (name: string, ms: number, bare: number) =>
    process.stdout.write(
      `${name.padEnd(44)}${ms.toFixed(0).padStart(6)} ms${`${(ms / bare).toFixed(1)} ×`.padStart(9)}\n`,
    );
  line('node -e 0', version('node'), version('node'));
  line('speakr --version', version('version'), version('node'));
  line(`speakr list, ${RECORDINGS} recordings, no server`, commands('list'), commands('node'));
  line(`speakr query, ${RECORDINGS} recordings, no server`, commands('query'), commands('node'));
  target('--version ≤ 3 × bare node', version('version') <= 3 * version('node'));
  target('list ≤ 0.4 s', commands('list') <= 400);
  target('query ≤ 1.2 s', commands('query') <= 1200);
}

/** Highest resident memory of the processes that use `dataDir`, in bytes, added up. */
async function peakMemory(dataDir: string, minutes: number): Promise<{ bytes: number; seconds: number }> {
  const audio = path.join(work, `${minutes}.flac`);
  const made = spawnSync('ffmpeg', [
    ...['-nostdin', '-loglevel', 'error', '-y', '-stream_loop', '-1'],
    ...['-i', path.join(root, 'samples', 'standup.flac'), '-t', String(minutes * 60), audio],
  ]);
  if (made.status !== 0) throw new Error('ffmpeg could not make the long file.');
  const started = performance.now();
  const child = spawn(process.execPath, [launcher, 'transcribe', '--no-clipboard', audio], {
    env: environment(dataDir),
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const peaks = new Map<number, number>();
  let running = true;
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  void ended.then(() => {
    running = false;
  });
  while (running) {
    for (const pid of processesOf(dataDir)) peaks.set(pid, residentPeak(pid) ?? peaks.get(pid) ?? 0);
    await Promise.race([ended, sleep(200)]);
  }
  const seconds = (performance.now() - started) / 1000;
  for (const pid of processesOf(dataDir)) process.kill(pid, 'SIGTERM');
  if ((await ended) !== 0) throw new Error(`transcribe of ${minutes} minutes failed.`);
  return { bytes: [...peaks.values()].reduce((sum, bytes) => sum + bytes, 0), seconds };
}

/** The CLI and its server, known by their environment. */
function processesOf(dataDir: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((name) => {
      try {
        return readFileSync(`/proc/${name}/environ`, 'utf8')
          .split('\0')
          .includes(`SPEAKR_DATA_DIR=${dataDir}`);
      } catch {
        return false;
      }
    })
    .map(Number);
}

function residentPeak(pid: number): number | undefined {
  try {
    const kibibytes = /^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return kibibytes === undefined ? undefined : Number(kibibytes) * 1024;
  } catch {
    return undefined;
  }
}

async function memory(): Promise<void> {
  const short = await peakMemory(path.join(work, 'short'), 5);
  const long = await peakMemory(path.join(work, 'long'), 60);
  for (const [minutes, { bytes, seconds }] of [[5, short] as const, [60, long] as const])
    process.stdout.write(
      `transcribe, ${String(minutes).padStart(2)} minutes: ${(bytes / MiB).toFixed(0).padStart(5)} MiB at most, all processes, ${seconds.toFixed(0)} s\n`,
    );
  target('60 minutes take < 50 MB more than 5', long.bytes - short.bytes < 50 * MiB);
}

try {
  await startUp();
  if (!flags['without-memory'] && process.platform === 'linux') await memory();
} finally {
  rmSync(work, { recursive: true, force: true });
}
if (missed) process.exitCode = 1;
