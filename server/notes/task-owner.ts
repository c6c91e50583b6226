import { unknown } from './notes-writer.ts';
import { displayName } from './people.ts';
import type { Sentence } from './sentences.ts';
import { answerWithin, type Talk } from './talk.ts';
import type { TaskClause } from './task-clauses.ts';

/** Labels of the two ends of a call: there, "we" is a side. */
const sides = new Set(['me', 'them']);

/** Whose task it is, as said; "unknown" where it was not. */
export function ownerOf(
  talk: Talk,
  sentence: Sentence,
  clause: TaskClause,
  vocative: string | undefined,
): string {
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
      const { addressed } = talk;
      if (addressed && isStillAddressed(talk, sentence, addressed.index)) return addressed.name;
      const others = [...talk.labels].filter((label) => label !== sentence.speaker);
      return sentence.speaker !== undefined && others.length === 1 ? others[0]! : unknown;
    }
    case 'party':
      return sentence.speaker !== undefined && sides.has(sentence.speaker) ? sentence.speaker : unknown;
    case 'somebody':
    case 'nobody':
      return unknown;
  }
}

/** Sentences for which "you" stays who was spoken to by name, while nobody else is named: a long answer and a thank-you. */
const youWithin = 7;

function isStillAddressed({ sentences, anyName, people }: Talk, { index }: Sentence, since: number): boolean {
  if (index - since <= 2) return true;
  const between = sentences.slice(since + 1, index);
  return (
    index - since <= youWithin &&
    !between.some(({ text }) => [...text.matchAll(anyName)].some(([name]) => people.isWho(name)))
  );
}

/** Who is spoken to by name. */
export function calledName({ spokenTo, people }: Talk, { body, text }: Sentence): string | undefined {
  const groups = (spokenTo.exec(body) ?? spokenTo.exec(text))?.groups;
  const name = groups?.first ?? groups?.last;
  return name !== undefined && people.isWho(name) ? name : undefined;
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
