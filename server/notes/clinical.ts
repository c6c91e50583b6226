import type { NotesLine } from '@speakr/contracts/notes';
import type { NotesLanguage } from './languages/language.ts';
import { type Sentence, termsOf } from './sentences.ts';
import { chooseSentences } from './summary.ts';

export type ClinicalSection = 'subjective' | 'objective' | 'assessment' | 'plan';
const order: readonly ClinicalSection[] = ['subjective', 'objective', 'assessment', 'plan'];
const mostLines = 12;

/**
 * Sorts clinical sentences into SOAP sections by the cues of the language. A sentence without a clear cue follows the
 * one before when both are of the same speaker; what has no cue at all is left out.
 */
export function findClinical(
  sentences: readonly Sentence[],
  language: NotesLanguage,
): Record<ClinicalSection, NotesLine[]> {
  const sorted: Record<ClinicalSection, Sentence[]> = {
    subjective: [],
    objective: [],
    assessment: [],
    plan: [],
  };
  let previous: ClinicalSection | undefined;
  for (const sentence of sentences) {
    if (sentence.question || termsOf(sentence.body, language).length < 2) continue;
    const section = sectionOf(sentence, language, previous);
    previous = section ?? previous;
    if (section) sorted[section].push(sentence);
  }
  const lines = (section: ClinicalSection) =>
    (sorted[section].length <= mostLines
      ? sorted[section]
      : chooseSentences({ sentences: sorted[section], language, limit: mostLines, weight: () => 1 })
    ).map(({ text, evidence }) => ({ text, evidence: [...evidence] }));
  return {
    subjective: lines('subjective'),
    objective: lines('objective'),
    assessment: lines('assessment'),
    plan: lines('plan'),
  };
}

function sectionOf(
  sentence: Sentence,
  language: NotesLanguage,
  previous: ClinicalSection | undefined,
): ClinicalSection | undefined {
  const announced = language.clinical.announced.exec(sentence.body)?.groups;
  if (announced) return order.find((section) => announced[section] !== undefined);
  let best: ClinicalSection | undefined;
  let bestScore = 0;
  for (const section of order) {
    const cues = new Set(
      [...sentence.body.matchAll(new RegExp(language.clinical[section], 'giu'))].map(([cue]) =>
        cue.toLowerCase(),
      ),
    ).size;
    // A visit goes from complaint to plan, so a tie goes to the later section; a neighbour pulls a little.
    const score = cues === 0 ? 0 : cues + (section === previous ? 0.5 : 0) + order.indexOf(section) * 0.1;
    if (score > bestScore) [best, bestScore] = [section, score];
  }
  return best;
}
