import {
  type AlignedWord,
  alignWords,
  countWordErrors,
  normalWords,
  type WordErrors,
} from './word-errors.ts';

/** Text that was shown at a moment; it replaces what its segment showed before. */
export interface ShownText {
  /** ms since the first sample of the audio. */
  readonly atMs: number;
  /** Place of its segment in the text, ascending. */
  readonly segment: number;
  readonly text: string;
  /** A final ends its segment. */
  readonly final: boolean;
}

/** What was said, in normal words, and when. */
export interface SpokenReference {
  readonly words: readonly string[];
  /** Start and end of each word, ms; undefined where unknown. */
  readonly times: readonly (readonly [startMs: number, endMs: number] | undefined)[];
  /** Stretches between two pauses, ms. */
  readonly phrases: readonly (readonly [startMs: number, endMs: number])[];
}

/** How the captions of one clip behaved. Lists hold one figure for each word or phrase that could be judged, in ms. */
export interface LiveScore {
  /** Of the finals. */
  readonly errors: WordErrors;
  /** Words of the finals. */
  readonly finalWords: number;
  /** Words that were shown and later changed or taken away. Per final word this is the flicker. */
  readonly revisedWords: number;
  /** The same, when a change also counts for every word behind it. */
  readonly revisedFromPrefix: number;
  /** End of a word → first time it was shown where it stands in the finals. */
  readonly wordLagMs: readonly number[];
  /** End of a word → from then on it stood there unchanged. */
  readonly stabilisationMs: readonly number[];
  /** End of a phrase → the final of its last word. */
  readonly finalisationMs: readonly number[];
  /** Start of a phrase → its first word was shown. */
  readonly firstTextMs: readonly number[];
  /** Phrases of which no word is in the finals. */
  readonly missedPhrases: number;
}

/** A word's middle may lie this far outside of its phrase: its times are estimates, ms. */
const PHRASE_TOLERANCE_MS = 50;
/** How many words further on a shown tail may still be matched with the finals. */
const TAIL_REACH = 3;

/**
 * Scores the captions of one clip. The definitions, with sources, are in docs/bench.md.
 * @param shown in order of time
 */
export function scoreLive(reference: SpokenReference, shown: readonly ShownText[]): LiveScore {
  const finals = new Map<number, { words: string[]; atMs: number }>();
  for (const { segment, text, atMs, final } of shown)
    if (final) finals.set(segment, { words: normalWords(text), atMs });
  const ordered = [...finals].sort(([a], [b]) => a - b).map(([, value]) => value);
  const heard = ordered.flatMap(({ words }) => words);
  const finalAt = ordered.flatMap(({ words, atMs }) => words.map(() => atMs));
  const { firstAt, stableAt, revisedWords, revisedFromPrefix } = watchText(shown, heard);

  const toHeard = new Map<number, number>();
  for (const { reference: said, hypothesis } of alignWords(reference.words, heard))
    if (said !== undefined && hypothesis !== undefined) toHeard.set(said, hypothesis);

  const wordLagMs: number[] = [];
  const stabilisationMs: number[] = [];
  for (const [said, times] of reference.times.entries()) {
    const place = toHeard.get(said);
    if (times === undefined || place === undefined || heard[place] !== reference.words[said]) continue;
    const first = firstAt.get(place);
    const stable = stableAt.get(place);
    if (first !== undefined) wordLagMs.push(first - times[1]);
    if (stable !== undefined) stabilisationMs.push(stable - times[1]);
  }

  const finalisationMs: number[] = [];
  const firstTextMs: number[] = [];
  let missedPhrases = 0;
  for (const [startMs, endMs] of reference.phrases) {
    const said = wordsWithin(reference, startMs, endMs);
    if (said.length === 0) continue;
    const places = said.flatMap((index) => toHeard.get(index) ?? []);
    const last = places.at(-1);
    if (last === undefined) {
      missedPhrases += 1;
      continue;
    }
    finalisationMs.push((finalAt[last] as number) - endMs);
    const shownAt = places.flatMap((place) => firstAt.get(place) ?? []);
    if (shownAt.length > 0) firstTextMs.push(Math.min(...shownAt) - startMs);
  }
  return {
    errors: countWordErrors(reference.words, heard),
    finalWords: heard.length,
    revisedWords,
    revisedFromPrefix,
    wordLagMs,
    stabilisationMs,
    finalisationMs,
    firstTextMs,
    missedPhrases,
  };
}

function wordsWithin({ times }: SpokenReference, startMs: number, endMs: number): number[] {
  return times.flatMap((time, index) => {
    if (time === undefined) return [];
    const middle = (time[0] + time[1]) / 2;
    return middle >= startMs - PHRASE_TOLERANCE_MS && middle <= endMs + PHRASE_TOLERANCE_MS ? [index] : [];
  });
}

/** Follows the whole text on the screen from change to change. */
function watchText(shown: readonly ShownText[], heard: readonly string[]) {
  const segments = new Map<number, string[]>();
  /** Place in the finals → first time the word was there, and since when it has been there all the time. */
  const firstAt = new Map<number, number>();
  const stableAt = new Map<number, number>();
  let text: string[] = [];
  let [revisedWords, revisedFromPrefix] = [0, 0];
  for (const { segment, text: given, atMs } of shown) {
    const words = normalWords(given);
    if (sameWords(segments.get(segment) ?? [], words)) continue;
    segments.set(segment, words);
    const next = [...segments].sort(([a], [b]) => a - b).flatMap(([, value]) => value);
    revisedWords += text.length - keptWords(text, next);
    revisedFromPrefix += text.length - commonPrefix(text, next);
    text = next;
    const places = placesOf(text, heard);
    for (const place of places) {
      if (!firstAt.has(place)) firstAt.set(place, atMs);
      if (!stableAt.has(place)) stableAt.set(place, atMs);
    }
    for (const place of [...stableAt.keys()]) if (!places.has(place)) stableAt.delete(place);
  }
  return { firstAt, stableAt, revisedWords, revisedFromPrefix };
}

const sameWords = (a: readonly string[], b: readonly string[]) =>
  a.length === b.length && a.every((word, index) => word === b[index]);

function commonPrefix(a: readonly string[], b: readonly string[]): number {
  let length = 0;
  while (length < a.length && length < b.length && a[length] === b[length]) length += 1;
  return length;
}

const matches = (aligned: readonly AlignedWord[], a: readonly string[], b: readonly string[]) =>
  aligned.filter(
    (pair): pair is Required<AlignedWord> =>
      pair.reference !== undefined &&
      pair.hypothesis !== undefined &&
      a[pair.reference] === b[pair.hypothesis],
  );

/** How many words of a text are still there in the next one. */
function keptWords(text: readonly string[], next: readonly string[]): number {
  const prefix = commonPrefix(text, next);
  const [from, to] = [text.slice(prefix), next.slice(prefix)];
  return prefix + matches(alignWords(from, to), from, to).length;
}

/** Places of the finals at which the shown text has the right word. */
function placesOf(text: readonly string[], heard: readonly string[]): Set<number> {
  const prefix = commonPrefix(text, heard);
  const places = new Set(Array.from({ length: prefix }, (_, index) => index));
  const tail = text.slice(prefix);
  const ahead = heard.slice(prefix, prefix + tail.length + TAIL_REACH);
  for (const { hypothesis } of matches(alignWords(tail, ahead), tail, ahead)) places.add(prefix + hypothesis);
  return places;
}
