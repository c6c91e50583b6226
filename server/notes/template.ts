import { type BuiltInTemplate, builtInTemplates } from '@speakr/contracts/note-templates';
import { SpeakrError } from '@speakr/contracts/problem';
import type { Headings } from './languages/language.ts';
import { interview } from './templates/interview.ts';
import { meeting } from './templates/meeting.ts';
import { plain } from './templates/plain.ts';
import { soap } from './templates/soap.ts';

/** What a section is filled with. docs/templates.md says what each does. */
export const sectionRules = [
  'summary',
  'decisions',
  'actions',
  'questions',
  'moments',
  'answers',
  'subjective',
  'objective',
  'assessment',
  'plan',
  'about',
] as const;
export type SectionRule = (typeof sectionRules)[number];

export interface TemplateSection {
  readonly id: string;
  /** As shown; absent: in the language of the recording, by the rule. */
  readonly heading?: string;
  readonly rule: SectionRule;
  /** What the lines of an `about` section speak of; also told to a language model. */
  readonly words?: readonly string[];
  /** Most lines the section may have. */
  readonly limit?: number;
}

/** A notes template: which sections, in which order. */
export interface NotesTemplate {
  readonly name: string;
  readonly sections: readonly TemplateSection[];
}

/** The templates that come with speakr. */
const templates: Readonly<Record<BuiltInTemplate, NotesTemplate>> = { meeting, soap, interview, plain };

/** @throws SpeakrError `template_unknown` */
export function builtInTemplate(name: string): NotesTemplate {
  const known = builtInTemplates.find((candidate) => candidate === name);
  if (known === undefined) throw new SpeakrError('template_unknown', `There is no template "${name}".`);
  return templates[known];
}

/** The heading of a section in the language of the recording. */
export function headingOf(section: TemplateSection, headings: Headings): string {
  return section.heading ?? headings[section.rule];
}
