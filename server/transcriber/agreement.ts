import { alignWords } from './word-alignment.ts';

/**
 * What to show of the hypotheses of an open segment, each of which heard more than the one before.
 *
 * LocalAgreement-2 (Macháček et al., "Turning Whisper into Real-Time Transcription System", 2023): the words on which
 * two hypotheses in a row agree, from the start, are stable and never taken back. Punctuation after the last stable
 * word stays open, since a hypothesis ends with a full stop wherever the audio ends.
 */
export interface Agreement {
  /**
   * Takes the next hypothesis; returns what to show. `text` begins with `stable`.
   * @param complete the audio ended between two words, not inside of one
   */
  add(text: string, complete?: boolean): { text: string; stable: string };
}

export interface AgreementOptions {
  /** Does not show the last word of audio that may end inside of it, before a second hypothesis has it. */
  readonly holdBack: boolean;
  /** Does not replace a word that is shown before a second hypothesis has the other. */
  readonly keepShown: boolean;
}

const normal = (word: string) => word.toLowerCase().replace(/[^\p{L}\p{N}']/gu, '');
const bare = (word: string) => word.replace(/[.,;:!?…]+$/u, '');
const punctuation = (word: string | undefined) => (word === undefined ? '' : word.slice(bare(word).length));

export function createAgreement({ holdBack, keepShown }: AgreementOptions): Agreement {
  let stable: string[] = [];
  let before: string[] = [];
  /** What is shown behind the stable words. */
  let shown: string[] = [];

  const grow = (words: readonly string[], from: number, agreed: number) => {
    const last = stable.length - 1;
    // The last stable word gets its punctuation now that words follow it; its letters stay.
    if (last >= 0 && from > 0 && normal(words[from - 1] as string) === normal(stable[last] as string))
      stable[last] += punctuation(words[from - 1]);
    stable = [...stable, ...words.slice(from, from + agreed)];
    stable[stable.length - 1] = bare(stable.at(-1) as string);
    shown = shown.slice(agreed);
  };

  return {
    add(text, complete = false) {
      const words = text.split(/\s+/).filter(Boolean);
      let from = endOfStable(stable, words);
      const earlier = before.slice(endOfStable(stable, before)).map(normal);
      before = words;
      let tail = words.slice(from);
      let agreed = 0;
      while (agreed < tail.length && normal(tail[agreed] as string) === earlier[agreed]) agreed++;
      if (agreed > 0) {
        grow(words, from, agreed);
        from += agreed;
        tail = tail.slice(agreed);
      }
      const seenTwice = matched(tail, earlier.slice(agreed));
      if (keepShown) tail = keepUnconfirmed(shown, tail, seenTwice);
      const last = tail.at(-1);
      if (holdBack && !complete && last !== undefined) {
        const known = normal(shown[tail.length - 1] ?? '') === normal(last) || seenTwice.has(tail.length - 1);
        if (!known) tail = tail.slice(0, -1);
      }
      shown = tail;
      const ending = tail.length === 0 && words.length > from ? '' : punctuation(words[from - 1]);
      const settled = stable.join(' ');
      return {
        text: [settled + (settled === '' ? '' : ending), ...tail].filter(Boolean).join(' '),
        stable: settled,
      };
    },
  };
}

/** How many words of a hypothesis the stable words stand for: where cutting it makes them most alike. */
function endOfStable(stable: readonly string[], words: readonly string[]): number {
  const aims = words.map(normal);
  let row = Array.from({ length: aims.length + 1 }, (_, index) => index);
  for (const [index, word] of stable.map(normal).entries()) {
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
  const words = tail.map(normal);
  const found = new Set<number>();
  for (const [i, j] of alignWords(earlier, words))
    if (i !== undefined && j !== undefined && earlier[i] === words[j]) found.add(j);
  return found;
}

/** The tail with what is shown instead of words that were heard only once in their place. */
function keepUnconfirmed(
  shown: readonly string[],
  tail: readonly string[],
  seenTwice: ReadonlySet<number>,
): string[] {
  return alignWords(shown.map(normal), tail.map(normal)).flatMap(([i, j]) => {
    if (j === undefined) return [];
    const word = tail[j] as string;
    if (i === undefined || seenTwice.has(j) || normal(shown[i] as string) === normal(word)) return [word];
    return [shown[i] as string];
  });
}
