/**
 * Live captions on CPU time: chunks come on schedule, and work takes the CPU time that it needs on a quiet machine with
 * `--cores` of its own (`--measured`: that it used just now). The session, the pool and the engines are those of the product; only time is not.
 * For tuning: a busy machine does not change the figures, and decodes of before are remembered.
 *
 *   node bench/live/replay.ts [--policy JSON] [--clips REGEX] [--dev] [--cores 1] [--workers 2] [--measured] [--log FILE] [--each]
 */
import { parseArgs } from 'node:util';
import { normalWords } from '../../cli/bench/scoring/word-errors.ts';
import { type LivePolicy, livePolicy } from '../../server/transcriber/live-policy.ts';
import { transcribeLive } from '../../server/transcriber/live-session.ts';
import { readClips } from '../clips.ts';
import { type LiveLogLine, writeLiveLog } from './live-log.ts';
import { scoreLogs } from './live-score.ts';
import {
  type ClipReference,
  liveFolders,
  type PlayedClip,
  readPlayedClip,
  readPlayedClips,
  readReferences,
} from './reference.ts';
import { openReplayEngine, type ReplayEngine, type Spent } from './replay-engine.ts';
import { byKind, figures } from './show-score.ts';
import { createVirtualTime } from './virtual-time.ts';

const CHUNK_SAMPLES = 1600;

export interface ReplayOptions {
  readonly policy: LivePolicy;
  readonly cores: number;
  readonly workers: number;
  readonly measured: boolean;
}

/** Plays one clip; the lines of its log. */
export async function replayClip(
  engine: ReplayEngine,
  clip: string,
  pcm: Buffer,
  { policy, cores, workers, measured }: ReplayOptions,
  spent: Spent = new Map(),
): Promise<LiveLogLine[]> {
  const time = createVirtualTime(cores);
  const recognizer = engine.recognizer(time, workers, measured);
  const voiceActivity = engine.voiceActivity(time, measured);
  const total = pcm.length / 2;
  const lines: LiveLogLine[] = [];
  let done = total / 16_000;
  const put = (k: 'p' | 'q' | 'f', seg: number, text: string) =>
    lines.push({ stream: 0, clip, t: time.now() / 1000, k, seg, text });

  async function* chunks() {
    for (let from = 0; from < total; from += CHUNK_SAMPLES) {
      const to = Math.min(total, from + CHUNK_SAMPLES);
      await time.until(to / 16);
      yield { track: 0, offset: from, pcm: pcm.subarray(from * 2, to * 2) };
    }
  }
  await time.run(
    (async () => {
      await recognizer.warm();
      await transcribeLive({
        chunks: chunks(),
        fromSample: 0,
        available: () => Math.min(total, Math.floor((time.now() * 16) / CHUNK_SAMPLES) * CHUNK_SAMPLES),
        recognizer,
        voiceActivity,
        language: 'en',
        session: 'replay',
        clock: { now: time.now, monotonic: time.now },
        signal: new AbortController().signal,
        policy,
        onPartial({ segment, text, stable }) {
          put('p', segment, stable);
          put('q', segment, text);
        },
        async onFinal({ segment, text }) {
          put('f', segment, text);
          done = Math.max(done, time.now() / 1000);
        },
        onState() {},
      });
    })(),
  );
  let cpu = voiceActivity.cpuSeconds();
  for (const [priority, { decodes, audioSeconds, cpuSeconds }] of recognizer.spent) {
    cpu += cpuSeconds;
    const all = spent.get(priority) ?? { decodes: 0, audioSeconds: 0, cpuSeconds: 0 };
    all.decodes += decodes;
    all.audioSeconds += audioSeconds;
    all.cpuSeconds += cpuSeconds;
    spent.set(priority, all);
  }
  lines.push({ k: 'end', stream: 0, clip, stop: total / 16_000, done, cpu, other: 0 });
  return lines;
}

/** All English clips but those of the reference, which have words only. */
async function heldOut(audio: string, references: readonly ClipReference[]) {
  const clips = (await readClips(audio)).filter(
    ({ file, variant }) => !variant && !references.some(({ clip }) => `${clip}.flac` === file),
  );
  return {
    played: clips.map(({ file }): PlayedClip => ({ clip: file.replace(/\.flac$/, ''), file })),
    references: clips.map(({ file, kind, seconds, transcript }): ClipReference => {
      const ref = kind === 'no-speech' ? [] : normalWords(transcript);
      return {
        ...{ clip: file.replace(/\.flac$/, ''), kind, sec: seconds, ref },
        phrases: [],
        times: ref.map(() => null),
      };
    }),
  };
}

if (import.meta.main) {
  const { values: flags } = parseArgs({
    options: {
      policy: { type: 'string', default: '{}' },
      clips: { type: 'string', default: '' },
      dev: { type: 'boolean', default: false },
      cores: { type: 'string', default: '1' },
      workers: { type: 'string', default: '2' },
      log: { type: 'string' },
      each: { type: 'boolean', default: false },
      measured: { type: 'boolean', default: false },
    },
  });
  const { audio, live } = liveFolders();
  const known = readReferences(live);
  const { played, references } = flags.dev
    ? await heldOut(audio, known)
    : { played: readPlayedClips(live), references: known };
  const wanted = new RegExp(flags.clips);
  const options: ReplayOptions = {
    policy: { ...livePolicy, ...(JSON.parse(flags.policy) as Partial<LivePolicy>) },
    cores: Number(flags.cores),
    workers: Number(flags.workers),
    measured: flags.measured,
  };
  const engine = await openReplayEngine();
  const lines: LiveLogLine[] = [];
  const spent: Spent = new Map();
  for (const clip of played.filter(({ clip }) => wanted.test(clip))) {
    const own = await replayClip(engine, clip.clip, await readPlayedClip(audio, clip), options, spent);
    lines.push(...own);
    if (flags.each)
      process.stdout.write(`${clip.clip.padEnd(28)} ${figures(scoreLogs([own], references))}\n`);
  }
  await engine.close();
  if (flags.log !== undefined) writeLiveLog(flags.log, lines);
  const score = scoreLogs([lines], references);
  const noisy = (clip: string) => clip.includes('snr');
  process.stdout.write(`${figures(score)}\n`);
  if (!flags.dev && played.some(({ clip }) => noisy(clip))) {
    const { final } = scoreLogs([lines], references, { clips: (clip) => !noisy(clip) });
    process.stdout.write(
      `without the noisy clip: final ${final.map((value) => value.toFixed(2)).join(' / ')}\n`,
    );
  }
  process.stdout.write(`${byKind(score)}\n`);
  for (const [priority, { decodes, audioSeconds, cpuSeconds }] of spent)
    process.stdout.write(
      `${priority}: ${decodes} decodes of ${(audioSeconds / decodes).toFixed(2)} s, ${cpuSeconds.toFixed(1)} s of a core\n`,
    );
}
