import { ambiguousNames, givenNames } from './given-names.ts';
import type { NotesLanguage } from './languages/language.ts';
import type { Sentence } from './sentences.ts';

export interface People {
  /** Lower-case first name → as written. */
  readonly names: ReadonlyMap<string, string>;
  /** Expression source that matches one person or team. */
  readonly one: string;
  /** Expression source of `(?<who>…)`: one or several joined by "and" or a comma. */
  readonly several: string;
  /** One person called at the end: "…, Tom?"; group 1. */
  readonly calledLast: RegExp;
  /** Whether what an expression matched is written like a person or team. */
  isWho(text: string): boolean;
  /** Those who can be meant in a text: two lots of people with the same answer read the text alike. */
  within(text: string): string;
}

/** Words with a capital that a recognizer writes at random beginnings. */
const pronouns = new Set(
  'i you he she we they it this that there here what who which when where how why the a an my our your his her their its if so ok okay yes no not and but or'.split(
    ' ',
  ),
);

/**
 * Finds who is spoken of and to: speaker labels, given names, and capitalised words that stand where people stand
 * ("…, can you", "thanks, …", "… will").
 */
export function findPeople(
  sentences: readonly Pick<Sentence, 'text' | 'speaker'>[],
  language: NotesLanguage,
): People {
  const names = new Map<string, string>();
  const add = (word: string) => {
    const key = word.toLowerCase();
    if (pronouns.has(key) || language.notPeople.has(key) || names.has(key)) return;
    names.set(key, key[0]!.toUpperCase() + word.slice(1));
  };
  for (const { speaker } of sentences) {
    const first = speaker?.match(/^\p{Lu}[\p{L}'-]+/u)?.[0];
    if (first && !/^speaker$/i.test(first)) add(first);
  }
  const hasUnknownCapital = (text: string) =>
    (text.match(/\p{Lu}[\p{L}'-]*/gu) ?? []).some((word) => {
      const key = word.toLowerCase();
      if (pronouns.has(key) || names.has(key) || language.notPeople.has(key)) return false;
      return !language.stopWords.has(key) || ambiguousNames.has(key);
    });
  const contexts = language.personContexts.map(
    (source) => new RegExp(source.replaceAll('{word}', "(\\p{Lu}[\\p{L}'-]+)"), 'gu'),
  );
  for (const sentence of sentences) {
    const mayTrustCapitals = /\p{Ll}/u.test(sentence.text);
    for (const [word] of sentence.text.matchAll(/\p{L}[\p{L}'-]*/gu)) {
      const key = word.toLowerCase().replace(/'s$/, '');
      if (givenNames.has(key) && !ambiguousNames.has(key)) add(word.replace(/'s$/, ''));
    }
    if (!mayTrustCapitals || !hasUnknownCapital(sentence.text)) continue;
    for (const context of contexts) {
      for (const match of sentence.text.matchAll(context)) {
        const word = match.slice(1).find((group) => group !== undefined);
        if (!word || (word.length > 1 && word === word.toUpperCase())) continue;
        if (language.stopWords.has(word.toLowerCase())) {
          if (!ambiguousNames.has(word.toLowerCase())) continue;
        }
        add(word);
      }
    }
  }
  return { names, ...expressions(names, surnamesIn(sentences, names, language), language) };
}

function surnamesIn(
  sentences: readonly Pick<Sentence, 'text'>[],
  names: ReadonlyMap<string, string>,
  language: NotesLanguage,
): Map<string, Set<string>> {
  const surnames = new Map<string, Set<string>>();
  if (names.size === 0) return surnames;
  const full = new RegExp(
    String.raw`(?<!\p{L})(${[...names.values()].map(escapeExpression).join('|')})\s(\p{Lu}\p{Ll}+)(?![\p{L}'’])`,
    'gu',
  );
  for (const { text } of sentences) {
    for (const [, first, last] of text.matchAll(full)) {
      const key = last!.toLowerCase();
      if (language.stopWords.has(key) || language.notPeople.has(key) || names.has(key)) continue;
      surnames.set(first!, (surnames.get(first!) ?? new Set()).add(last!));
    }
  }
  return surnames;
}

function expressions(
  names: ReadonlyMap<string, string>,
  surnames: ReadonlyMap<string, ReadonlySet<string>>,
  language: NotesLanguage,
) {
  const titles = String.raw`(?:dr|mr|mrs|ms|herr|frau|prof)\.?\s+`;
  const forms = language.forms === '' ? '' : String.raw`(?:(?:${language.forms})\s+)?`;
  const written = [...names.values()];
  const people = written.map((name) => {
    const last = [...(surnames.get(name) ?? [])].map(escapeExpression).join('|');
    return `${escapeExpression(name)}${last === '' ? '' : String.raw`(?:\s(?:${last}))?`}`;
  });
  const one = [
    String.raw`${titles}\p{L}{2,}`,
    ...(people.length > 0 ? [`${forms}(?:${people.join('|')})`] : []),
    language.teams,
    ...language.acronymTeams,
  ].join('|');
  const joint = String.raw`(?:\s*,\s*(?:${language.phrases.and}\s+)?|\s+(?:${language.phrases.and}|&)\s+)`;
  // Expressions ignore case, since recognizers do; "will" and "Will", "it" and "IT" are told apart here.
  const exact = new Map(
    [...written.filter((name) => ambiguousNames.has(name.toLowerCase())), ...language.acronymTeams].map(
      (name) => [name.toLowerCase(), name],
    ),
  );
  return {
    one: `(?:${one})`,
    several: String.raw`(?<who>(?<!\p{L})(?:${one})(?:${joint}(?:${one}))*)(?!\p{L})`,
    calledLast: new RegExp(String.raw`,\s*((?:${one}))\s*[,.?!]*\s*$`, 'iu'),
    within(text: string) {
      const lower = text.toLowerCase();
      return written
        .filter((name) => lower.includes(name.toLowerCase()))
        .map((name) => {
          const last = [...(surnames.get(name) ?? [])].filter((surname) =>
            lower.includes(surname.toLowerCase()),
          );
          return [name, ...last].join(' ');
        })
        .join(',');
    },
    isWho: (text: string) =>
      (text.match(/\p{L}+/gu) ?? []).every((word) => {
        const form = exact.get(word.toLowerCase());
        return form === undefined || form === word;
      }),
  };
}

/** As shown: names as written, teams without their article. */
export function displayName(who: string, people: People): string {
  return who
    .trim()
    .replace(/^(?:the|our|das|die|der|unser|l'|le|la|les|el|los|o|a)\s+/i, '')
    .replace(/[\p{L}'-]+/gu, (word) => people.names.get(word.toLowerCase()) ?? word)
    .replace(/^\p{Ll}/u, (letter) => letter.toUpperCase());
}

function escapeExpression(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
