import snowball from 'snowball-stemmers';
import { canonicalTones } from '../written/vietnamese-tones.ts';
import { writtenText } from '../written/written-form.ts';
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
 * Keyword terms of a text, repeated as often as they occur: stems of its words, each number as `#` and its value
 * however it was written ("twelve", "12", "12th"), and in Vietnamese, whose words are of several syllables, pairs of
 * neighbouring syllables.
 * @param language ISO 639-1; chooses the stemmer
 */
export function termsOf(text: string, language: string): string[] {
  const isVietnamese = language === 'vi';
  const words = wordsOf(isVietnamese ? canonicalTones(text) : text);
  return [
    ...words.filter((word) => !stopWords.has(word)).flatMap((word) => stemsOf(word, language)),
    ...(isVietnamese ? syllablePairs(words) : []),
    ...numbersOf(words, text, [language]).map(numberTerm),
  ];
}

/**
 * The terms of a question, whose own language is not known: each word gives its stems in all languages of what is
 * searched.
 * @param languages ISO 639-1
 * @returns for each different word or number the terms that may stand for it in a passage
 */
export function questionTerms(question: string, languages: readonly string[]): string[][] {
  const isVietnamese = mayBeVietnamese(question.normalize('NFC'), languages);
  const words = wordsOf(isVietnamese ? canonicalTones(question) : question);
  const byWord = new Map<string, string[]>();
  for (const word of words) {
    if (stopWords.has(word) || byWord.has(word)) continue;
    byWord.set(word, [...new Set(languages.flatMap((language) => stemsOf(word, language)))]);
  }
  if (isVietnamese) for (const pair of syllablePairs(words)) byWord.set(pair, [pair]);
  const numbers = new Set(numbersOf(words, question, languages).map(numberTerm));
  return [...byWord.values(), ...[...numbers].map((number) => [number])].filter((terms) => terms.length > 0);
}

const numberTerm = (value: number) => `#${value}`;

const vietnamese = /[đơưăạảấầẩẫậắằẳẵặẹẻẽếềểễệỉĩịọỏốồổỗộớờởỡợụủũứừửữựỳỵỷỹ]/iu;
/** Accents that Vietnamese shares with its neighbours in Latin letters. */
const accented = /[àáâãèéêìíòóôõùúý]/iu;

/** With letters that another language has, only where none but English, which has no accents, is searched beside it. */
function mayBeVietnamese(question: string, languages: readonly string[]): boolean {
  if (!languages.includes('vi')) return false;
  const others = languages.filter((language) => language !== 'vi');
  if (others.length === 0 || vietnamese.test(question)) return true;
  return accented.test(question) && others.every((language) => language === 'en');
}

const syllablePairs = (words: readonly string[]): string[] =>
  words.slice(1).map((word, index) => `${words[index]} ${word}`);

/** Numbers in digits and in English words, and those that the languages say in words of their own. */
function numbersOf(words: readonly string[], text: string, languages: readonly string[]): number[] {
  const numbers = numbersIn(words);
  const known = new Set(numbers);
  for (const language of languages) {
    if (language === 'en') continue;
    const written = writtenText(text, language);
    if (written === text) continue;
    for (const word of wordsOf(written)) {
      if (!/^\d/.test(word) || known.has(Number(word))) continue;
      known.add(Number(word));
      numbers.push(Number(word));
    }
  }
  return numbers;
}

/** A number with its ordinal ending, or a word with what follows an apostrophe. */
const wordPattern = /\d+(?:[.,]\d+)*(?:st|nd|rd|th)?(?![\p{L}\p{N}])|[\p{L}\p{M}\p{N}]+(?:['’][\p{L}]+)*/gu;

/** Words in lower case; digits without separators of thousands and ordinal endings. */
export function wordsOf(text: string): string[] {
  // A narrow space between thousands, as French has it, is none between words.
  const joined = text.replace(/(?<=\d)\u202f(?=\d{3})/gu, '');
  const words = joined.normalize('NFKC').toLowerCase().match(wordPattern) ?? [];
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
