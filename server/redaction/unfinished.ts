import type { RedactionKind } from '@speakr/contracts/policies';
import { spokenLanguages } from '../written/languages/languages.ts';
import { tokensOf } from '../written/phrase.ts';
import { unfinishedEmailAt } from './emails.ts';
import { digitsAt } from './read-characters.ts';

/** Fewer digits say nothing; most dates, prices and counts have no more. */
const FEWEST_DIGITS = 4;
/** What may stand behind the digits when more of them come: "um", or half a word. */
const MOST_WORDS_BEHIND = 1;
const HELD_BACK = '…';
/** What is made of digits. */
const numbers: readonly RedactionKind[] = ['card', 'phone', 'iban', 'id', 'ip'];

/**
 * A text that goes on, without its end where that may become something personal: digits of which there are four or more,
 * and what an e-mail address begins with. It is a card only with the last of its digits; the others would be shown till
 * then. What turns out to be something else is shown a word later.
 */
export function withoutUnfinished(text: string, kinds: ReadonlySet<RedactionKind>): string {
  const tokens = tokensOf(text);
  const words = tokens.map(({ core }) => core.normalize('NFC').toLowerCase());
  const hasNumbers = numbers.some((kind) => kinds.has(kind));
  const from = words.findIndex(
    (_, at) =>
      (hasNumbers && digitsRunOut(words, at)) || (kinds.has('email') && unfinishedEmailAt(words, at)),
  );
  if (from < 0) return text;
  const shown = tokens.slice(0, from).map(({ before, core, after }) => before + core + after);
  return [...shown, HELD_BACK].join(' ');
}

/** Whether digits that begin at a word, in any language, reach the end. */
const digitsRunOut = (words: readonly string[], at: number): boolean =>
  spokenLanguages.some((language) => {
    let count = 0;
    let others = 0;
    for (let next = at; next < words.length; ) {
      const part = digitsAt(words, next, language);
      if (part === undefined && (count === 0 || ++others > MOST_WORDS_BEHIND)) return false;
      if (part !== undefined) {
        count += part.text.length;
        others = 0;
      }
      next = part?.end ?? next + 1;
    }
    return count >= FEWEST_DIGITS;
  });
