import type { Segment } from '@speakr/contracts/transcript';
import type { DecodedWindow, SpokenSentence } from './decode-window.ts';
import { splitSentences } from './sentences.ts';
import { surerWords } from './surer-words.ts';

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

/** A live segment, and how sure the model was of each of its words, where it said so. */
export type HeardSegment = Pick<Segment, 'words'> & { readonly confidences?: readonly number[] };

/** What the second pass heard, with those live words of which the model was surer. */
export function withSurerWords(
  live: readonly HeardSegment[],
  { sentences, confidences = [] }: Pick<DecodedWindow, 'sentences' | 'confidences'>,
): readonly SpokenSentence[] {
  const heard = sentences.flatMap(({ words }) => words);
  const known = live.every(({ words, confidences }) => words?.length === confidences?.length);
  if (!known || heard.length !== confidences.length) return sentences;
  const first = {
    words: live.flatMap(({ words = [] }) => words),
    confidences: live.flatMap(({ confidences = [] }) => confidences),
  };
  const words = surerWords(first, { words: heard, confidences });
  let taken = 0;
  return splitSentences(words.map(({ text }) => text).join(' ')).map((text) => {
    const own = words.slice(taken, taken + countWords(text));
    taken += own.length;
    return { text, words: own, startMs: own[0]?.startMs ?? 0, endMs: own.at(-1)?.endMs ?? 0 };
  });
}

const textOf = (parts: readonly { readonly text: string }[]) => parts.map(({ text }) => text).join(' ');
const countWords = (text: string) => text.split(/\s+/).filter(Boolean).length;
