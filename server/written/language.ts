import type { Phrase } from './phrase.ts';

/** A number that some words say. */
export interface NumberReading {
  readonly value: number;
  /** Word behind its last one. */
  readonly end: number;
}

/** What a rule makes of some words; without a text they stay as they were said. */
export interface RuleResult {
  readonly end: number;
  readonly text?: string;
}

/** @returns undefined when the rule says nothing about what begins at this word */
export type Rule = (phrase: Phrase, at: number) => RuleResult | undefined;

/** An amount: a number, or digits as they are there already. */
export interface Amount {
  readonly value: number;
  /** As it is written: "3,000", "2.5", "4 million". */
  readonly text: string;
  readonly end: number;
  /** Was it written in digits in the transcript? */
  readonly inDigits: boolean;
  /** Has it a decimal part, or a noun of scale behind it? */
  readonly isRound: boolean;
}

export interface CurrencyRule {
  /** Names as they follow an amount. */
  readonly names: readonly string[];
  /** @param amount as it is written */
  write(amount: string): string;
  /** Names of the hundredth. */
  readonly cents?: readonly string[];
}

/** How a language says numbers and writes them. */
export interface SpokenLanguage {
  readonly code: string;
  /** The longest number that begins at a word. */
  number(words: readonly string[], at: number): NumberReading | undefined;
  isNumberWord(word: string): boolean;
  /** Single digits by their names. */
  readonly digits: ReadonlyMap<string, number>;
  /** "double", "triple". */
  readonly repeats: ReadonlyMap<string, number>;
  /** "point", "Komma". */
  readonly decimal: { readonly words: readonly string[]; readonly sign: ',' | '.' };
  /** Between thousands, from how many digits on. */
  readonly thousands: { readonly sign: string; readonly fromDigits: number };
  /** Nouns that stay words: "million". */
  readonly scales: ReadonlyMap<string, number>;
  /** Numbers below stay words where nothing else is known. */
  readonly smallestWritten: number;
  readonly percent: { readonly names: readonly string[]; readonly sign: string };
  readonly currencies: readonly CurrencyRule[];
  /** Name as it follows an amount → sign. */
  readonly units: readonly (readonly [name: string, sign: string])[];
  /** Between two numbers of a range or a choice: both are written alike. */
  readonly ranges: ReadonlySet<string>;
  /** Behind a number: it stays as it was said. */
  readonly keepBefore: readonly string[];
  /** In front of a number: it stays as it was said. */
  readonly keepAfter: ReadonlySet<string>;
  /** Tried before what all languages share: dates, times, years. */
  readonly rules: readonly Rule[];
  /** Numbers of one word that are a way of speaking: "mil gracias". */
  readonly idioms?: ReadonlySet<string>;
  /** Number words that are other words more often: they never make a number on their own. */
  readonly weak?: ReadonlySet<string>;
  /** Canonical characters, before anything else. */
  tidy?(text: string): string;
  /** An own way of writing a reading, for numbers that mean years for example. */
  writeNumber?(phrase: Phrase, at: number, reading: NumberReading): string | undefined;
}

/** Words → the values they are given in order, from `first` on. */
export const counted = (words: string, first = 0, step = 1): Map<string, number> =>
  new Map(words.split(/\s+/).map((word, index) => [word, first + index * step]));

/** Whether words of a name stand at a place. @returns the word behind them */
export function nameAt(words: readonly string[], at: number, names: readonly string[]): number | undefined {
  for (const name of names) {
    const parts = name.split(' ');
    if (parts.every((part, offset) => words[at + offset] === part)) return at + parts.length;
  }
  return undefined;
}

/** Digits with a sign between thousands. */
export function groupDigits(value: number, { sign, fromDigits }: SpokenLanguage['thousands']): string {
  const digits = `${value}`;
  return digits.length < fromDigits ? digits : digits.replace(/\B(?=(\d{3})+$)/g, sign);
}
