import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { RecordEvent } from '@speakr/contracts/cli-json';
import type { ShownText } from './live-log.ts';
import { processesWith, processMemory, processSeconds } from './processor.ts';
import type { LiveFeed } from './vendor-feed.ts';

/**
 * A file is handed out chunk by chunk at real time from its first chunk on; a microphone could hand over the first one
 * only when it has been spoken.
 */
const CHUNK_SECONDS = 0.1;

const launcher = path.join(import.meta.dirname, '..', '..', 'cli', 'bin', 'speakr.cjs');

export interface SpeakrFeed extends LiveFeed {
  /** Text of a recording's newest transcript, after everything is done. */
  finalText(clip: string): string;
  /** What `speakr transcribe` makes of a clip. @param file PCM16 mono 16 kHz, without a header */
  transcribe(file: string): string;
}

/** The CLI of this tree. */
const treeCommand = [process.execPath, launcher];

/**
 * `speakr record --json`, as a user runs it, with a background server and a store of its own.
 * @param command program and first arguments, when it is not the tree's speakr
 */
export async function startSpeakr(command: readonly string[] = treeCommand): Promise<SpeakrFeed> {
  const [program = '', ...leading] = command;
  const work = mkdtempSync(path.join(tmpdir(), 'speakr-live-'));
  const dataDir = path.join(work, 'data');
  const env = { ...process.env, SPEAKR_DATA_DIR: dataDir, NODE_V8_COVERAGE: '' };
  const recordings = new Map<string, string>();
  let highest = 0;

  const server = () => processesWith(`SPEAKR_DATA_DIR=${dataDir}`).filter((pid) => pid !== recorder);
  let recorder: number | undefined;

  const withHeader = (file: string): string => {
    const wav = path.join(work, 'clip.wav');
    const raw = ['-f', 's16le', '-ac', '1', '-ar', '16000', '-i', file];
    spawnSync('ffmpeg', ['-y', '-v', 'error', '-nostdin', ...raw, wav], { stdio: 'inherit' });
    return wav;
  };

  const record: LiveFeed['play'] = async ({ file, clip }) => {
    const args = ['record', '--input', withHeader(file), '--json', '--no-clipboard'];
    const child = spawn(program, [...leading, ...args], { env, stdio: ['ignore', 'pipe', 'inherit'] });
    recorder = child.pid;
    const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
    const stop = statSync(file).size / 32_000;
    const texts: ShownText[] = [];
    let done = stop;
    let pids: number[] = [];
    const used = new Map<number, number>();
    const spent = () => {
      let sum = 0;
      for (const pid of pids) {
        const now = processSeconds(pid, used.get(pid));
        used.set(pid, now);
        sum += now;
      }
      return sum;
    };
    let before = 0;
    let cpu = 0;
    for await (const line of createInterface({ input: child.stdout })) {
      const event = JSON.parse(line) as RecordEvent;
      if (event.type === 'ready') {
        pids = [...server(), child.pid as number];
        before = spent();
      }
      if (event.type === 'error') throw new Error(`speakr record: ${event.problem.code}`);
      if (event.type === 'finished') recordings.set(clip, event.recordingId);
      // Second pass, notes and search are in it.
      cpu = spent() - before;
      if (event.type !== 'partial' && event.type !== 'final') continue;
      const t = event.atMs / 1000 + CHUNK_SECONDS;
      const seg = Number(event.segmentId.split('.')[2]);
      const shown = { stream: 0, clip, t, seg };
      if (event.type === 'final') {
        texts.push({ ...shown, k: 'f', text: event.text });
        done = Math.max(done, t);
      } else texts.push({ ...shown, k: 'p', text: event.stable }, { ...shown, k: 'q', text: event.text });
    }
    if ((await ended) !== 0) throw new Error('speakr record failed.');
    recorder = undefined;
    for (const pid of server()) highest = Math.max(highest, processMemory(pid).highest);
    return { texts, stop, done, cpu };
  };

  function run(...args: string[]): string {
    const { status, stdout, stderr } = spawnSync(program, [...leading, ...args], { env, encoding: 'utf8' });
    if (status !== 0) throw new Error(`speakr ${args[0]} ended with ${status}: ${stderr}`);
    return stdout;
  }

  return {
    play: record,
    pids: () => processesWith(`SPEAKR_DATA_DIR=${dataDir}`),
    memory: () => highest,
    finalText: (clip) => run('show', recordings.get(clip) ?? '', '-o', 'text'),
    transcribe: (file) => run('transcribe', withHeader(file), '-o', 'text'),
    async close() {
      for (const pid of processesWith(`SPEAKR_DATA_DIR=${dataDir}`)) process.kill(pid, 'SIGTERM');
      while (processesWith(`SPEAKR_DATA_DIR=${dataDir}`).length > 0)
        await new Promise((resolve) => setTimeout(resolve, 100));
      rmSync(work, { recursive: true, force: true });
    },
  };
}
