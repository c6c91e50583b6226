import type { RedactionKind } from '@speakr/contracts/policies';
import { usualKinds } from './kinds.ts';
import { redactText } from './redact.ts';

/** A sentence with what is personal in it marked: `en | Call {phone:+1 415 555 2671}.` */
export interface RedactionCase {
  readonly language: string;
  readonly said: string;
  /** With placeholders. */
  readonly expected: string;
}

export interface RedactionScore {
  readonly sentences: number;
  readonly found: number;
  readonly missed: number;
  readonly wrong: number;
  readonly precision: number;
  readonly recall: number;
  readonly mistakes: readonly { readonly expected: string; readonly actual: string }[];
}

export function parseCases(text: string): RedactionCase[] {
  return text
    .split('\n')
    .filter((line) => line.includes(' | '))
    .map((line) => {
      const [language = '', marked = ''] = line.split(' | ');
      return {
        language,
        said: marked.replace(/\{\w+:([^}]*)\}/g, '$1'),
        expected: marked.replace(/\{(\w+):[^}]*\}/g, '[$1]'),
      };
    });
}

/** A placeholder counts as right where the whole sentence around it is: too much or too little taken is a mistake. */
export function scoreCases(cases: readonly RedactionCase[]): RedactionScore {
  const kinds = new Set<RedactionKind>(usualKinds);
  let [found, missed, wrong] = [0, 0, 0];
  const mistakes: { expected: string; actual: string }[] = [];
  for (const { language, said, expected } of cases) {
    const actual = redactText(said, language, kinds).text;
    const wanted = placeholders(expected);
    if (actual === expected) {
      found += wanted;
      continue;
    }
    mistakes.push({ expected, actual });
    missed += wanted;
    wrong += placeholders(actual);
  }
  return {
    sentences: cases.length,
    found,
    missed,
    wrong,
    precision: found / Math.max(1, found + wrong),
    recall: found / Math.max(1, found + missed),
    mistakes,
  };
}

const placeholders = (text: string) => text.match(/\[\w+\]/g)?.length ?? 0;
