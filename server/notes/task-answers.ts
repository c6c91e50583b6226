import type { NotesLanguage } from './languages/language.ts';
import { unknown } from './notes-writer.ts';
import { displayName } from './people.ts';
import { type Sentence, termsOf, wordsOf } from './sentences.ts';
import { answerWithin, applyDate, lastTask, type Talk, type Task } from './talk.ts';
import { findDeadline } from './when.ts';

/** How many sentences later "scrap that" still takes the last task back. */
const retractWithin = 5;

/** "Scrap that", "forget the newsletter". */
export function takeBack(talk: Talk, { body, index, text }: Sentence): boolean {
  const match = talk.language.retraction.exec(body) ?? talk.language.retraction.exec(text);
  if (!match) return false;
  const terms = termsOf(body.slice(match.index), talk.language);
  const alike = talk.tasks.findLast(
    (task) => (task.stands || task.asked) && terms.filter((term) => task.terms.has(term)).length >= 1,
  );
  const last = lastTask(talk, index, retractWithin);
  // "Scrap that" means what was said last, "no need to call" what it names.
  const names = talk.language.namesRetracted.test(match[0]);
  const onlyNamed = names && !talk.language.pronounObject.test(match[0]) && terms.length > 0;
  const recent = last && last.index >= talk.proposedAt && !leftBehind(talk, last, index) ? last : undefined;
  const target = names ? (alike ?? (onlyNamed ? undefined : recent)) : (recent ?? alike);
  if (!target) return false;
  target.stands = false;
  target.asked = false;
  return true;
}

/** "I already sent it": this very thing. */
function isDone(task: Task, { body, question }: Sentence, language: NotesLanguage): boolean {
  if (question || !language.done.test(body)) return false;
  return language.pronounObject.test(body) || termsOf(body, language).some((term) => task.terms.has(term));
}

/** Other matters have been talked of since. */
function leftBehind({ sentences, language }: Talk, task: Task, index: number): boolean {
  const others = sentences.slice(task.index + 1, index).filter(({ body }) => {
    const terms = termsOf(body, language);
    return terms.length >= 2 && !terms.some((term) => task.terms.has(term));
  });
  return others.length >= 2;
}

/** Yes or no to what was asked, and by whom. */
export function answer(talk: Talk, task: Task, sentence: Sentence): void {
  const { body, text, index } = sentence;
  const { language } = talk;
  const answeredBySame = sentence.speaker !== undefined && sentence.speaker === task.askedBy;
  if (language.refusal.test(body) || language.refusal.test(text) || isDone(task, sentence, language)) {
    if (answeredBySame || index - task.index > 2) return;
    task.stands = false;
    task.asked = false;
    return;
  }
  nameOwner(talk, task, sentence);
  if (answeredBySame || index - task.index > 2 || sentence.question) return;
  if (!language.acceptance.test(text) && !language.acceptance.test(body)) return;
  if (!task.stands) task.evidence.push(...sentence.evidence);
  if (task.asked || task.stands) {
    task.stands = true;
    task.asked = false;
    if (task.who === unknown && task.askedBy !== undefined && sentence.speaker !== undefined) {
      task.who = sentence.speaker;
    }
  }
}

/** "He is on leave until Monday": the task stays, and looks for somebody else. */
export function turnAway(talk: Talk, task: Task, { body }: Sentence): boolean {
  if (task.who === unknown || talk.labels.has(task.who) || !talk.language.absence.test(body)) return false;
  task.who = unknown;
  task.stands = false;
  task.asked = false;
  return true;
}

/** "Tom." after "who does it?" */
export function nameOwner(talk: Talk, task: Task, sentence: Sentence): void {
  if (task.who !== unknown) return;
  const thanks = task.stands ? talk.thanked.exec(sentence.text)?.groups : undefined;
  const thanked = thanks?.thanked ?? thanks?.praised;
  const who = talk.onlyNames.exec(sentence.body)?.groups?.who ?? thanked ?? answeredTo(talk, task, sentence);
  if (!who || !talk.people.isWho(who)) return;
  task.who = displayName(who, talk.people);
  task.stands = true;
  task.asked = false;
  task.evidence.push(...sentence.evidence);
}

/** "I'll bake the cake." "Of course, Laura.": who is answered by name is who promised. */
function answeredTo(talk: Talk, task: Task, { body, text, question, index }: Sentence): string | undefined {
  if (!task.promised || question || index - task.index > 2) return undefined;
  const first = talk.answeredFirst.exec(text)?.groups?.name;
  if (first !== undefined || wordsOf(text).length > 6) return first;
  return (talk.spokenTo.exec(body) ?? talk.spokenTo.exec(text))?.groups?.last;
}

/** "By Friday then", "actually, make that Monday". */
export function setDate(talk: Talk, sentence: Sentence): void {
  const { moveOn, when } = talk.language.questions;
  // "When can we have it?" "By Monday." however long they talked about it before.
  const asked = when?.test(talk.sentences[sentence.index - 1]?.text ?? '') === true;
  const task = lastTask(talk, sentence.index, asked ? 2 * answerWithin + 1 : answerWithin + 1);
  if (!task?.stands) return;
  const since = talk.sentences.slice(task.index + 1, sentence.index + 1);
  if (since.some(({ body, text }) => moveOn.test(body) || moveOn.test(text))) return;
  const length = wordsOf(sentence.body).length;
  const moved = length <= 14 && talk.language.reschedule.test(sentence.text);
  if (!moved && !(length <= 6 && task.when === unknown)) return;
  const deadline = findDeadline(sentence.text, talk.startedAt, talk.language);
  if (!deadline) return;
  // A sentence with a matter of its own has a date of its own.
  const others = termsOf(sentence.text.replace(deadline.when, ''), talk.language);
  if (others.some((term) => !task.terms.has(term)) && (!moved || others.length > 1)) return;
  applyDate(task, deadline);
  task.evidence.push(...sentence.evidence);
}
