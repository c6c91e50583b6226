import { normalWords } from '../../cli/bench/scoring/word-errors.ts';
import { alignWords } from '../../server/transcriber/word-alignment.ts';
import type { ShownText } from './live-log.ts';
import type { ClipReference } from './reference.ts';

/** What one clip says of a system. Times in seconds; see docs/benchmarks.md for what they mean. */
export interface ClipScore {
  readonly errors: number;
  readonly words: number;
  /** Words of all finals. */
  readonly heard: number;
  /** Shown words that were taken back or replaced. */
  readonly revised: number;
  /** The same, when a change also counts for every word after it. */
  readonly revisedPrefix: number;
  readonly finals: number[];
  readonly firsts: number[];
  readonly lags: number[];
  /** Phrases of which nothing was heard. */
  readonly missed: number;
}

const same = (from: readonly string[], to: readonly string[]) => {
  let count = 0;
  while (count < from.length && count < to.length && from[count] === to[count]) count++;
  return count;
};

/** Words of all segments in their order. */
const inOrder = (segments: ReadonlyMap<number, readonly string[]>) =>
  [...segments].sort(([a], [b]) => a - b).flatMap(([, words]) => words);

/**
 * Scores what was shown of one clip.
 * @param texts what was shown, of one stream
 * @param shown `q`: everything that was shown counts; `p`: only what was called stable
 */
export function scoreClip(
  reference: ClipReference,
  texts: readonly ShownText[],
  shown: 'q' | 'p' = 'q',
): ClipScore {
  const events = [...texts].sort((a, b) => a.t - b.t);
  const finals = new Map<number, { words: string[]; t: number }>();
  for (const { k, seg, text, t } of events) if (k === 'f') finals.set(seg, { words: normalWords(text), t });
  const ordered = [...finals].sort(([a], [b]) => a - b);
  const heard = ordered.flatMap(([, { words }]) => words);
  const finalAt = ordered.flatMap(([, { words, t }]) => words.map(() => t));

  const { revised, revisedPrefix, first } = replayDisplay(events, heard, shown);
  const pairs = alignWords(reference.ref, heard);
  const errors = pairs.filter(
    ([i, j]) => i === undefined || j === undefined || reference.ref[i] !== heard[j],
  ).length;
  const heardAs = new Map<number, number>();
  for (const [i, j] of pairs) if (i !== undefined && j !== undefined) heardAs.set(i, j);

  const score = {
    finals: [] as number[],
    firsts: [] as number[],
    lags: [] as number[],
    missed: 0,
  };
  for (const [start, end] of reference.phrases) {
    const said = reference.times.flatMap((time, index) => {
      if (time === null) return [];
      const middle = (time[0] + time[1]) / 2;
      return middle >= start - 0.05 && middle <= end + 0.05 ? [index] : [];
    });
    if (said.length === 0) continue;
    const words = said.flatMap((index) => heardAs.get(index) ?? []);
    if (words.length === 0) {
      score.missed++;
      continue;
    }
    score.finals.push((finalAt[words.at(-1) as number] as number) - end);
    const shownAt = words.flatMap((word) => first.get(word) ?? []);
    if (shownAt.length > 0) score.firsts.push(Math.min(...shownAt) - start);
  }
  for (const [index, time] of reference.times.entries()) {
    const word = heardAs.get(index);
    if (time === null || word === undefined || heard[word] !== reference.ref[index]) continue;
    const at = first.get(word);
    if (at !== undefined) score.lags.push(at - time[1]);
  }
  return { errors, words: reference.ref.length, heard: heard.length, revised, revisedPrefix, ...score };
}

/** Follows what was on the screen: when each word of the finals first stood there, and how often words changed. */
function replayDisplay(events: readonly ShownText[], heard: readonly string[], kind: 'q' | 'p') {
  const segments = new Map<number, string[]>();
  const first = new Map<number, number>();
  const see = (word: number, t: number) => {
    if (!first.has(word)) first.set(word, t);
  };
  let display: string[] = [];
  let revised = 0;
  let revisedPrefix = 0;
  for (const { k, seg, text, t } of events) {
    if (k !== 'f' && k !== kind) continue;
    const words = normalWords(text);
    const before = segments.get(seg);
    if (before !== undefined && before.length === words.length && same(before, words) === words.length)
      continue;
    segments.set(seg, words);
    const next = inOrder(segments);
    const prefix = same(display, next);
    const pairs = alignWords(display.slice(prefix), next.slice(prefix));
    const kept = pairs.filter(
      ([i, j]) => i !== undefined && j !== undefined && display[prefix + i] === next[prefix + j],
    ).length;
    revised += display.length - prefix - kept;
    revisedPrefix += display.length - prefix;
    display = next;
    const right = same(display, heard);
    for (let word = 0; word < right; word++) see(word, t);
    const tail = display.slice(right);
    if (tail.length === 0) continue;
    for (const [i, j] of alignWords(tail, heard.slice(right, right + tail.length + 3)))
      if (i !== undefined && j !== undefined && tail[i] === heard[right + j]) see(right + j, t);
  }
  return { revised, revisedPrefix, first };
}
