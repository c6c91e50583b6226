import type { Segment } from '@speakr/contracts/transcript';
import type { SpokenSentence } from './decode-window.ts';
import { alignWords } from './word-alignment.ts';

/** A decoder that stops early leaves words out: a text this much shorter than what was heard live is not believed. */
const LEAST_SHARE = 0.75;

/** Whether what the second pass heard shall replace the live segments of its window, when nothing else is known. */
export function prefersSecond(
  live: readonly Pick<Segment, 'text'>[],
  second: readonly Pick<SpokenSentence, 'text'>[],
): boolean {
  const [before, after] = [textOf(live), textOf(second)];
  return before !== after && countWords(after) >= LEAST_SHARE * countWords(before);
}

/** Whether two texts have the same words, whatever their punctuation. */
export function hasSameWords(
  live: readonly Pick<Segment, 'text'>[],
  second: readonly Pick<SpokenSentence, 'text'>[],
): boolean {
  return normal(wordsOf(textOf(live))).join(' ') === normal(wordsOf(textOf(second))).join(' ');
}

/**
 * The vote of three hearings of the same audio, word by word (after ROVER: Fiscus, "A post-processing system to yield
 * reduced word error rates", 1997): where live and second differ, the third decides; where it has neither, it is the
 * second, which heard more of what is around.
 */
export function voteOnText(
  live: readonly Pick<Segment, 'text'>[],
  second: readonly Pick<SpokenSentence, 'text'>[],
  third: readonly Pick<SpokenSentence, 'text'>[],
): string {
  const before = wordsOf(textOf(live));
  const judge = normal(wordsOf(textOf(third)));
  let chosen = wordsOf(textOf(second));
  const differences = differencesOf(chosen, before);
  // From the end, so that places before it stay.
  for (const { at, length, instead } of differences.reverse()) {
    const other = chosen.toSpliced(at, length, ...instead);
    if (distance(normal(other), judge) < distance(normal(chosen), judge)) chosen = other;
  }
  return chosen.join(' ');
}

interface Difference {
  /** Words of the second from `at` on … */
  readonly at: number;
  readonly length: number;
  /** … for which live has these. */
  readonly instead: readonly string[];
}

function differencesOf(second: readonly string[], live: readonly string[]): Difference[] {
  const [from, to] = [normal(second), normal(live)];
  const differences: Difference[] = [];
  let open: { at: number; length: number; instead: string[] } | undefined;
  let at = 0;
  for (const [i, j] of alignWords(from, to)) {
    if (i !== undefined && j !== undefined && from[i] === to[j]) open = undefined;
    else {
      if (open === undefined) {
        open = { at, length: 0, instead: [] };
        differences.push(open);
      }
      if (i !== undefined) open.length++;
      if (j !== undefined) open.instead.push(live[j] as string);
    }
    if (i !== undefined) at = i + 1;
  }
  return differences;
}

/** How many words must be changed, put in or left out. */
const distance = (from: readonly string[], to: readonly string[]) =>
  alignWords(from, to).filter(([i, j]) => i === undefined || j === undefined || from[i] !== to[j]).length;

const textOf = (parts: readonly { readonly text: string }[]) => parts.map(({ text }) => text).join(' ');
const wordsOf = (text: string) => text.split(/\s+/).filter(Boolean);
const countWords = (text: string) => wordsOf(text).length;
const normal = (words: readonly string[]) =>
  words.map((word) => word.toLowerCase().replace(/[^\p{L}\p{N}']/gu, ''));
