import type { LivePolicy } from './live-policy.ts';
import { alignWords } from './word-alignment.ts';
import { bareWord, markOf, normalWord } from './word-forms.ts';
import { findOverlap } from './word-overlap.ts';

/**
 * What to show of the hypotheses of an open segment, each of which heard more than the one before.
 *
 * LocalAgreement-2 (Macháček et al., "Turning Whisper into Real-Time Transcription System", 2023): the words on which
 * two hypotheses in a row agree, from the start, are stable and never taken back. Punctuation after the last stable
 * word stays open, since a hypothesis ends with a full stop wherever the audio ends.
 */
export interface Agreement {
  /** Takes the next hypothesis; returns what to show. `text` begins with `stable`. */
  add(text: string, ending?: Ending): Shown;
  /** Takes a hypothesis of the segment from its very start. */
  addWhole(text: string, ending?: Ending): Shown;
  /**
   * Takes a hypothesis of audio that begins somewhere inside of what is shown. From then on hypotheses begin there.
   * @returns undefined, and nothing changes, when it is not clear where
   */
  addLater(text: string, ending?: Ending): Shown | undefined;
}

/** What is known of the last word of a hypothesis. */
export interface Ending {
  /** The audio ended between two words, not inside of one. */
  readonly complete?: boolean;
  /** How sure the model is of that word, as a probability, where it says so. */
  readonly confidence?: number;
}

export interface Shown {
  readonly text: string;
  readonly stable: string;
}

interface ShownWord {
  readonly text: string;
  /** Heard with others behind it, or before a pause. */
  readonly solid: boolean;
  /** The last hypothesis does not have it. */
  readonly doubted: boolean;
}

const punctuation = (word: string | undefined) => (word === undefined ? '' : markOf(word));
const split = (text: string) => text.split(/\s+/).filter(Boolean);

export function createAgreement({
  lastWordSure,
  onlyWordSure,
}: Pick<LivePolicy, 'lastWordSure' | 'onlyWordSure'>): Agreement {
  /** Words before the audio of the hypotheses. */
  let passed: string[] = [];
  let stable: string[] = [];
  /** What is shown behind the stable words. */
  let shown: ShownWord[] = [];
  let before: string[] = [];

  const grow = (words: readonly string[], from: number, agreed: number) => {
    const last = stable.length - 1;
    // The last stable word gets its punctuation now that words follow it; its letters stay.
    if (last >= 0 && from > 0 && normalWord(words[from - 1] as string) === normalWord(stable[last] as string))
      stable[last] += punctuation(words[from - 1]);
    stable = [...stable, ...words.slice(from, from + agreed)];
    stable[stable.length - 1] = bareWord(stable.at(-1) as string);
    shown = shown.slice(agreed);
  };

  /** The hypothesis without what its audio makes of a word that is cut in two at its start. */
  const beginRightly = (words: readonly string[]) => {
    const all = [...stable, ...shown.map(({ text }) => text)];
    const overlap = findOverlap(all.map(normalWord), words.map(normalWord));
    return overlap === undefined
      ? [...words]
      : [...all.slice(0, overlap.from), ...words.slice(overlap.begin)];
  };

  const add = (text: string, ending: Ending = {}): Shown => {
    const { complete = false } = ending;
    const only = passed.length + stable.length + shown.length === 0;
    const words = passed.length === 0 ? split(text) : beginRightly(split(text));
    let from = endOfStable(stable, words);
    const earlier = before.slice(endOfStable(stable, before)).map(normalWord);
    before = words;
    let tail = words.slice(from);
    let agreed = 0;
    while (agreed < tail.length && normalWord(tail[agreed] as string) === earlier[agreed]) agreed++;
    if (agreed > 0) {
      grow(words, from, agreed);
      from += agreed;
      tail = tail.slice(agreed);
    }
    const seenTwice = matched(tail, earlier.slice(agreed));
    const heard = tail.map((text, index): ShownWord => {
      return { text, solid: complete || index < tail.length - 1, doubted: false };
    });
    let next = keepUnconfirmed(shown, heard, seenTwice);
    const lastHeard = tail.at(-1) ?? '';
    // Mostly the audio was cut inside of the last word; nothing at all to read is worse than a word that may change.
    const least = only && tail.length === 1 ? onlyWordSure : lastWordSure;
    if (
      !complete &&
      (ending.confidence ?? likelyConfidence(lastHeard)) < least &&
      next.at(-1)?.text === lastHeard &&
      !seenTwice.has(tail.length - 1)
    )
      next = next.slice(0, -1);
    shown = next;
    const settled = [...passed, ...stable].join(' ');
    const mark = next.length === 0 && words.length > from ? '' : punctuation(words[from - 1]);
    const start = settled + (stable.length === 0 ? '' : mark);
    return { text: [start, ...next.map(({ text }) => text)].filter(Boolean).join(' '), stable: settled };
  };

  return {
    add,
    addWhole(text, ending) {
      if (passed.length === 0) return add(text, ending);
      const words = split(text);
      before = [];
      return add(words.slice(endOfStable(passed, words)).join(' '), ending);
    },
    addLater(text, ending) {
      const all = [...stable, ...shown.map(({ text }) => text)];
      const kept = findOverlap(all.map(normalWord), split(text).map(normalWord))?.from;
      if (kept === undefined) return undefined;
      passed = [...passed, ...all.slice(0, kept)];
      shown = shown.slice(Math.max(0, kept - stable.length));
      stable = stable.slice(kept);
      before = [];
      return add(text, ending);
    },
  };
}

/** Last words are right so often, by whether the hypothesis ends its sentence (ADR 12): for engines that do not say. */
const likelyConfidence = (word: string) => (/[.?!]$/.test(word) ? 0.6 : 0.4);

/** How many words of a hypothesis the stable words stand for: where cutting it makes them most alike. */
function endOfStable(stable: readonly string[], words: readonly string[]): number {
  const aims = words.map(normalWord);
  let row = Array.from({ length: aims.length + 1 }, (_, index) => index);
  for (const [index, word] of stable.map(normalWord).entries()) {
    const next = [index + 1];
    for (const [at, other] of aims.entries())
      next.push(
        Math.min(
          (row[at] as number) + (word === other ? 0 : 1),
          (row[at + 1] as number) + 1,
          (next[at] as number) + 1,
        ),
      );
    row = next;
  }
  let best = Math.min(stable.length, aims.length);
  for (const [at, cost] of row.entries()) if (cost < (row[best] as number)) best = at;
  return best;
}

/** Indices of the words that the earlier tail has at the same place. */
function matched(tail: readonly string[], earlier: readonly string[]): Set<number> {
  const words = tail.map(normalWord);
  const found = new Set<number>();
  for (const [i, j] of alignWords(earlier, words))
    if (i !== undefined && j !== undefined && earlier[i] === words[j]) found.add(j);
  return found;
}

const fromEnd = (list: readonly unknown[], index: number | undefined) =>
  index === undefined ? undefined : list.length - 1 - index;

/**
 * What is shown of the next tail. A word gives way at once to another one that was heard with more behind it; to one that
 * was the last of what was heard, when that is heard twice. One that is missing for the first time is doubted and stays,
 * for the second time it goes; at once goes one that was the last itself. A word that appears between others must be
 * heard twice.
 */
function keepUnconfirmed(
  shown: readonly ShownWord[],
  tail: readonly ShownWord[],
  seenTwice: ReadonlySet<number>,
): ShownWord[] {
  // Aligned from the end: what is new comes behind what is shown rather than between it.
  const pairs = alignWords(
    shown.map(({ text }) => normalWord(text)).reverse(),
    tail.map(({ text }) => normalWord(text)).reverse(),
  )
    .map(([i, j]) => [fromEnd(shown, i), fromEnd(tail, j)] as const)
    .reverse();
  const last = tail.length <= shown.length;
  const lastSolid = pairs.findLastIndex(([i]) => i !== undefined && (shown[i] as ShownWord).solid);
  return pairs.flatMap(([i, j], index) => {
    const before = i === undefined ? undefined : (shown[i] as ShownWord);
    const stays =
      before !== undefined && !before.doubted && (before.solid || (last && j === tail.length - 1));
    const kept = stays ? [{ text: before.text, solid: false, doubted: true }] : [];
    if (j === undefined) return kept;
    const after = tail[j] as ShownWord;
    if (before === undefined) return index > lastSolid || seenTwice.has(j) ? [after] : [];
    if (normalWord(before.text) === normalWord(after.text))
      return [{ ...after, solid: after.solid || before.solid }];
    return stays && j === tail.length - 1 && !seenTwice.has(j) ? kept : [after];
  });
}
