import snowball from 'snowball-stemmers';
import { isNumberWord, numbersIn } from './number-words.ts';

/** Stemmers by ISO 639-1 code. What is missing here is not stemmed. */
const algorithms: Record<string, string> = {
  ar: 'arabic',
  ca: 'catalan',
  cs: 'czech',
  da: 'danish',
  de: 'german',
  en: 'english',
  es: 'spanish',
  fi: 'finnish',
  fr: 'french',
  hu: 'hungarian',
  it: 'italian',
  nl: 'dutch',
  no: 'norwegian',
  pt: 'portuguese',
  ro: 'romanian',
  ru: 'russian',
  sv: 'swedish',
  tr: 'turkish',
};

/** English words that say nothing about the topic. Other languages rest on the weight of rare words. */
const stopWords = new Set(
  `a about after again all also am an and any are as at be because been before being between both but by can could did
  do does doing down during each else ever for from further get got had has have having he her here hers him his how i
  if in into is it its just let like many may me might more most much must my no nor not of off on once only or other
  our out over own really said same say says shall she should so some such tell than that the their them then there
  these they thing this those through to too under until up upon us very was we were what when where which while who
  whom whose why will with would you your`.split(/\s+/),
);

/** Whether an English word says nothing about the topic. */
export const isStopWord = (word: string): boolean => stopWords.has(word.toLowerCase());

/** Scripts that write words without spaces between them. */
const unspaced =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Khmer}\p{Script=Lao}]/u;

/**
 * Keyword terms of a text, repeated as often as they occur: stems of its words, and each number as `#` and its value
 * however it was written ("twelve", "12", "12th").
 * @param language ISO 639-1; chooses the stemmer
 */
export function termsOf(text: string, language: string): string[] {
  const words = wordsOf(text);
  return [
    ...words.filter((word) => !stopWords.has(word)).flatMap((word) => stemsOf(word, language)),
    ...numbersIn(words).map(numberTerm),
  ];
}

/**
 * The terms of a question, whose own language is not known: each word gives its stems in all languages of what is
 * searched.
 * @param languages ISO 639-1
 * @returns for each different word or number the terms that may stand for it in a passage
 */
export function questionTerms(question: string, languages: readonly string[]): string[][] {
  const words = wordsOf(question);
  const byWord = new Map<string, string[]>();
  for (const word of words) {
    if (stopWords.has(word) || byWord.has(word)) continue;
    byWord.set(word, [...new Set(languages.flatMap((language) => stemsOf(word, language)))]);
  }
  const numbers = new Set(numbersIn(words).map(numberTerm));
  return [...byWord.values(), ...[...numbers].map((number) => [number])].filter((terms) => terms.length > 0);
}

const numberTerm = (value: number) => `#${value}`;

/** A number with its ordinal ending, or a word with what follows an apostrophe. */
const wordPattern = /\d+(?:[.,]\d+)*(?:st|nd|rd|th)?(?![\p{L}\p{N}])|[\p{L}\p{M}\p{N}]+(?:['’][\p{L}]+)*/gu;

/** Words in lower case; digits without separators of thousands and ordinal endings. */
export function wordsOf(text: string): string[] {
  const words = text.normalize('NFKC').toLowerCase().match(wordPattern) ?? [];
  return words.map((word) =>
    /^\d/.test(word)
      ? word
          .replace(/(?<=\d)(?:st|nd|rd|th)$/, '')
          .replace(/[,.](?=\d{3}(?:\D|$))/g, '')
          .replace(',', '.')
      : word.replace(/['’]s$/, '').replaceAll('’', "'"),
  );
}

const stemmers = new Map<string, { stem(word: string): string }>();

function stemsOf(word: string, language: string): string[] {
  // A number is a term of its own, see `numbersIn`.
  if (isNumberWord(word)) return [];
  if (unspaced.test(word)) return pairsOf(word);
  const algorithm = algorithms[language];
  if (algorithm === undefined) return [word];
  let stemmer = stemmers.get(algorithm);
  if (stemmer === undefined) {
    stemmer = snowball.newStemmer(algorithm);
    stemmers.set(algorithm, stemmer);
  }
  return [stemmer.stem(word)];
}

/** Neighbouring characters: what passes for words where none are separated. */
function pairsOf(word: string): string[] {
  const characters = [...word];
  if (characters.length === 1) return characters;
  return characters.slice(1).map((character, index) => characters[index]! + character);
}
