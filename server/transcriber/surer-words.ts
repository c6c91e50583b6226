import type { Word } from '@speakr/contracts/transcript';
import { alignWords } from './word-alignment.ts';
import { bareWord, markOf, normalWord } from './word-forms.ts';

/** Words as they were heard once, and how sure the model was of each, as a probability. */
export interface HeardWords {
  readonly words: readonly Word[];
  readonly confidences: readonly number[];
}

/** The first hearing must be so much likelier than the second, which hears more around a word; a natural logarithm. */
const FAVOUR = 0.5;
/** The logarithm of how likely it is that nothing was said where the other hearing has words. */
const NOTHING = -2;

const endsSentence = (word: string) => /[.!?…]$/.test(word);

/** A word that both hearings have, or what each of them has where they differ. */
interface Stretch {
  readonly first: readonly Word[];
  readonly second: readonly Word[];
  readonly firstIsSurer: boolean;
}

/**
 * The second hearing, with those words of the first of which the model was surer. Both are aligned, as for ROVER (Fiscus,
 * "A post-processing system to yield reduced word error rates", 1997); where they differ, the words are taken that are
 * likelier all together. What the first has instead gets the times and the final mark of what it replaces.
 */
export function surerWords(first: HeardWords, second: HeardWords): Word[] {
  const heard: Word[] = [];
  const stretches = compare(first, second);
  for (const [index, stretch] of stretches.entries()) {
    const [before, next] = [stretches[index - 1], stretches[index + 1]];
    if (!stretch.firstIsSurer) {
      const [word, ...others] = stretch.second;
      if (word === undefined) continue;
      heard.push(before?.firstIsSurer ? goOn(word, stretch.first[0], heard.at(-1)) : word, ...others);
    } else if (stretch.first.length === 0) leaveOut(stretch.second, heard);
    else if (stretch.second.length > 0) heard.push(...instead(stretch, heard.at(-1)));
    else putIn(stretch.first, before?.first.at(-1), next?.second[0], heard);
  }
  return heard;
}

function compare(first: HeardWords, second: HeardWords): Stretch[] {
  const stretches: Stretch[] = [];
  const texts = ({ words }: HeardWords) => words.map(({ text }) => normalWord(text));
  const [firstTexts, secondTexts] = [texts(first), texts(second)];
  let [from, to]: [number[], number[]] = [[], []];
  const close = (same: boolean) => {
    if (from.length + to.length === 0) return;
    stretches.push({
      first: from.map((index) => first.words[index] as Word),
      second: to.map((index) => second.words[index] as Word),
      firstIsSurer: !same && likelihood(first, from) > likelihood(second, to) + FAVOUR,
    });
    [from, to] = [[], []];
  };
  for (const [i, j] of alignWords(firstTexts, secondTexts)) {
    const same = i !== undefined && j !== undefined && firstTexts[i] === secondTexts[j];
    if (same) close(false);
    if (i !== undefined) from.push(i);
    if (j !== undefined) to.push(j);
    if (same) close(true);
  }
  close(false);
  return stretches;
}

const likelihood = ({ confidences }: HeardWords, indices: readonly number[]): number =>
  indices.length === 0
    ? NOTHING
    : indices.reduce((sum, index) => sum + Math.log(confidences[index] as number), 0);

/** A word behind others than those it was heard with: with a capital where a sentence begins, or where both heard one. */
function goOn(word: Word, first: Word | undefined, before: Word | undefined): Word {
  if (before === undefined || endsSentence(before.text)) return { ...word, text: capitalized(word.text) };
  return first === undefined || isCapital(first.text) ? word : { ...word, text: uncapitalized(word.text) };
}

/** Without words that were not said; the sentence ends before them then. */
function leaveOut(words: readonly Word[], heard: Word[]): void {
  const before = heard.at(-1);
  const mark = markOf((words.at(-1) as Word).text);
  if (before !== undefined && endsSentence(mark) && !endsSentence(before.text))
    heard[heard.length - 1] = { ...before, text: bareWord(before.text) + mark };
}

function instead({ first, second }: Stretch, before: Word | undefined): Word[] {
  const [begin, end] = [second[0] as Word, second.at(-1) as Word];
  const texts = first.map(({ text }) => text);
  texts[texts.length - 1] = bareWord(texts.at(-1) as string) + markOf(end.text);
  if (before === undefined || endsSentence(before.text)) texts[0] = capitalized(texts[0] as string);
  return spread(texts, begin.startMs, end.endMs);
}

/** @param earlier the word before them, as the first hearing has it; @param next what the second has behind them */
function putIn(
  words: readonly Word[],
  earlier: Word | undefined,
  next: Word | undefined,
  heard: Word[],
): void {
  const before = heard.at(-1);
  const texts = words.map(({ text }) => text);
  if (
    before !== undefined &&
    endsSentence(before.text) &&
    earlier !== undefined &&
    !endsSentence(earlier.text)
  ) {
    // The sentence does not end before them.
    heard[heard.length - 1] = { ...before, text: bareWord(before.text) };
    texts[texts.length - 1] = bareWord(texts.at(-1) as string) + markOf(before.text);
  }
  const [start, end] = [words[0] as Word, words.at(-1) as Word];
  const startMs = Math.max(before?.endMs ?? 0, Math.min(start.startMs, next?.startMs ?? start.startMs));
  heard.push(...spread(texts, startMs, Math.max(startMs, Math.min(end.endMs, next?.startMs ?? end.endMs))));
}

const isCapital = (word: string) => word !== uncapitalized(word);
const uncapitalized = (word: string) => word.charAt(0).toLowerCase() + word.slice(1);
const capitalized = (word: string) => word.charAt(0).toUpperCase() + word.slice(1);

/** Words that share a time evenly. */
function spread(texts: readonly string[], startMs: number, endMs: number): Word[] {
  const at = (index: number) => Math.round(startMs + (index * (endMs - startMs)) / texts.length);
  return texts.map((text, index) => ({ text, startMs: at(index), endMs: at(index + 1), estimated: true }));
}
