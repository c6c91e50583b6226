import type { NotesLanguage, TaskPattern } from './languages/language.ts';
import type { People } from './people.ts';

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

export type FindTaskClauses = (text: string) => TaskClause[];

/** Prepares the patterns of a language for the people of one recording. */
export function taskClauseFinder(language: NotesLanguage, people: People): FindTaskClauses {
  const patterns = language.tasks.map((task) => ({
    task,
    expression: new RegExp(
      `(?<start>${language.clauseStart})(?<lead>${task.pattern
        .replaceAll('{who}', people.several)
        .replaceAll('{name}', people.one)})`,
      'iud',
    ),
  }));
  return (text) => {
    const found: { task: TaskPattern; from: number; to: number; named?: string }[] = [];
    let offset = 0;
    while (offset < text.length) {
      const rest = text.slice(offset);
      let best: (typeof found)[number] | undefined;
      for (const { task, expression } of patterns) {
        const match = expression.exec(rest);
        if (!match || !people.isWho(match.groups!.who ?? '')) continue;
        const [from, to] = match.indices!.groups!.lead!;
        // "Okay, …" at the very start of a rest is the middle of a sentence, not its beginning.
        if (offset > 0 && match.index === 0 && match.groups!.start === '') continue;
        if (best && offset + from >= best.from) continue;
        best = { task, from: offset + from, to: offset + to, named: match.groups!.who };
      }
      if (!best) break;
      found.push(best);
      offset = Math.max(best.to, offset + 1);
    }
    return found.map((clause, index) => ({
      kind: clause.task.kind,
      owner: clause.task.who,
      ...(clause.named === undefined ? {} : { named: clause.named }),
      rest: text
        .slice(clause.to, found[index + 1]?.from ?? text.length)
        .replace(/[\s,;]*(?:and|but|so|then|while|because)?[\s,;]*$/iu, (tail) =>
          found[index + 1] ? '' : tail,
        )
        .trim(),
      before: text.slice(index === 0 ? 0 : found[index - 1]!.to, clause.from),
      lead: text.slice(clause.from, clause.to),
    }));
  };
}
