import type { NotesLanguage } from './languages/language.ts';
import type { People } from './people.ts';
import type { Deadline } from './when.ts';

/**
 * Makes a task of what was said after "Tom will": without its deadline, without who is spoken to, without the reasons
 * and courtesies at its end.
 */
export function cleanTask(
  rest: string,
  deadline: Deadline | undefined,
  language: NotesLanguage,
  people: People,
): { what: string; vocative?: string; hypothetical: boolean } {
  let what = rest;
  if (deadline && rest.slice(deadline.from, deadline.to).trim() === deadline.when) {
    what = `${rest.slice(0, deadline.from).trimEnd()} ${rest.slice(deadline.to).trimStart()}`;
  }
  let vocative: string | undefined;
  for (;;) {
    const call = people.calledLast.exec(what);
    if (call) vocative ??= call[1];
    const shorter = (call ? what.slice(0, call.index) : what).replace(language.taskTail, '').trimEnd();
    if (shorter === what) break;
    what = shorter;
  }
  what = what
    .replace(/^[\s,]+/, '')
    .replace(/\s+([,.!?])/g, '$1')
    .replace(/\s+/g, ' ')
    .trim();
  const trailing = rest.slice(what.length);
  return {
    what,
    ...(vocative === undefined ? {} : { vocative }),
    hypothetical:
      /\p{L}/u.test(trailing) &&
      /^\W*(?:maybe|perhaps|unless|vielleicht|peut-être|quizás|talvez|có lẽ)\b/iu.test(trailing),
  };
}

export function startsWithCapital(text: string): string {
  return text.replace(/^\p{Ll}/u, (letter) => letter.toUpperCase());
}
