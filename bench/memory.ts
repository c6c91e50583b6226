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

/** Highest resident memory of the processes that use `dataDir`, in bytes, added up. */
async function peakMemory(dataDir: string, minutes: number): Promise<{ bytes: number; seconds: number }> {
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

async function measure(minutes: number): Promise<number> {
  const { bytes, seconds } = await peakMemory(path.join(work, String(minutes)), minutes);
  process.stdout.write(
    `transcribe, ${String(minutes).padStart(2)} minutes: ${(bytes / MB).toFixed(0).padStart(5)} MB at most, all processes, ${seconds.toFixed(0)} s\n`,
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
