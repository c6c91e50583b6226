import type { NotesLine } from '@speakr/contracts/notes';
import type { NotesLanguage } from './languages/language.ts';
import { isQuestion } from './questions.ts';
import type { Sentence } from './sentences.ts';
import { chooseSentences } from './summary.ts';
import { startsWithCapital } from './task-text.ts';

const sentencesPerAnswer = 3;

/** The questions of an interview, each with the sentences of its answer that say most. */
export function findAnswers(sentences: readonly Sentence[], language: NotesLanguage): NotesLine[] {
  const lines: NotesLine[] = [];
  let question: Sentence | undefined;
  let answer: Sentence[] = [];
  const flush = () => {
    if (question && answer.length > 0) {
      const chosen =
        answer.length <= sentencesPerAnswer
          ? answer
          : chooseSentences({ sentences: answer, language, limit: sentencesPerAnswer, weight: () => 1 });
      const spoken = chosen.length > 0 ? chosen : answer.slice(0, sentencesPerAnswer);
      lines.push({
        text: `${startsWithCapital(question.body)} — ${spoken.map(({ text }) => text).join(' ')}`,
        evidence: [...question.evidence, ...spoken.flatMap(({ evidence }) => evidence)],
      });
    }
    answer = [];
  };
  for (const sentence of sentences) {
    if (isQuestion(sentence, language)) {
      // Two questions in a row are one: the later one is the sharper.
      flush();
      question = sentence;
    } else if (question && !sentence.question) answer.push(sentence);
  }
  flush();
  return lines;
}
