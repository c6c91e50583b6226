import type { DraftAction } from './notes-writer.ts';
import { unknown } from './notes-writer.ts';
import { displayName } from './people.ts';
import type { Sentence } from './sentences.ts';
import { type ActionsRequest, answerWithin, lastTask, type Talk, type Task } from './talk.ts';
import { answer, nameOwner, setDate, takeBack, turnAway } from './task-answers.ts';
import { type TaskClause, taskClauseFinder } from './task-clauses.ts';
import { calledName } from './task-owner.ts';
import { readClause } from './task-reading.ts';

const recapWithin = 8;

/**
 * Reads the talk sentence by sentence and keeps the tasks that stand at its end: promised, assigned, asked for and not
 * refused, not taken back. Owners and dates are taken as said, "unknown" where nothing was said. "I" is whoever was
 * just asked by name, else the speaker's label where the recording has one; otherwise nobody knows who "I" is.
 */
export function findActions(request: ActionsRequest): DraftAction[] {
  const { sentences, language, people } = request;
  const clausesOf = taskClauseFinder(language, people);
  const talk: Talk = {
    ...request,
    tasks: [],
    byTerm: new Map(),
    labels: new Set(sentences.flatMap(({ speaker }) => (speaker === undefined ? [] : [speaker]))),
    spokenTo: new RegExp(
      String.raw`^(?<first>${people.one})(?:,\s|\?|[.!]?$)|(?:,|\b(?:you|about))\s(?<last>${people.one})[?.!]*$`,
      'iu',
    ),
    answeredFirst: new RegExp(String.raw`^\p{L}+(?:\s\p{L}+){0,2},\s(?<name>${people.one})[,.!]`, 'iu'),
    thanked: new RegExp(language.thanks.replaceAll('{name}', people.one), 'iu'),
    onlyNames: new RegExp(String.raw`^${people.several}(?:\s\p{L}{2,4})?[.!?]*$`, 'iu'),
    anyName: new RegExp(String.raw`\b${people.one}\b`, 'giu'),
    recapUntil: -1,
    proposedAt: -1,
  };
  for (const sentence of sentences) hear(talk, sentence, clausesOf(sentence.body));
  return talk.tasks.filter((task) => task.stands).map(toAction);
}

function hear(talk: Talk, sentence: Sentence, clauses: readonly TaskClause[]): void {
  const { language } = talk;
  const { body, index } = sentence;
  if (language.recap.test(body)) talk.recapUntil = index + recapWithin;

  const isRetraction = takeBack(talk, sentence);
  const open = lastTask(talk, index, answerWithin);
  if (open && !isRetraction && !turnAway(talk, open, sentence)) {
    if (open.askedBy !== undefined || open.asked) answer(talk, open, sentence);
    else if (open.who === unknown) nameOwner(talk, open, sentence);
  }

  let named = 0;
  for (const clause of clauses) if (readClause(talk, sentence, clause)) named++;
  if (named === 0 && !isRetraction) setDate(talk, sentence);

  if (language.decisions.proposal.test(body) && named === 0) talk.proposedAt = index;
  const name = calledName(talk, sentence);
  if (name && !talk.thanked.test(sentence.text)) {
    talk.addressed = { name: displayName(name, talk.people), index };
  } else if (sentence.question && talk.addressed && talk.addressed.index < index - 1) {
    // "Can you …?" still goes to whom the last one went.
    const stillYou = clauses.some(({ owner, kind }) => owner === 'addressee' && kind === 'request');
    talk.addressed =
      stillYou && index - talk.addressed.index <= answerWithin ? { ...talk.addressed, index } : undefined;
  }
}

function toAction(task: Task): DraftAction {
  const seen = new Set<string>();
  const evidence = task.evidence.filter((span) => {
    const key = `${span.segmentId} ${span.startMs}`;
    return !seen.has(key) && seen.add(key);
  });
  return {
    text: task.text,
    evidence,
    what: task.what,
    who: task.who,
    when: task.when,
    ...(task.dueOn === undefined ? {} : { dueOn: task.dueOn }),
  };
}
