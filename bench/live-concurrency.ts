/**
 * Concurrent live captions in real time: one background server, and so many client sockets that each play their clips.
 * Shows how late finals come against a single stream, what is dropped, and the memory of a further stream.
 *
 *   node bench/live-concurrency.ts [--levels 1,2,4,8,16] [--cores 2] [--keep FOLDER]
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { type LiveLogLine, writeLiveLog } from './live/live-log.ts';
import { type LiveScore, scoreLogs } from './live/live-score.ts';
import { startLiveServer } from './live/live-server.ts';
import { playClip } from './live/play-clip.ts';
import { machineSeconds, processMemory, processSeconds, quietMachine } from './live/processor.ts';
import { liveFolders, readPlayedClip, readPlayedClips, readReferences } from './live/reference.ts';
import { seconds } from './live/show-score.ts';

const { values: flags } = parseArgs({
  options: {
    levels: { type: 'string', default: '1,2,4,8,16' },
    /** Cores that the server may use. */
    cores: { type: 'string', default: '2' },
    keep: { type: 'string' },
  },
});
/** What a stream plays; more streams begin again at the first. */
const playlists = [
  ['long-two-cities'],
  ['meeting-2spk-2414-1998'],
  ['call-2spk-commercial'],
  ['ls-3080-5032-0009', 'noisy-ls-3080-snr10'],
];
/** Streams do not start at the same moment. */
const STAGGER_MS = 370;
const MOST_MEGABYTES = 25;

const { audio, live } = liveFolders();
const references = readReferences(live);
const clips = new Map<string, Buffer>();
for (const clip of readPlayedClips(live))
  if (playlists.flat().includes(clip.clip)) clips.set(clip.clip, await readPlayedClip(audio, clip));

const work = mkdtempSync(path.join(tmpdir(), 'speakr-concurrency-'));
const server = await startLiveServer({ SPEAKR_DATA_DIR: path.join(work, 'data') }, Number(flags.cores));
const results: {
  streams: number;
  score: LiveScore;
  memory: number;
  cpu: number;
  other: number;
  modes: string;
}[] = [];
try {
  await play(0, ['ls-3080-5032-0009'], new Set());
  for (const level of flags.levels.split(',').map(Number)) results.push(await measure(level));
} finally {
  server.child.kill('SIGTERM');
  await server.gone;
  rmSync(work, { recursive: true, force: true });
}
print();

/** Node 24 runs the launcher, and that the server, in this one process; `taskset` becomes it. */
function serverPid(): number {
  return server.child.pid as number;
}

async function measure(streams: number) {
  await quietMachine();
  const modes = new Set<string>();
  const [busy, used, own, started] = [
    machineSeconds(),
    processSeconds(serverPid()),
    process.cpuUsage(),
    performance.now(),
  ];
  const lists = Array.from(
    { length: streams },
    (_, index) => playlists[index % playlists.length] as string[],
  );
  const played =
    streams === 1
      ? [await inTurn(0, playlists.flat(), modes)]
      : await Promise.all(
          lists.map(async (list, stream) => {
            await new Promise((resolve) => setTimeout(resolve, stream * STAGGER_MS));
            return inTurn(stream, list, modes);
          }),
        );
  const wall = (performance.now() - started) / 1000;
  const cpu = processSeconds(serverPid()) - used;
  const { user, system } = process.cpuUsage(own);
  const other = Math.max(0, (machineSeconds() - busy - cpu - (user + system) / 1e6) / wall);
  const lines = played.flat();
  if (flags.keep !== undefined) {
    mkdirSync(flags.keep, { recursive: true });
    writeLiveLog(path.join(flags.keep, `streams-${streams}.log.jsonl`), lines);
  }
  const memory = processMemory(serverPid()).highest;
  const score = scoreLogs([lines], references);
  process.stderr.write(`${streams} streams: final ${seconds(score.final)}, other ${other.toFixed(2)}\n`);
  return { streams, score, memory, cpu: cpu / wall, other, modes: [...modes].sort().join(', ') };
}

async function inTurn(stream: number, list: readonly string[], modes: Set<string>): Promise<LiveLogLine[]> {
  const lines: LiveLogLine[] = [];
  for (const clip of list) lines.push(...(await play(stream, [clip], modes)));
  return lines;
}

function play(stream: number, [clip = '']: string[], modes: Set<string>): Promise<LiveLogLine[]> {
  return playClip(server, {
    stream,
    clip,
    pcm: clips.get(clip) as Buffer,
    onMode: (mode) => modes.add(mode),
  });
}

function print(): void {
  const say = (line: string) => process.stdout.write(`${line}\n`);
  say(`server on ${flags.cores} cores; seconds p50 / p95`);
  say('streams   phrase end → final   word lag      stop → final   WER %   cores   MB     others  states');
  for (const { streams, score, memory, cpu, other, modes } of results)
    say(
      `${String(streams).padStart(7)}   ${seconds(score.final).padEnd(18)}   ${seconds(score.lag).padEnd(11)}   ${seconds(score.stop).padEnd(12)}   ${score.wer.toFixed(1).padStart(5)}   ${cpu.toFixed(2).padStart(5)}   ${memory.toFixed(0).padStart(5)}   ${other.toFixed(2).padStart(5)}   ${modes}`,
    );
  const [single] = results;
  const most = results.at(-1);
  if (single === undefined || most === undefined || most === single) return;
  const verdict = (met: boolean, line: string) => {
    if (!met) process.exitCode = 1;
    say(`${met ? 'met   ' : 'MISSED'} ${line}`);
  };
  const within = results
    .filter(({ score }) => score.final[1] <= 2 * single.score.final[1])
    .map(({ streams }) => streams);
  verdict(
    results.filter(({ streams }) => streams <= 8).every(({ streams }) => within.includes(streams)),
    `finals p95 within 2 × single up to ${Math.max(...within)} streams (8 required)`,
  );
  verdict(
    most.streams >= 16 && most.score.missed === 0,
    `${most.streams} streams, ${most.score.missed} phrases missed`,
  );
  const further = (most.memory - single.memory) / (most.streams - 1);
  verdict(
    further <= MOST_MEGABYTES,
    `${further.toFixed(1)} MB for each further stream (≤ ${MOST_MEGABYTES})`,
  );
}
