import type { Evidence } from '@speakr/contracts/field';
import type { NotesLanguage } from './languages/language.ts';
import type { DraftAction } from './notes-writer.ts';
import { displayName, type People } from './people.ts';
import { type Sentence, termsOf, wordsOf } from './sentences.ts';
import { type TaskClause, taskClauseFinder } from './task-clauses.ts';
import { cleanTask, startsWithCapital } from './task-text.ts';
import { type Topic, topicBefore } from './topic.ts';
import { type Deadline, findDeadline } from './when.ts';

/** Stands for an owner or a date that nobody said. */
export const unknown = 'unknown';

export interface ActionsRequest {
  readonly sentences: readonly Sentence[];
  readonly language: NotesLanguage;
  readonly people: People;
  /** When the recording began, ms since the Unix epoch. */
  readonly startedAt: number;
}

interface Task {
  what: string;
  terms: Set<string>;
  /** Terms of the task without those of its topic. */
  readonly bare: readonly string[];
  who: string;
  when: string;
  dueOn?: string;
  text: string;
  evidence: Evidence[];
  askedBy?: string;
  /** Sentence that named it last. */
  index: number;
  /** Waits for somebody to say yes. */
  asked: boolean;
  /** Belongs into the notes, unless it is taken back. */
  stands: boolean;
}

interface Talk extends ActionsRequest {
  readonly tasks: Task[];
  readonly labels: ReadonlySet<string>;
  readonly spokenTo: RegExp;
  readonly thanked: RegExp;
  readonly onlyNames: RegExp;
  readonly anyName: RegExp;
  /** Who was just spoken to by name. */
  addressed?: { name: string; index: number };
  recapUntil: number;
}

/** Labels of the two ends of a call: there, "we" is a side. */
const sides = new Set(['me', 'them']);
/** How many sentences later an answer, a new date or a refusal still belongs to a request. */
const answerWithin = 3;
/** How many sentences later "scrap that" still takes the last task back. */
const retractWithin = 5;
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
    labels: new Set(sentences.flatMap(({ speaker }) => (speaker === undefined ? [] : [speaker]))),
    spokenTo: new RegExp(
      String.raw`^(?<first>${people.one})(?:,\s|\?)|(?:,|\b(?:you|about))\s(?<last>${people.one})[?.!]*$`,
      'iu',
    ),
    thanked: new RegExp(language.thanks.replaceAll('{name}', people.one), 'iu'),
    onlyNames: new RegExp(String.raw`^${people.several}(?:\s\p{L}{2,4})?[.!?]*$`, 'iu'),
    anyName: new RegExp(String.raw`\b${people.one}\b`, 'giu'),
    recapUntil: -1,
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
  if (open && !isRetraction) {
    if (open.askedBy !== undefined || open.asked) answer(talk, open, sentence);
    else if (open.who === unknown) nameOwner(talk, open, sentence);
  }

  let named = 0;
  for (const clause of clauses) if (readClause(talk, sentence, clause)) named++;
  if (named === 0 && !isRetraction) setDate(talk, sentence);

  const name = calledName(talk, sentence);
  if (name) talk.addressed = { name: displayName(name, talk.people), index };
  else if (sentence.question && talk.addressed && talk.addressed.index < index - 1)
    talk.addressed = undefined;
}

/** Who is spoken to by name. */
function calledName({ spokenTo, people }: Talk, { body, text }: Sentence): string | undefined {
  const groups = (spokenTo.exec(body) ?? spokenTo.exec(text))?.groups;
  const name = groups?.first ?? groups?.last;
  return name !== undefined && people.isWho(name) ? name : undefined;
}

/** "Scrap that", "forget the newsletter". */
function takeBack(talk: Talk, { body, index, text }: Sentence): boolean {
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
  const target = names ? (alike ?? (onlyNamed ? undefined : last)) : (last ?? alike);
  if (!target) return false;
  target.stands = false;
  target.asked = false;
  return true;
}

/** Yes or no to what was asked, and by whom. */
function answer(talk: Talk, task: Task, sentence: Sentence): void {
  const { body, text, index } = sentence;
  const { language } = talk;
  const answeredBySame = sentence.speaker !== undefined && sentence.speaker === task.askedBy;
  if (language.refusal.test(body) || language.refusal.test(text)) {
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
    if (task.who === unknown && sentence.speaker !== undefined) task.who = sentence.speaker;
  }
}

/** "Tom." after "who does it?" */
function nameOwner(talk: Talk, task: Task, sentence: Sentence): void {
  if (task.who !== unknown) return;
  const thanked = task.stands ? talk.thanked.exec(sentence.text)?.groups?.thanked : undefined;
  const who = talk.onlyNames.exec(sentence.body)?.groups?.who ?? thanked;
  if (!who || !talk.people.isWho(who)) return;
  task.who = displayName(who, talk.people);
  task.stands = true;
  task.asked = false;
  task.evidence.push(...sentence.evidence);
}

/** "By Friday then", "actually, make that Monday". */
function setDate(talk: Talk, sentence: Sentence): void {
  const task = lastTask(talk, sentence.index, answerWithin);
  if (!task?.stands) return;
  const deadline = findDeadline(sentence.text, talk.startedAt, talk.language);
  if (!deadline) return;
  const short = wordsOf(sentence.body).length <= 6;
  const moved = talk.language.reschedule.test(sentence.text) && wordsOf(sentence.body).length <= 14;
  if (!moved && !(short && task.when === unknown)) return;
  applyDate(task, deadline);
  task.evidence.push(...sentence.evidence);
}

/** @returns whether the clause named a task */
function readClause(talk: Talk, sentence: Sentence, clause: TaskClause): boolean {
  const { language, people } = talk;
  const { index } = sentence;
  if (language.hypothetical.test(`${clause.before} ${clause.lead}`)) return false;
  // "I can't, I have to …": an excuse, no task.
  if (clause.owner === 'speaker' && language.refusal.test(sentence.body)) return false;
  if (clause.kind === 'recap' && index > talk.recapUntil) return false;

  const deadline =
    findDeadline(clause.rest, talk.startedAt, language) ??
    findDeadline(clause.before, talk.startedAt, language);
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
  if (clause.kind !== 'charge' && language.notTasks.test(what)) return false;
  if (!/\p{L}{2}/u.test(what)) return false;
  const standing = stands(talk, sentence, clause, who, deadline, what);
  if (standing === 'no') return false;

  const terms = termsOf(what, language);
  const pointsBack = language.pronounObject.test(what);
  const alike =
    answered(talk, sentence, clause, terms, pointsBack) ?? findAlike(talk, terms, who, index, pointsBack);
  if (alike) {
    if (clause.kind === 'offer' && clause.owner === 'speaker' && alike.who === unknown && !pointsBack) {
      alike.what = startsWithCapital(
        `${what} (${alike.what.replace(/^\p{Lu}(?=\p{Ll})/u, (letter) => letter.toLowerCase())})`,
      );
      for (const term of terms) alike.terms.add(term);
    }
    if (!alike.stands && !pointsBack && terms.length >= alike.bare.length) {
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
  talk.tasks.push({
    what: startsWithCapital(topic ? `${what} (${topic.text})` : what),
    bare: terms,
    terms: new Set([...terms, ...(topic ? termsOf(topic.text, language) : [])]),
    who,
    when: deadline?.when ?? unknown,
    ...(deadline?.dueOn === undefined ? {} : { dueOn: deadline.dueOn }),
    text: sentence.text,
    evidence: [...(topic?.sentence.evidence ?? []), ...sentence.evidence],
    ...(clause.kind === 'request' ? { askedBy: sentence.speaker ?? '' } : {}),
    index,
    asked: standing === 'asked',
    stands: standing === 'yes',
  });
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
  const task = lastTask(talk, sentence.index, answerWithin + 2);
  if (!task) {
    const topic = topicOf(talk, sentence, clause);
    const firm = clause.kind === 'promise' || clause.kind === 'charge' || clause.owner === 'named';
    if (!topic || !firm || !talk.language.pronounObject.test(what)) return false;
    talk.tasks.push({
      what: startsWithCapital(`${what} (${topic.text})`),
      bare: [],
      terms: new Set(termsOf(topic.text, talk.language)),
      who,
      when: deadline?.when ?? unknown,
      ...(deadline?.dueOn === undefined ? {} : { dueOn: deadline.dueOn }),
      text: sentence.text,
      evidence: [...topic.sentence.evidence, ...sentence.evidence],
      index: sentence.index,
      asked: false,
      stands: true,
    });
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
      return deadline?.dueOn && !asks && !language.notProgress.test(what) ? 'yes' : 'no';
    case 'recap':
      return 'yes';
    case 'need':
      if (asks) return 'no';
      if ((clause.owner === 'nobody' || clause.owner === 'party') && language.decisionVerbs.test(what))
        return deadline && !soft ? 'remembered' : 'no';
      // "We need to reorder" says too little; who then says what and when makes the task.
      if (clause.owner === 'nobody' && wordsOf(what).length === 1 && !deadline) return 'remembered';
      return !soft || deadline ? 'yes' : 'remembered';
  }
}

function ownerOf(talk: Talk, sentence: Sentence, clause: TaskClause, vocative: string | undefined): string {
  switch (clause.owner) {
    case 'named':
      return displayName(clause.named!, talk.people);
    case 'speaker':
      return addressedBefore(talk, sentence, answerWithin) ?? sentence.speaker ?? unknown;
    case 'mentioned':
      return mentionedBefore(talk, sentence, clause) ?? unknown;
    case 'addressee': {
      if (vocative) return displayName(vocative, talk.people);
      if (/\b(?:some|any|who)/i.test(clause.lead)) return unknown;
      const called = calledName(talk, sentence);
      if (called) return displayName(called, talk.people);
      const addressed = talk.addressed;
      if (addressed && sentence.index - addressed.index <= 2) return addressed.name;
      const others = [...talk.labels].filter((label) => label !== sentence.speaker);
      return sentence.speaker !== undefined && others.length === 1 ? others[0]! : unknown;
    }
    case 'party':
      return sentence.speaker !== undefined && sides.has(sentence.speaker) ? sentence.speaker : unknown;
    case 'nobody':
      return unknown;
  }
}

/** Who was asked by name just before and now says "I". */
function addressedBefore(talk: Talk, { index, speaker }: Sentence, within: number): string | undefined {
  const { addressed, sentences } = talk;
  if (!addressed || addressed.index >= index || index - addressed.index > within) return undefined;
  const asker = sentences[addressed.index]!.speaker;
  if (speaker !== undefined && speaker === asker) return undefined;
  // A label that is a name of its own knows better than the talk.
  if (speaker !== undefined && talk.people.names.has(speaker.split(' ')[0]!.toLowerCase())) return undefined;
  if (speaker === 'me') return undefined;
  return addressed.name;
}

/** He or she: the last person named before. */
function mentionedBefore(talk: Talk, sentence: Sentence, clause: TaskClause): string | undefined {
  const texts = [clause.before, ...[1, 2].map((back) => talk.sentences[sentence.index - back]?.text ?? '')];
  for (const text of texts) {
    const last = [...text.matchAll(talk.anyName)].filter(([name]) => talk.people.isWho(name)).at(-1);
    if (last) return displayName(last[0], talk.people);
  }
  return undefined;
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
  if (wasAsked && (pointsBack || shared) && task.who !== unknown) return task;
  if (task.who === unknown && clause.kind === 'offer' && !talk.language.soft.test(clause.lead) && task.stands)
    return task;
  return wasAsked && task.who === unknown && (pointsBack || shared) ? task : undefined;
}

function findAlike(
  talk: Talk,
  terms: readonly string[],
  who: string,
  index: number,
  pointsBack: boolean,
): Task | undefined {
  const own = new Set(terms);
  if (own.size === 0) return undefined;
  return talk.tasks.findLast((task) => {
    const near = index - task.index <= answerWithin + 1;
    if (who !== unknown && task.who !== unknown && task.who !== who && !(near && task.asked)) return false;
    let shared = 0;
    for (const term of own) if (task.terms.has(term)) shared++;
    if (pointsBack && near && shared >= 1) return true;
    const smaller = Math.min(own.size, task.terms.size);
    if (smaller === 1) return shared === 1 && (near || own.size === task.terms.size);
    return shared >= 2 && shared / smaller >= 0.6;
  });
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

function lastTask(talk: Talk, index: number, within: number): Task | undefined {
  let last: Task | undefined;
  for (const task of talk.tasks.slice(-8)) if (!last || task.index >= last.index) last = task;
  return last && index > last.index && index - last.index <= within ? last : undefined;
}

function applyDate(task: Task, deadline: Deadline): void {
  task.when = deadline.when;
  task.dueOn = deadline.dueOn;
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
