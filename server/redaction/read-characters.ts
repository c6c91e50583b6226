import type { SpokenLanguage } from '../written/language.ts';

/** What one or more tokens say, character by character. */
export interface Characters {
  /** Digits; capitals too where letters are read. */
  readonly text: string;
  /** Token behind the last one. */
  readonly end: number;
  /** Spoken, not written in digits. */
  readonly spoken: boolean;
}

const plusWords = new Set(['plus', 'más', 'mais', 'cộng']);

/**
 * Digits that begin at a token: written in any grouping ("(415)", "555-2671", "06.12"), or said ("four", "double one",
 * "forty one", "vingt-trois").
 * @param words in lower case, without punctuation around them
 */
export function digitsAt(
  words: readonly string[],
  at: number,
  language: SpokenLanguage | undefined,
): Characters | undefined {
  const word = words[at];
  if (word === undefined) return undefined;
  if (/^[(+]*\d(?:[\d().,/–-]*\d)?[)]?$/.test(word))
    return { text: word.replace(/[^\d+]/g, ''), end: at + 1, spoken: false };
  if (plusWords.has(word)) {
    const next = digitsAt(words, at + 1, language);
    return next && { ...next, text: `+${next.text}` };
  }
  if (language === undefined) return undefined;
  const repeat = language.repeats.get(word);
  if (repeat !== undefined) {
    const digit = language.digits.get(words[at + 1] ?? '');
    return digit === undefined ? undefined : { text: `${digit}`.repeat(repeat), end: at + 2, spoken: true };
  }
  const parts = word.split('-');
  if (parts.length > 1 && parts.every(language.isNumberWord)) {
    const whole = language.number(parts, 0);
    return whole?.end === parts.length ? { text: `${whole.value}`, end: at + 1, spoken: true } : undefined;
  }
  const single = language.digits.get(word);
  const number = language.number(words, at);
  if (number !== undefined && number.value >= 10 && !(single !== undefined && number.end > at + 3))
    return { text: `${number.value}`, end: number.end, spoken: true };
  return single === undefined ? undefined : { text: `${single}`, end: at + 1, spoken: true };
}

/** The same, with letters: single ones, and groups of capitals and digits. */
export function charactersAt(
  words: readonly string[],
  shown: readonly string[],
  at: number,
  language: SpokenLanguage | undefined,
): Characters | undefined {
  const written = shown[at] ?? '';
  const bare = written.replace(/[-.]/g, '');
  if (/^[A-Z0-9]+$/.test(bare) && (bare.length < 5 || /\d/.test(bare)))
    return { text: bare, end: at + 1, spoken: false };
  if (/^[a-z]$/i.test(written)) return { text: written.toUpperCase(), end: at + 1, spoken: true };
  return digitsAt(words, at, language);
}
