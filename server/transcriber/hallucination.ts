import { normalWord } from './word-forms.ts';

/** Most words a second of speech that people reach over more than a moment. */
const MAX_WORDS_PER_SECOND = 7;
/** Words that are always allowed, so that short speech is not judged by a rate. */
const RATE_ALLOWANCE = 4;
/** A phrase of up to this many words that follows itself again and again is a loop of the decoder. */
const MAX_PHRASE = 12;

/** Times in a row that a phrase of n words may follow itself: people do say "very very very very". */
const allowedRepeats = (words: number) => (words === 1 ? 5 : words <= 3 ? 3 : 2);

/** Faster than this, a text that is little more than a phrase said again is a loop too. */
const HURRIED_WORDS_PER_SECOND = 4.5;

/** What Moonshine answers to a sound without words. */
const NOTHING = new Set(['you']);
/** Who says just that takes less long than this; but so do most noises, s. */
const NOTHING_SECONDS = 0.6;

/** Whether a text is what the decoder says when there is nothing: then it is more likely noise than speech. */
export function saysNothing(text: string, speechSeconds: number): boolean {
  return speechSeconds < NOTHING_SECONDS && NOTHING.has(normalWord(text.trim()));
}

/** Whether a decoder must have invented part of this text, by its rate and by loops. */
export function looksInvented(text: string, speechSeconds: number): boolean {
  const words = text.split(/\s+/).filter(Boolean);
  return words.length > allowedWords(speechSeconds) || findLoop(words, speechSeconds) !== undefined;
}

/** What remains of a text when loops are cut to one round and the end is cut to what can be spoken in the time. */
export function withoutInvention(text: string, speechSeconds: number): string {
  let words = text.split(/\s+/).filter(Boolean);
  const find = () => findLoop(words, speechSeconds);
  for (let loop = find(); loop !== undefined; loop = find())
    words = [...words.slice(0, loop.start + loop.length), ...words.slice(loop.end)];
  return words.slice(0, allowedWords(speechSeconds)).join(' ');
}

const allowedWords = (speechSeconds: number) =>
  RATE_ALLOWANCE + Math.ceil(speechSeconds * MAX_WORDS_PER_SECOND);

/** The first phrase that follows itself more often than people do; the last round may be cut short by the end. */
function findLoop(
  words: readonly string[],
  speechSeconds: number,
): { start: number; end: number; length: number } | undefined {
  const normals = words.map(normalWord);
  const hurried = words.length > speechSeconds * HURRIED_WORDS_PER_SECOND;
  for (let length = 1; length <= MAX_PHRASE; length++)
    for (let start = 0; start + length < normals.length; start++) {
      let end = start + length;
      while (end < normals.length && normals[end] === normals[end - length]) end++;
      const rounds = (end - start) / length;
      const allowed = hurried && length > 1 ? 2 : allowedRepeats(length);
      if (rounds > allowed) return { start, end, length };
    }
  return undefined;
}
