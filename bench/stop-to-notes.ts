/**
 * How long the notes take from stop to the clipboard: `speakr record` as a user runs it, several at once on one server
 * and one clipboard, real speech from SPEAKR_TEST_AUDIO at the pace at which it is heard, stopped wherever it is.
 *
 *   node bench/stop-to-notes.ts [--minutes 5] [--takes 20] [--at-once 4]
 *   node bench/stop-to-notes.ts --minutes 60 --takes 8 --tail 2
 *
 * With `--tail`, all but the last minutes are fed as fast as they are taken; then recognition catches up, and the tail
 * is heard in real time. Linux; needs ffmpeg, Xvfb and xsel. Twenty takes of five minutes last 27 minutes.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { RecordEvent } from '@speakr/contracts/cli-json';
import { clipsFolder, readAudio, readClips } from './clips.ts';
import { defaultModelsDir } from './models-dir.ts';

const { values: flags } = parseArgs({
  options: {
    minutes: { type: 'string', default: '5' },
    takes: { type: 'string', default: '20' },
    'at-once': { type: 'string', default: '4' },
    tail: { type: 'string' },
  },
});
const minutes = Number(flags.minutes);
const takes = Number(flags.takes);
const tail = flags.tail === undefined ? undefined : Number(flags.tail);
/** After a short recording and after a long one, ms; and CPU seconds per second of audio, without the fast part. */
const TARGET = { p95: 1000, longest: 1500, processor: 0.3 };
const CHUNK_MS = 100;
const BYTES_PER_MS = 32;
/** Takes begin so much later than the one before, s: they shall not stop together. */
const STAGGER_SECONDS = 17;
/** Takes are longer by up to this much, by their number, so that a stop finds every place of a phrase, s. */
const SPREAD_SECONDS = 13;
/** Recognition counts as caught up when it lags less than this and the second pass said nothing for a while, ms. */
const CAUGHT_UP = { lagMs: 1500, quietMs: 20_000 };

interface Take {
  readonly stopToNotesMs: number;
  readonly audioSeconds: number;
  readonly onClipboard: boolean;
  readonly finals: number;
  readonly revised: number;
}

const folder = clipsFolder();
if (folder === undefined || process.platform !== 'linux') {
  process.stderr.write('Stop to notes is measured on Linux with the recordings of SPEAKR_TEST_AUDIO.\n');
  process.exit(1);
}
const speech = await readSpeech(folder);
const dataDir = mkdtempSync(join(tmpdir(), 'speakr-stop-'));
const { display, DISPLAY } = await startDisplay();
const done: Take[] = [];
try {
  let next = 0;
  const began = performance.now();
  const one = async (place: number) => {
    await sleep(place * STAGGER_SECONDS * 1000);
    while (next < takes) done.push(await record(next++));
  };
  await Promise.all(
    Array.from({ length: Math.min(takes, Number(flags['at-once'])) }, (_, place) => one(place)),
  );
  print((performance.now() - began) / 1000);
} finally {
  const pid = serverPid();
  if (pid !== undefined) process.kill(pid, 'SIGTERM');
  display.kill();
  await sleep(2000);
  rmSync(dataDir, { recursive: true, force: true, maxRetries: 5 });
}

/** Clips one after the other with short pauses between: PCM16 mono 16 kHz. */
async function readSpeech(folder: string): Promise<Buffer[]> {
  const clips = (await readClips(folder)).filter(({ variant, kind }) => !variant && kind !== 'no-speech');
  const pieces: Buffer[] = [];
  for (const { file } of clips)
    pieces.push(Buffer.concat([await readAudio(join(folder, file)), Buffer.alloc(25_600)]));
  return pieces;
}

/** An X server without a screen, for a clipboard. */
async function startDisplay(): Promise<{ display: ChildProcess; DISPLAY: string }> {
  const display = spawn('Xvfb', ['-displayfd', '3', '-nolisten', 'tcp'], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
  });
  const [number] = (await once(display.stdio[3] as NodeJS.ReadableStream, 'data')) as [Buffer];
  return { display, DISPLAY: `:${number.toString().trim()}` };
}

/** Audio from one clip on, again and again. */
function* endless(first: number): Generator<Buffer> {
  for (let index = first; ; index++) yield speech[index % speech.length] as Buffer;
}

async function record(take: number): Promise<Take> {
  const launcher = join(import.meta.dirname, '..', 'cli', 'bin', 'speakr.cjs');
  const child = spawn(process.execPath, [launcher, 'record', '--input', '-', '--pace', 'fast', '--json'], {
    env: {
      ...process.env,
      DISPLAY,
      SPEAKR_DATA_DIR: dataDir,
      SPEAKR_MODELS_DIR: defaultModelsDir(),
      NODE_V8_COVERAGE: '',
    },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  child.stdin.on('error', () => undefined);
  let talk = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    talk += text;
  });
  const ended = once(child, 'close');
  let [finals, revised, lagMs] = [0, 0, 0];
  let revisedAt = performance.now();
  let stopToNotesMs: number | undefined;
  const listening = (async () => {
    for await (const line of createInterface({ input: child.stdout })) {
      const event = RecordEvent.parse(JSON.parse(line));
      if (event.type === 'final') finals++;
      if (event.type === 'state') ({ lagMs } = event);
      if (event.type === 'finished') ({ stopToNotesMs } = event);
      if (event.type !== 'revised') continue;
      revised++;
      revisedAt = performance.now();
    }
  })();
  let fedAt: number | undefined;
  const isCaughtUp = () => {
    fedAt ??= performance.now();
    const isQuiet = performance.now() - Math.max(fedAt, revisedAt) > CAUGHT_UP.quietMs;
    return child.exitCode !== null || (lagMs < CAUGHT_UP.lagMs && isQuiet);
  };

  const seconds = minutes * 60 + ((take * 5) % SPREAD_SECONDS) + 0.3 * (take % 3);
  const fast = tail === undefined ? 0 : seconds - tail * 60;
  await feed(child, take * 3, fast, seconds, isCaughtUp);
  const interrupted = performance.now();
  child.kill('SIGINT');
  // Whoever feeds a pipe goes when the user stops.
  child.stdin.destroy();
  const [code] = await ended;
  await listening;
  if (stopToNotesMs === undefined) throw new Error(`take ${take} ended with ${code}:\n${talk}`);
  const copied =
    talk.split('\n').find((line) => line.includes('clipboard')) ?? 'nothing was said of the clipboard';
  const onClipboard = /notes are on the clipboard/.test(copied);
  process.stderr.write(
    `take ${take}: ${stopToNotesMs} ms after ${seconds.toFixed(0)} s (process ended after ${Math.round(performance.now() - interrupted)} ms), ` +
      `${finals} finals, ${revised} windows revised${onClipboard ? '' : `: ${copied}`}\n`,
  );
  return { stopToNotesMs, audioSeconds: seconds, onClipboard, finals, revised };
}

/**
 * Writes a WAV stream into the recorder: `fast` seconds at once, then silence until recognition has caught up, and the rest
 * as it would be heard.
 */
async function feed(
  { stdin }: ChildProcess,
  firstClip: number,
  fast: number,
  seconds: number,
  isCaughtUp: () => boolean,
): Promise<void> {
  if (stdin === null) return;
  const write = async (bytes: Uint8Array) => {
    if (!stdin.write(bytes)) await once(stdin, 'drain');
  };
  await write(wavHeader());
  const step = CHUNK_MS * BYTES_PER_MS;
  let written = 0;
  let from = 0;
  let began = performance.now();
  for (const piece of endless(firstClip))
    for (let at = 0; at < piece.length; at += step) {
      if (written >= seconds * 1000 * BYTES_PER_MS || stdin.destroyed) return;
      const chunk = piece.subarray(at, at + step);
      await write(chunk);
      written += chunk.length;
      if (written < fast * 1000 * BYTES_PER_MS) continue;
      if (fast > 0 && from === 0) {
        from = written;
        while (!isCaughtUp()) {
          await write(Buffer.alloc(step));
          await sleep(CHUNK_MS);
        }
        began = performance.now();
      }
      const due = began + (written - from) / BYTES_PER_MS;
      if (due > performance.now()) await sleep(due - performance.now());
    }
}

/** Of a stream without an end: PCM16 mono 16 kHz. */
function wavHeader(): Buffer {
  const header = Buffer.alloc(44);
  header.write('RIFF', 0);
  header.writeUInt32LE(0xffffffff, 4);
  header.write('WAVEfmt ', 8);
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(1, 22);
  header.writeUInt32LE(16_000, 24);
  header.writeUInt32LE(32_000, 28);
  header.writeUInt16LE(2, 32);
  header.writeUInt16LE(16, 34);
  header.write('data', 36);
  header.writeUInt32LE(0xffffffff, 40);
  return header;
}

function serverPid(): number | undefined {
  const file = join(dataDir, 'run', 'server.json');
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as { pid: number }).pid : undefined;
}

/** CPU seconds and highest resident memory (bytes) of the server so far. */
function serverCost(): { processor: number; peakBytes: number } | undefined {
  const pid = serverPid();
  if (pid === undefined) return undefined;
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
  const kibibytes = /^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  // utime and stime in ticks, of which Linux has 100 a second.
  return { processor: (Number(fields[11]) + Number(fields[12])) / 100, peakBytes: Number(kibibytes) * 1024 };
}

function print(wallSeconds: number): void {
  const sorted = done.map(({ stopToNotesMs }) => stopToNotesMs).sort((a, b) => a - b);
  const at = (share: number) =>
    sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] as number;
  const longest = sorted.at(-1) as number;
  const audio = done.reduce((sum, { audioSeconds }) => sum + audioSeconds, 0);
  const cost = serverCost();
  const how = tail === undefined ? 'in real time' : `the last ${tail} in real time`;
  process.stdout.write(
    `${done.length} takes of ${minutes} minutes, ${how}, ${flags['at-once']} at once, ${Math.round(wallSeconds / 60)} minutes in all\n`,
  );
  process.stdout.write(
    `stop → notes on the clipboard   p50 ${at(0.5)} ms   p95 ${at(0.95)} ms   longest ${longest} ms\n`,
  );
  const isLong = tail !== undefined;
  const figure = isLong ? longest : at(0.95);
  const most = isLong ? TARGET.longest : TARGET.p95;
  verdict(`${isLong ? 'longest' : 'p95'} ≤ ${most} ms`, figure <= most);
  const missing = done.filter(({ onClipboard }) => !onClipboard).length;
  verdict(`all notes on the clipboard (${missing} missing)`, missing === 0);
  if (cost === undefined) return;
  const perSecond = cost.processor / audio;
  process.stdout.write(
    `server: ${perSecond.toFixed(3)} CPU s per s of audio, live and second pass, notes and index; at most ${Math.round(cost.peakBytes / 1e6)} MB\n`,
  );
  if (!isLong) verdict(`≤ ${TARGET.processor} CPU s per s of audio`, perSecond <= TARGET.processor);
}

function verdict(what: string, isMet: boolean): void {
  process.stdout.write(`${isMet ? 'met   ' : 'MISSED'} ${what}\n`);
  if (!isMet) process.exitCode = 1;
}
