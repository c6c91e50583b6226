import type { NotesLine } from '@speakr/contracts/notes';
import type { NotesLanguage } from './languages/language.ts';
import { type Sentence, termsOf, wordsOf } from './sentences.ts';
import { startsWithCapital } from './task-text.ts';

/** How many sentences later an answer, or "nobody knows", still belongs to a question. */
const answerWithin = 3;

/** Questions that nobody answered: no rhetorical ones, no requests, none answered right after. */
export function findOpenQuestions(
  sentences: readonly Sentence[],
  language: NotesLanguage,
  isRequest: (sentence: Sentence) => boolean,
): NotesLine[] {
  const lines: (NotesLine & { terms: Set<string> })[] = [];
  for (const sentence of sentences) {
    const open = language.questions.explicit.test(sentence.body)
      ? !sentence.question || isOpen(sentences, sentence, language)
      : isQuestion(sentence, language) && !isRequest(sentence) && isOpen(sentences, sentence, language);
    if (!open) continue;
    const terms = new Set(termsOf(sentence.body, language));
    const again = lines.find(
      (line) => [...terms].filter((term) => line.terms.has(term)).length >= Math.max(1, terms.size * 0.7),
    );
    if (again || terms.size === 0) continue;
    lines.push({ text: startsWithCapital(sentence.body), evidence: [...sentence.evidence], terms });
  }
  return lines.map(({ text, evidence }) => ({ text, evidence }));
}

/** A question that wants an answer. */
export function isQuestion(sentence: Sentence, language: NotesLanguage): boolean {
  return (
    sentence.question &&
    wordsOf(sentence.body).length >= 3 &&
    !language.questions.rhetorical.test(sentence.body) &&
    !language.procedural.test(sentence.body)
  );
}

function isOpen(sentences: readonly Sentence[], question: Sentence, language: NotesLanguage): boolean {
  const asked = new Set(termsOf(question.body, language));
  for (let ahead = 1; ahead <= answerWithin; ahead++) {
    const next = sentences[question.index + ahead];
    if (!next) return true;
    if (language.questions.unknown.test(next.text)) return true;
    if (language.questions.moveOn.test(next.text) || language.questions.moveOn.test(next.body)) return true;
    // A counter-question, or the same one in other words: see what comes after it.
    if (next.question) continue;
    const words = wordsOf(next.text).length;
    const related = termsOf(next.body, language).some((term) => asked.has(term));
    if (related || words >= 3 || language.acceptance.test(next.text) || language.refusal.test(next.text)) {
      const after = sentences[question.index + ahead + 1];
      return (
        after !== undefined && !after.question && language.questions.unknown.test(after.text) && !related
      );
    }
  }
  return true;
}
