import type { SectionRule } from '../template.ts';
import { de } from './de.ts';
import { en } from './en.ts';
import { es } from './es.ts';
import { fr } from './fr.ts';
import type { NotesLanguage } from './language.ts';
import { pt } from './pt.ts';
import { vi } from './vi.ts';

/** The languages notes are written in. Add yours as a file beside this one and here. */
export const languages: readonly NotesLanguage[] = [en, de, fr, es, pt, vi];

/** What is known of a language; of one that nothing is known of, English. */
export function languageOf(code: string): NotesLanguage {
  return languages.find((language) => language.code === code) ?? en;
}

/** Lower-case heading → what such a section is filled with, in all languages. */
export const knownHeadings: ReadonlyMap<string, SectionRule> = new Map(
  languages.flatMap(({ headings }) =>
    (Object.entries(headings) as [SectionRule, string][])
      .filter(([rule]) => rule !== 'about')
      .map(([rule, heading]) => [heading.toLowerCase(), rule] as const),
  ),
);
