import type { Segment } from '@speakr/contracts/transcript';
import type { SpokenSentence } from './decode-window.ts';

/** A decoder that stops early leaves words out: a text this much shorter than what was heard live is not believed. */
const LEAST_SHARE = 0.75;

/** Whether what the second pass heard shall replace the live segments of its window. */
export function prefersSecond(
  live: readonly Pick<Segment, 'text'>[],
  second: readonly Pick<SpokenSentence, 'text'>[],
): boolean {
  const [before, after] = [textOf(live), textOf(second)];
  return before !== after && countWords(after) >= LEAST_SHARE * countWords(before);
}

const textOf = (parts: readonly { readonly text: string }[]) => parts.map(({ text }) => text).join(' ');
const countWords = (text: string) => text.split(/\s+/).filter(Boolean).length;
