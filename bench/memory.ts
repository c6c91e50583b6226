/**
 * How the memory of CLI and server grows with the length of a file: highest resident memory of all processes while five
 * minutes and while sixty are transcribed, each with a server of its own. Linux only.
 *
 *   node bench/memory.ts
 */
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const root = path.dirname(import.meta.dirname);
const launcher = path.join(root, 'cli', 'bin', 'speakr.cjs');
const work = mkdtempSync(path.join(tmpdir(), 'speakr-memory-'));
const MB = 1e6;
const MOST_GROWTH = 50 * MB;

/** Highest resident memory of each program that uses `dataDir`, in bytes. */
async function peakMemory(
  dataDir: string,
  minutes: number,
): Promise<{ peaks: Map<string, number>; seconds: number }> {
  const audio = path.join(work, `${minutes}.flac`);
  const made = spawnSync('ffmpeg', [
    ...['-nostdin', '-loglevel', 'error', '-y', '-stream_loop', '-1'],
    ...['-i', path.join(root, 'samples', 'standup.flac'), '-t', String(minutes * 60), audio],
  ]);
  if (made.status !== 0) throw new Error('ffmpeg could not make the long file.');
  const started = performance.now();
  const child = spawn(process.execPath, [launcher, 'transcribe', audio], {
    env: { ...process.env, SPEAKR_DATA_DIR: dataDir },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const processes = new Map<number, { program: string; bytes: number }>();
  let running = true;
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  void ended.then(() => {
    running = false;
  });
  while (running) {
    for (const pid of processesOf(dataDir)) {
      const seen = observe(pid);
      if (seen !== undefined) processes.set(pid, seen);
    }
    await Promise.race([ended, sleep(200)]);
  }
  const seconds = (performance.now() - started) / 1000;
  for (const pid of processesOf(dataDir)) process.kill(pid, 'SIGTERM');
  if ((await ended) !== 0) throw new Error(`transcribe of ${minutes} minutes failed.`);
  const peaks = new Map<string, number>();
  // Of several short-lived ones of the same program, such as ffmpeg, the largest counts.
  for (const { program, bytes } of processes.values())
    peaks.set(program, Math.max(bytes, peaks.get(program) ?? 0));
  return { peaks, seconds };
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

/** Undefined when the process has just ended. VmHWM only grows, so the last look has the peak. */
function observe(pid: number): { program: string; bytes: number } | undefined {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const kibibytes = /^VmHWM:\s+(\d+) kB/m.exec(status)?.[1];
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
    if (kibibytes === undefined) return undefined;
    return { program: programOf(command), bytes: Number(kibibytes) * 1024 };
  } catch {
    return undefined;
  }
}

function programOf(command: readonly string[]): string {
  if (command.includes('serve')) return 'server';
  return command.includes('transcribe') ? 'command line' : path.basename(command[0] ?? '');
}

async function measure(minutes: number): Promise<number> {
  const { peaks, seconds } = await peakMemory(path.join(work, String(minutes)), minutes);
  const megabytes = (bytes: number) => (bytes / MB).toFixed(0);
  const bytes = [...peaks.values()].reduce((sum, value) => sum + value, 0);
  const parts = [...peaks].map(([program, value]) => `${program} ${megabytes(value)}`).sort();
  process.stdout.write(
    `transcribe, ${String(minutes).padStart(2)} minutes: ${megabytes(bytes)} MB at most (${parts.join(', ')}), ${seconds.toFixed(0)} s\n`,
  );
  return bytes;
}

if (process.platform !== 'linux') {
  process.stderr.write('Memory is measured on Linux only.\n');
  process.exit(2);
}
try {
  const short = await measure(5);
  const long = await measure(60);
  const growth = long - short;
  process.stdout.write(
    `${growth < MOST_GROWTH ? 'met   ' : 'MISSED'} 60 minutes take less than 50 MB more than 5\n`,
  );
  if (growth >= MOST_GROWTH) process.exitCode = 1;
} finally {
  rmSync(work, { recursive: true, force: true });
}
