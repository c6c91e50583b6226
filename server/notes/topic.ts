import type { NotesLanguage } from './languages/language.ts';
import { type Sentence, termsOf, wordsOf } from './sentences.ts';

export interface Topic {
  readonly text: string;
  readonly sentence: Sentence;
}

const lookBack = 5;
const mostWords = 14;
/** "Pretty bad" names no topic. */
const fewWords = 4;

/** What "it" is: the nearest sentence before that names a thing instead of pointing at one. */
export function topicBefore(
  sentences: readonly Sentence[],
  index: number,
  language: NotesLanguage,
): Topic | undefined {
  let fallback: Topic | undefined;
  for (let back = 1; back <= lookBack; back++) {
    const sentence = sentences[index - back];
    if (!sentence) break;
    const said = sentence.body
      .replace(/[.!?…]+$/, '')
      .replace(/^\p{Lu}\p{L}+,\s/u, '')
      .replace(language.topicLead, '')
      .replace(language.topicTail, '')
      .replace(/,\s\p{Lu}\p{L}+$/u, '');
    const announced =
      wordsOf(said).length <= 6 && language.topicLead.test(sentence.text.replace(/^[\p{L}]+,\s/u, ''));
    const terms = termsOf(said, language).length;
    if (terms < (announced ? 1 : 2)) continue;
    const topic = { text: said.split(/\s+/).slice(0, mostWords).join(' '), sentence };
    if (announced) return topic;
    const points = language.pointsAway.test(sentence.body) || language.pronounObject.test(sentence.body);
    if (!points && back < lookBack && wordsOf(said).length >= fewWords) return topic;
    fallback ??= topic;
  }
  return fallback;
}
