import { unknown } from './notes-writer.ts';
import { type Sentence, termsOf, wordsOf } from './sentences.ts';
import { addTask, addTerms, answerWithin, applyDate, lastTask, type Talk, type Task } from './talk.ts';
import type { TaskClause } from './task-clauses.ts';
import { ownerOf } from './task-owner.ts';
import { cleanTask, startsWithCapital } from './task-text.ts';
import { type Topic, topicBefore } from './topic.ts';
import { type Deadline, findDeadline } from './when.ts';

/** @returns whether the clause named a task */
export function readClause(talk: Talk, sentence: Sentence, clause: TaskClause): boolean {
  const { language, people } = talk;
  const { index } = sentence;
  if (language.hypothetical.test(`${clause.before} ${clause.lead}`)) return false;
  // "I can't, I have to …": an excuse, no task.
  if (clause.owner === 'speaker' && language.refusal.test(sentence.body)) return false;
  if (clause.kind === 'recap' && index > talk.recapUntil) return false;

  const deadline =
    findDeadline(clause.rest, talk.startedAt, language) ??
    findDeadline(clause.before, talk.startedAt, language);
  if (!deadline && language.past.test(clause.rest)) return false;
  if (clause.kind !== 'request' && language.conditional.test(clause.rest)) return false;
  const cleaned = cleanTask(clause.rest, deadline, language, people);
  if (cleaned.hypothetical) return false;
  const what =
    clause.kind === 'recap'
      ? cleaned.what.replace(/^(\p{L}+?)(?:(?<=sh|ch|x|o|ss)es|s)\b/iu, '$1')
      : cleaned.what;
  const who = ownerOf(talk, sentence, clause, cleaned.vocative);

  if (language.pronounTask.test(what) && clause.kind !== 'recap') {
    return takeOver(talk, sentence, clause, who, deadline, what);
  }
  // A clause without words of its own is a whole sentence: "the contract has to be signed".
  if (clause.kind !== 'charge' && clause.lead !== '' && language.notTasks.test(what)) {
    if (!(deadline && language.haveReady.test(what))) return false;
  }
  if (!/\p{L}{2}/u.test(what)) return false;
  const standing = stands(talk, sentence, clause, who, deadline, what);
  if (standing === 'no') return false;

  const terms = termsOf(what, language);
  const pointsBack = language.pronounObject.test(what);
  const alike =
    dated(talk, sentence, clause, deadline, what) ??
    recapped(talk, clause, who, terms) ??
    answered(talk, sentence, clause, terms, pointsBack) ??
    findAlike(talk, terms, who, index, pointsBack);
  if (alike) {
    if (volunteers(alike, clause) && !pointsBack && !terms.some((term) => alike.terms.has(term))) {
      alike.what = startsWithCapital(
        `${what} (${alike.what.replace(/^\p{Lu}(?=\p{Ll})/u, (letter) => letter.toLowerCase())})`,
      );
      addTerms(talk, alike, terms);
    }
    const tellsHow = language.helping?.test(alike.what) === true;
    if (tellsHow || (!alike.stands && !pointsBack && terms.length >= alike.bare.length)) {
      alike.what = startsWithCapital(what);
      alike.text = sentence.text;
    }
    if (who !== unknown) alike.who = who;
    if (deadline) applyDate(alike, deadline);
    if (standing === 'yes' || (alike.asked && clause.kind !== 'request')) alike.stands = true;
    if (alike.stands) alike.asked = false;
    alike.evidence.push(...sentence.evidence);
    alike.index = index;
    return true;
  }
  const topic =
    (pointsBack && new Set(terms).size <= 2) || language.bareTask.test(what)
      ? topicOf(talk, sentence, clause)
      : undefined;
  addTask(
    talk,
    {
      what: startsWithCapital(topic ? `${what} (${topic.text})` : what),
      bare: terms,
      who,
      when: deadline?.when ?? unknown,
      ...(deadline?.dueOn === undefined ? {} : { dueOn: deadline.dueOn }),
      text: sentence.text,
      evidence: [...(topic?.sentence.evidence ?? []), ...sentence.evidence],
      ...(clause.kind === 'request' ? { askedBy: sentence.speaker ?? '' } : {}),
      index,
      ...(clause.owner === 'somebody'
        ? { ownerless: 'wanted' }
        : clause.owner === 'nobody'
          ? { ownerless: 'open' }
          : {}),
      ...(clause.owner === 'speaker' && who === unknown ? { promised: true } : {}),
      asked: standing === 'asked',
      stands: standing === 'yes',
    },
    [...terms, ...(topic ? termsOf(topic.text, language) : [])],
  );
  return true;
}

/** "I'll do it", "Tom, can you take that?": the task was named before. */
function takeOver(
  talk: Talk,
  sentence: Sentence,
  clause: TaskClause,
  who: string,
  deadline: Deadline | undefined,
  what: string,
): boolean {
  if (clause.kind === 'need' && clause.owner !== 'speaker') return false;
  if (sentence.question && clause.kind !== 'request') return false;
  // Also one of this very sentence: "I have to tell them, I'll do it tomorrow".
  const last = lastTask(talk, sentence.index + 1, answerWithin + 3);
  // What somebody else already does is not what "it" means, unless it changes hands.
  const taken = last?.stands && last.who !== unknown && who !== unknown && last.who !== who;
  const changesHands = clause.kind === 'request' || talk.language.handover.test(sentence.text);
  const task = taken && !changesHands ? undefined : last;
  if (!task) {
    const topic = topicOf(talk, sentence, clause);
    const firm = clause.kind === 'promise' || clause.kind === 'charge' || clause.owner === 'named';
    if (!topic || !firm || !talk.language.pronounObject.test(what)) return false;
    addTask(
      talk,
      {
        what: startsWithCapital(`${what} (${topic.text})`),
        bare: [],
        who,
        when: deadline?.when ?? unknown,
        ...(deadline?.dueOn === undefined ? {} : { dueOn: deadline.dueOn }),
        text: sentence.text,
        evidence: [...topic.sentence.evidence, ...sentence.evidence],
        index: sentence.index,
        asked: false,
        stands: true,
      },
      termsOf(topic.text, talk.language),
    );
    return true;
  }
  if (who !== unknown) task.who = who;
  if (deadline) applyDate(task, deadline);
  if (clause.kind === 'request' && who === unknown) task.asked ||= !task.stands;
  else {
    task.stands = true;
    task.asked = false;
  }
  if (clause.kind === 'request') task.askedBy = sentence.speaker ?? '';
  task.evidence.push(...sentence.evidence);
  task.index = sentence.index;
  return true;
}

function stands(
  talk: Talk,
  sentence: Sentence,
  clause: TaskClause,
  who: string,
  deadline: Deadline | undefined,
  what: string,
): 'yes' | 'asked' | 'remembered' | 'no' {
  const { language } = talk;
  const soft = language.soft.test(clause.lead);
  const tagged = language.questions.rhetorical.test(sentence.text);
  const answersOpen = lastTask(talk, sentence.index, answerWithin)?.asked === true;
  const asks = sentence.question && !tagged;
  // Nobody knows who "he" is: somebody may say.
  if (clause.owner === 'mentioned' && who === unknown) return 'asked';
  switch (clause.kind) {
    case 'charge':
      return asks ? 'asked' : 'yes';
    case 'promise':
      return asks && clause.owner !== 'addressee' && !/^(?:how|why)\b|n['’]t we/i.test(clause.lead)
        ? 'asked'
        : 'yes';
    case 'request':
      if (who !== unknown && talk.labels.has(who) && clause.owner === 'addressee' && !deadline)
        return 'asked';
      if (who !== unknown)
        return language.mereQuestion.test(clause.lead) && clause.owner === 'named' ? 'asked' : 'yes';
      return deadline ? 'yes' : 'asked';
    case 'offer':
      if (clause.owner === 'addressee') return deadline || who !== unknown ? 'yes' : 'no';
      if (asks) return 'asked';
      return deadline || answersOpen ? 'yes' : 'asked';
    case 'progress':
      if (asks || language.notProgress.test(what)) return 'no';
      // "It must be updated before the weekend" says a must; "Sarah is sending it" needs a day.
      return deadline?.dueOn || (deadline && clause.lead === '') ? 'yes' : 'no';
    case 'recap':
      return 'yes';
    case 'need':
      if (asks) return 'no';
      if (clause.owner === 'somebody') return 'yes';
      if ((clause.owner === 'nobody' || clause.owner === 'party') && language.decisionVerbs.test(what))
        return deadline && !soft ? 'remembered' : 'no';
      // "We need to reorder" says too little; who then says what and when makes the task.
      if (
        (clause.owner === 'nobody' || clause.owner === 'party') &&
        !deadline?.dueOn &&
        (wordsOf(what).length === 1 || language.agenda.test(what))
      )
        return 'remembered';
      return !soft || deadline ? 'yes' : 'remembered';
  }
}

/** "Tom, you are on invoices. They have to be booked by Tuesday.": the day of the task just named. */
function dated(
  talk: Talk,
  { index }: Sentence,
  clause: TaskClause,
  deadline: Deadline | undefined,
  what: string,
): Task | undefined {
  if (clause.lead !== '' || !deadline || !talk.language.pointsAway.test(what)) return undefined;
  const last = lastTask(talk, index, 1);
  return last?.stands && last.when === unknown ? last : undefined;
}

/** Who sums up names a task in a word or two. */
function recapped(talk: Talk, clause: TaskClause, who: string, terms: readonly string[]): Task | undefined {
  if (clause.kind !== 'recap') return undefined;
  return talk.tasks.findLast(
    (task) => task.stands && task.who === who && terms.some((term) => task.terms.has(term)),
  );
}

/** The task that "yes, I'll place the order on Thursday" answers, though in other words. */
function answered(
  talk: Talk,
  sentence: Sentence,
  clause: TaskClause,
  terms: readonly string[],
  pointsBack: boolean,
): Task | undefined {
  if (clause.owner !== 'speaker') return undefined;
  const task = lastTask(talk, sentence.index, answerWithin);
  if (!task || (sentence.speaker !== undefined && sentence.speaker === task.askedBy)) return undefined;
  const wasAsked = task.askedBy !== undefined && sentence.index - task.index <= 2;
  const shared = terms.some((term) => task.terms.has(term));
  if (wasAsked && talk.language.helping?.test(task.what) && sentence.index === task.index + 1) return task;
  if (wasAsked && (pointsBack || shared) && task.who !== unknown) return task;
  if (volunteers(task, clause) && !talk.language.soft.test(clause.lead)) return task;
  return wasAsked && task.who === unknown && (pointsBack || shared) ? task : undefined;
}

/** "Somebody should warn them." "I'll send a notice." */
function volunteers(task: Task, clause: TaskClause): boolean {
  if (!task.stands || task.who !== unknown || task.ownerless === undefined || clause.owner !== 'speaker')
    return false;
  return clause.kind === 'offer' || (clause.kind === 'promise' && task.ownerless === 'wanted');
}

/** The task that was said before in much the same words. */
function findAlike(
  talk: Talk,
  terms: readonly string[],
  who: string,
  index: number,
  pointsBack: boolean,
): Task | undefined {
  const own = new Set(terms);
  const shares = new Map<Task, number>();
  for (const term of own) {
    for (const task of talk.byTerm.get(term) ?? []) shares.set(task, (shares.get(task) ?? 0) + 1);
  }
  const alike = [...shares].filter(([task, shared]) => {
    const near = index - task.index <= answerWithin + 1;
    if (who !== unknown && task.who !== unknown && task.who !== who && !(near && task.asked)) return false;
    if (pointsBack && near) return true;
    const smaller = Math.min(own.size, task.terms.size);
    if (smaller === 1) return near || own.size === task.terms.size;
    return shared >= 2 && shared / smaller >= 0.6;
  });
  return alike.sort(([left], [right]) => right.index - left.index)[0]?.[0];
}

/** The thing is named in the sentence itself ("the slides, can you send them?"), else before it. */
function topicOf({ sentences, language }: Talk, sentence: Sentence, clause: TaskClause): Topic | undefined {
  const ahead = clause.before.replace(/[\s,;:–—-]+$/, '').replace(/^.*[:]/, '');
  const own = ahead.split(/,\s*/).at(-1) ?? '';
  if (!sentence.question || clause.kind !== 'request' || termsOf(own, language).length === 0) {
    return topicBefore(sentences, sentence.index, language);
  }
  return { text: own, sentence };
}
