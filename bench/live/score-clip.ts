import { scoreLive } from '../../cli/bench/scoring/live-score.ts';
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
  const events = texts
    .filter(({ k }) => k === 'f' || k === shown)
    .toSorted((a, b) => a.t - b.t)
    .map(({ k, seg, text, t }) => ({ atMs: t * 1000, segment: seg, text, final: k === 'f' }));
  const span = ([start, end]: readonly [number, number]) => [start * 1000, end * 1000] as const;
  const score = scoreLive(
    {
      words: reference.ref,
      times: reference.times.map((time) => (time === null ? undefined : span(time))),
      phrases: reference.phrases.map(span),
    },
    events,
  );
  return {
    errors: score.errors.errors,
    words: score.errors.words,
    heard: score.finalWords,
    revised: score.revisedWords,
    revisedPrefix: score.revisedFromPrefix,
    finals: seconds(score.finalisationMs),
    firsts: seconds(score.firstTextMs),
    lags: seconds(score.wordLagMs),
    missed: score.missedPhrases,
  };
}

const seconds = (values: readonly number[]) => values.map((ms) => ms / 1000);
