/**
 * Live captions of the hosted profile beside the embedded server, with the real recognizer, in turns in one run: all
 * roles, PostgreSQL, NATS, S3 and the clients on the cores of this machine. How late finals come, and what a second of
 * speech costs: everything that the machine computes but for the clients, services and kernel included.
 *
 *   node bench/live-hosted.ts [--streams 2] [--rounds 1]
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { fleetMissing, startFleet } from '../server/fixtures/test-fleet.ts';
import type { LiveLogLine } from './live/live-log.ts';
import { type LiveScore, scoreLogs } from './live/live-score.ts';
import { type LiveServer, startLiveServer } from './live/live-server.ts';
import { playClip } from './live/play-clip.ts';
import { machineSeconds, quietMachine } from './live/processor.ts';
import { liveFolders, readPlayedClip, readPlayedClips, readReferences } from './live/reference.ts';
import { seconds } from './live/show-score.ts';
import { defaultModelsDir } from './models-dir.ts';

const { values: flags } = parseArgs({
  options: { streams: { type: 'string', default: '2' }, rounds: { type: 'string', default: '1' } },
});
const STREAMS = Number(flags.streams);
const ROUNDS = Number(flags.rounds);
/** What a stream plays; more streams begin again at the first. */
const playlist = [
  'meeting-2spk-2414-1998',
  'call-2spk-commercial',
  'ls-3080-5032-0009',
  'noisy-ls-3080-snr10',
];
const WARM_UP = 'ls-3080-5032-0009';
const STAGGER_MS = 370;
const TARGET_MORE_MS = 50;
const TARGET_SESSIONS = 0.75;

const { audio, live } = liveFolders();
const references = readReferences(live);
const clips = new Map<string, Buffer>();
for (const clip of readPlayedClips(live))
  if (playlist.includes(clip.clip)) clips.set(clip.clip, await readPlayedClip(audio, clip));

interface Measured {
  readonly lines: readonly LiveLogLine[];
  /** CPU seconds, and the seconds of audio they were spent on. */
  readonly cpu: number;
  readonly audio: number;
}

/** Every stream plays its clip once. */
async function measure(server: Pick<LiveServer, 'url' | 'token'>): Promise<Measured> {
  await quietMachine();
  const [busy, own] = [machineSeconds(), process.cpuUsage()];
  const played = await Promise.all(
    Array.from({ length: STREAMS }, async (_, stream) => {
      await new Promise((resolve) => setTimeout(resolve, stream * STAGGER_MS));
      const clip = playlist[stream % playlist.length] as string;
      return playClip(server, { stream, clip, pcm: clips.get(clip) as Buffer });
    }),
  );
  const { user, system } = process.cpuUsage(own);
  const lines = played.flat();
  const audio = lines.reduce((sum, line) => sum + (line.k === 'end' ? line.stop : 0), 0);
  return { lines, cpu: machineSeconds() - busy - (user + system) / 1e6, audio };
}

/** Starts a server, warms it up, measures once, and ends it. */
async function round(env: Readonly<Record<string, string>>, token?: string): Promise<Measured> {
  const server = await startLiveServer({ ...env, SPEAKR_MODELS_DIR: defaultModelsDir() });
  const known = { url: server.url, token: token ?? server.token };
  try {
    await playClip(known, { stream: 0, clip: WARM_UP, pcm: clips.get(WARM_UP) as Buffer });
    return await measure(known);
  } finally {
    server.child.kill('SIGTERM');
    await server.gone;
  }
}

async function embedded(): Promise<Measured> {
  const dataDir = mkdtempSync(path.join(tmpdir(), 'speakr-live-'));
  try {
    return await round({ SPEAKR_DATA_DIR: dataDir });
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
}

async function hosted(): Promise<Measured> {
  const fleet = await startFleet();
  try {
    return await round({ ...fleet.env, SPEAKR_ROLES: 'all' }, 'alex');
  } finally {
    await fleet.stop();
  }
}

const missing = await fleetMissing();
if (missing !== false) throw new Error(missing);
const measured = { embedded: [] as Measured[], hosted: [] as Measured[] };
for (let count = 0; count < ROUNDS; count += 1) {
  measured.embedded.push(await embedded());
  measured.hosted.push(await hosted());
}

const say = (line: string) => process.stdout.write(`${line}\n`);
function show(name: string, rounds: readonly Measured[]): { score: LiveScore; cost: number } {
  const score = scoreLogs(
    rounds.map(({ lines }) => lines),
    references,
  );
  const total = (of: (round: Measured) => number) => rounds.reduce((sum, round) => sum + of(round), 0);
  const cost = total(({ cpu }) => cpu) / total((round) => round.audio);
  say(
    `${name.padEnd(9)} ${seconds(score.final).padEnd(18)} ${seconds(score.stop).padEnd(13)} ` +
      `${score.wer.toFixed(1).padStart(5)}   ${String(score.missed).padStart(6)}   ${cost.toFixed(3).padStart(11)}   ${(1 / cost).toFixed(2).padStart(8)}`,
  );
  return { score, cost };
}
say(`${STREAMS} streams at once, ${ROUNDS} times; seconds p50 / p95`);
say('          phrase end → final stop → final  WER %   missed   CPU s per s   sessions a core');
const own = show('embedded', measured.embedded);
const fleet = show('hosted', measured.hosted);
const moreMs = 1000 * (fleet.score.final[1] - own.score.final[1]);
const sessions = own.cost / fleet.cost;
target(moreMs <= TARGET_MORE_MS, `finals come ${moreMs.toFixed(0)} ms later at p95 (≤ ${TARGET_MORE_MS})`);
target(
  sessions >= TARGET_SESSIONS,
  `${Math.round(100 * sessions)} % of the sessions a core that the embedded server bears (≥ ${100 * TARGET_SESSIONS} %)`,
);
target(
  fleet.score.missed <= own.score.missed,
  `${fleet.score.missed} phrases missed (embedded: ${own.score.missed})`,
);
process.exit();

function target(isMet: boolean, what: string): void {
  if (!isMet) process.exitCode = 1;
  say(`${isMet ? 'met   ' : 'MISSED'} ${what}`);
}
