import type { NotesLanguage, TaskPattern } from './languages/language.ts';
import type { People } from './people.ts';
import { textMemory } from './text-memory.ts';

/** One place in a sentence that says that something is to be done. */
export interface TaskClause {
  readonly kind: TaskPattern['kind'];
  readonly owner: TaskPattern['who'];
  /** The `{who}` of the pattern, as said. */
  readonly named?: string;
  /** What follows, up to the next such place or the end of the sentence. */
  readonly rest: string;
  /** What stands before it in the sentence. */
  readonly before: string;
  /** The matched words themselves: "Tom will". */
  readonly lead: string;
}

export type FindTaskClauses = (text: string) => readonly TaskClause[];

const clausesOf = textMemory<readonly TaskClause[]>();

/** Prepares the patterns of a language for the people of one recording. */
export function taskClauseFinder(language: NotesLanguage, people: People): FindTaskClauses {
  const somebody = new RegExp(people.one, 'iuy');
  const starts = new RegExp(language.clauseStart, 'giu');
  const patterns = language.tasks.map((task) => ({
    task,
    // Five hours of talk are read in a blink only because most patterns are not even tried.
    needsPerson: task.pattern.startsWith('{who}'),
    expression: new RegExp(
      task.pattern.replaceAll('{who}', people.several).replaceAll('{name}', people.one),
      'iuy',
    ),
  }));

  const matchAt = (text: string, from: number): Found | undefined => {
    somebody.lastIndex = from;
    const person = somebody.test(text);
    for (const { task, expression, needsPerson } of patterns) {
      if (needsPerson && !person) continue;
      expression.lastIndex = from;
      const match = expression.exec(text);
      const named = match?.groups?.who;
      if (match && people.isWho(named ?? '')) return { task, from, to: from + match[0].length, named };
    }
    return undefined;
  };

  return (text) =>
    // Who can be meant is a part of what a text means; who is first spoken of at the end changes nothing before.
    clausesOf(`${language.code} ${people.within(text)}\n${text}`, () => {
      const found: Found[] = [];
      for (const from of startsOf(text, starts)) {
        if (from < (found.at(-1)?.to ?? 0)) continue;
        const clause = matchAt(text, from);
        if (clause) found.push(clause);
      }
      return found.map((clause, index) => {
        const next = found[index + 1];
        const rest = text.slice(clause.to, next?.from ?? text.length);
        return {
          kind: clause.task.kind,
          owner: clause.task.who,
          ...(clause.named === undefined ? {} : { named: clause.named }),
          rest: (next ? rest.replace(language.clauseJoint, '') : rest).trim(),
          before: text.slice(found[index - 1]?.to ?? 0, clause.from),
          lead: text.slice(clause.from, clause.to),
        };
      });
    });
}

interface Found {
  readonly task: TaskPattern;
  readonly from: number;
  readonly to: number;
  readonly named: string | undefined;
}

function* startsOf(text: string, starts: RegExp): Generator<number> {
  yield 0;
  for (const match of text.matchAll(starts)) yield match.index + match[0].length;
}
