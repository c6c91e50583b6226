import type { Evidence } from '@speakr/contracts/field';
import type { NotesLanguage } from './languages/language.ts';
import type { People } from './people.ts';
import type { Sentence } from './sentences.ts';
import type { Deadline } from './when.ts';

export interface ActionsRequest {
  readonly sentences: readonly Sentence[];
  readonly language: NotesLanguage;
  readonly people: People;
  /** When the recording began, ms since the Unix epoch. */
  readonly startedAt: number;
}

/** Something to be done, as far as it is known by now. */
export interface Task {
  what: string;
  readonly terms: Set<string>;
  /** Terms of the task without those of its topic. */
  readonly bare: readonly string[];
  who: string;
  when: string;
  dueOn?: string;
  text: string;
  evidence: Evidence[];
  askedBy?: string;
  /** Waits for an owner: "we have to" (open), or outright "somebody has to" (wanted). */
  readonly ownerless?: 'open' | 'wanted';
  /** "I'll do it", and nobody knows yet who "I" is. */
  readonly promised?: boolean;
  /** Sentence that named it last. */
  index: number;
  /** Waits for somebody to say yes. */
  asked: boolean;
  /** Belongs into the notes, unless it is taken back. */
  stands: boolean;
}

/** A talk while it is read. */
export interface Talk extends ActionsRequest {
  readonly tasks: Task[];
  readonly byTerm: Map<string, Set<Task>>;
  readonly labels: ReadonlySet<string>;
  readonly spokenTo: RegExp;
  /** "Of course, Laura, …". */
  readonly answeredFirst: RegExp;
  readonly thanked: RegExp;
  readonly onlyNames: RegExp;
  readonly anyName: RegExp;
  /** Who was just spoken to by name. */
  addressed?: { name: string; index: number };
  recapUntil: number;
  /** Sentence that last put something to the others. */
  proposedAt: number;
}

/** How many sentences later an answer, a new date or a refusal still belongs to a request. */
export const answerWithin = 3;

/** Keeps a task that was named just now. */
export function addTask(talk: Talk, task: Omit<Task, 'terms'>, terms: Iterable<string>): void {
  const kept = { ...task, terms: new Set<string>() };
  talk.tasks.push(kept);
  addTerms(talk, kept, terms);
}

export function addTerms(talk: Talk, task: Task, terms: Iterable<string>): void {
  for (const term of terms) {
    task.terms.add(term);
    const tasks = talk.byTerm.get(term);
    if (tasks) tasks.add(task);
    else talk.byTerm.set(term, new Set([task]));
  }
}

/** The task named last, when that was at most `within` sentences ago. */
export function lastTask(talk: Talk, index: number, within: number): Task | undefined {
  let last: Task | undefined;
  for (let at = Math.max(0, talk.tasks.length - 8); at < talk.tasks.length; at++) {
    const task = talk.tasks[at]!;
    if (!last || task.index >= last.index) last = task;
  }
  return last && index > last.index && index - last.index <= within ? last : undefined;
}

export function applyDate(task: Task, deadline: Deadline): void {
  // "Tomorrow", then "first thing in the morning": the day stays.
  if (task.dueOn !== undefined && deadline.dueOn === undefined) return;
  task.when = deadline.when;
  task.dueOn = deadline.dueOn;
}
