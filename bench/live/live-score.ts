import { percentile } from '../../cli/bench/scoring/percentile.ts';
import type { ClipEnd, LiveLogLine, RunEnd, ShownText } from './live-log.ts';
import type { ClipReference } from './reference.ts';
import { scoreClip } from './score-clip.ts';

/** Median and 95th percentile, seconds. */
export type Spread = readonly [p50: number, p95: number];

/** A system over all clips of its logs. */
export interface LiveScore {
  /** Points of word error rate of the finals; clips without speech do not count. */
  readonly wer: number;
  /** Words in clips without speech. */
  readonly invented: number;
  readonly final: Spread;
  readonly firstText: Spread;
  readonly lag: Spread;
  /** Shown words taken back or replaced, per word of the finals. */
  readonly flicker: number;
  readonly flickerPrefix: number;
  readonly stop: Spread;
  readonly missed: number;
  readonly phrases: number;
  /** CPU seconds per second of audio. */
  readonly cpu: number;
  readonly rss: number;
  /** Cores used by others: median and highest of the clips. */
  readonly other: readonly [p50: number, highest: number];
  readonly kinds: Readonly<Record<string, { errors: number; words: number }>>;
}

export const spread = (values: readonly number[]): Spread => [
  percentile(values, 0.5),
  percentile(values, 0.95),
];

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

interface PlayedOnce {
  readonly end: ClipEnd;
  readonly texts: readonly ShownText[];
}

/** The clips of one log, each with what was shown of it. */
function playedClips(lines: readonly LiveLogLine[]): PlayedOnce[] {
  const texts = new Map<string, ShownText[]>();
  const key = ({ stream, clip }: { stream: number; clip: string }) => `${stream} ${clip}`;
  for (const line of lines)
    if (line.k !== 'run' && line.k !== 'end') {
      const shown = texts.get(key(line));
      if (shown === undefined) texts.set(key(line), [line]);
      else shown.push(line);
    }
  const ends = new Map<string, ClipEnd>();
  for (const line of lines) if (line.k === 'end') ends.set(key(line), line);
  return [...ends.values()].map((end) => ({ end, texts: texts.get(key(end)) ?? [] }));
}

/**
 * Scores logs together.
 * @param options `shown` as in `scoreClip`; `clips` leaves all others out
 */
export function scoreLogs(
  logs: readonly (readonly LiveLogLine[])[],
  references: readonly ClipReference[],
  { shown = 'q', clips }: { shown?: 'q' | 'p'; clips?: (clip: string) => boolean } = {},
): LiveScore {
  const known = new Map(references.map((reference) => [reference.clip, reference]));
  const runs = logs.flatMap((lines) => lines.filter((line): line is RunEnd => line.k === 'run'));
  const scored = logs
    .flatMap((lines) => playedClips(lines))
    .filter(({ end }) => clips === undefined || clips(end.clip))
    .map(({ end, texts }) => {
      const reference = known.get(end.clip);
      if (reference === undefined) throw new Error(`There is no reference of ${end.clip}.`);
      return { end, reference, score: scoreClip(reference, texts, shown) };
    });
  const spoken = scored.filter(({ score }) => score.words > 0);
  const kinds: Record<string, { errors: number; words: number }> = {};
  for (const { reference, score } of spoken) {
    const { errors, words } = kinds[reference.kind] ?? { errors: 0, words: 0 };
    kinds[reference.kind] = { errors: errors + score.errors, words: words + score.words };
  }
  const heard = Math.max(1, sum(scored.map(({ score }) => score.heard)));
  const measured = scored.filter(({ end }) => end.cpu !== undefined && end.cpu > 0);
  const cpu =
    measured.length > 0
      ? sum(measured.map(({ end }) => end.cpu ?? 0)) / sum(measured.map(({ reference }) => reference.sec))
      : sum(runs.map((run) => run.cpu)) / Math.max(1e-9, sum(runs.map((run) => run.audio)));
  const others = scored.map(({ end }) => end.other ?? 0);
  return {
    wer:
      (100 * sum(spoken.map(({ score }) => score.errors))) /
      Math.max(1, sum(spoken.map(({ score }) => score.words))),
    invented: sum(scored.filter(({ score }) => score.words === 0).map(({ score }) => score.heard)),
    final: spread(scored.flatMap(({ score }) => score.finals)),
    firstText: spread(scored.flatMap(({ score }) => score.firsts)),
    lag: spread(scored.flatMap(({ score }) => score.lags)),
    flicker: sum(scored.map(({ score }) => score.revised)) / heard,
    flickerPrefix: sum(scored.map(({ score }) => score.revisedPrefix)) / heard,
    stop: spread(scored.map(({ end }) => end.done - end.stop)),
    missed: sum(scored.map(({ score }) => score.missed)),
    phrases: scored.flatMap(({ score }) => score.finals).length,
    cpu,
    rss: sum(runs.map(({ rss }) => rss)),
    other: [percentile(others, 0.5), Math.max(0, ...others)],
    kinds,
  };
}
