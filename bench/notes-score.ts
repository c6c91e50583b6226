import type { Notes } from '@speakr/contracts/notes';
import { languageOf } from '../server/notes/languages/languages.ts';
import { termsOf, wordsOf } from '../server/notes/sentences.ts';

export interface GoldAction {
  readonly who: string;
  readonly what: string;
  readonly when: string;
  readonly dueOn?: string;
}

export interface Meeting {
  readonly id: string;
  readonly about: string;
  readonly kind: 'spoken' | 'text';
  /** Never tuned on: its figures are reported apart. */
  readonly heldOut?: boolean;
  readonly startedAt: string;
  readonly utterances: readonly {
    readonly voice: string;
    readonly speaker?: string;
    readonly text: string;
  }[];
  readonly actions: readonly GoldAction[];
  readonly decisions: readonly string[];
}

export interface Count {
  gold: number;
  found: number;
  right: number;
}

export interface Score {
  readonly actions: Count;
  readonly decisions: Count;
  /** Of the actions whose task fits: how many have the right owner, and the right date. */
  readonly owners: Count;
  readonly dates: Count;
  /** For the reader: what was missed and what was too much. */
  readonly faults: readonly string[];
}

const english = languageOf('en');
/** Share of the gold's content words (by stem) that must be there, and Dice coefficient below which two texts differ. */
const coverage = 0.6;
const dice = 0.5;

/**
 * An action counts as found when all of it fits: *what* covers 60 % of the gold's content words or has a Dice
 * coefficient of 0.5 with them; *who* is the same name (in spoken meetings up to two letters may differ, recognizers
 * spell names their way); *when* has the gold's date, or the same words where there is no date. A decision counts when
 * its text fits like *what*. Each gold entry is matched at most once, the best fit first.
 */
export function scoreNotes(meeting: Meeting, notes: Pick<Notes, 'actions' | 'sections'>): Score {
  const faults: string[] = [];
  const pairs = meeting.actions.flatMap((gold, g) =>
    notes.actions.map((found, f) => ({
      g,
      f,
      fit: fitOf(gold.what, found.what),
      who: sameName(gold.who, found.who, meeting.kind === 'spoken'),
      when: sameDate(gold, found),
    })),
  );
  const matched = bestPairs(
    pairs
      .filter(({ fit }) => fit > 0)
      .map((pair) => ({ ...pair, fit: pair.fit + (pair.who ? 1 : 0) + (pair.when ? 1 : 0) })),
  );
  const whole = matched.filter(({ who, when }) => who && when);
  const count = (right: number): Count => ({
    gold: meeting.actions.length,
    found: notes.actions.length,
    right,
  });
  meeting.actions.forEach((gold, g) => {
    const pair = matched.find((match) => match.g === g);
    if (!pair) faults.push(`missed action: ${gold.who} | ${gold.what} | ${gold.when}`);
    else if (!pair.who || !pair.when) {
      const found = notes.actions[pair.f]!;
      faults.push(
        `wrong ${pair.who ? 'when' : 'who'}: ${gold.who} | ${gold.what} | ${gold.when} <> ${found.who} | ${found.what} | ${found.when} ${found.dueOn ?? ''}`,
      );
    }
  });
  notes.actions.forEach((found, f) => {
    if (!matched.some((match) => match.f === f))
      faults.push(`too much: ${found.who} | ${found.what} | ${found.when}`);
  });

  const decided = notes.sections.find(({ id }) => id === 'decisions')?.lines ?? [];
  const decisions = bestPairs(
    meeting.decisions
      .flatMap((gold, g) => decided.map((found, f) => ({ g, f, fit: fitOf(gold, found.text) })))
      .filter(({ fit }) => fit > 0),
  );
  meeting.decisions.forEach((gold, g) => {
    if (!decisions.some((match) => match.g === g)) faults.push(`missed decision: ${gold}`);
  });
  decided.forEach((found, f) => {
    if (!decisions.some((match) => match.f === f)) faults.push(`no decision: ${found.text}`);
  });
  return {
    actions: count(whole.length),
    owners: count(matched.filter(({ who }) => who).length),
    dates: count(matched.filter(({ when }) => when).length),
    decisions: { gold: meeting.decisions.length, found: decided.length, right: decisions.length },
    faults,
  };
}

export function precision({ found, right }: Count): number {
  return found === 0 ? 1 : right / found;
}

export function recall({ gold, right }: Count): number {
  return gold === 0 ? 1 : right / gold;
}

export function addCounts(counts: readonly Count[]): Count {
  const total = { gold: 0, found: 0, right: 0 };
  for (const count of counts) {
    total.gold += count.gold;
    total.found += count.found;
    total.right += count.right;
  }
  return total;
}

/** 0 when the texts do not fit. */
function fitOf(gold: string, found: string): number {
  const wanted = new Set(termsOf(gold, english));
  const given = new Set(termsOf(found, english));
  const shared = [...wanted].filter((term) => given.has(term)).length;
  const covered = wanted.size === 0 ? 0 : shared / wanted.size;
  const alike = wanted.size + given.size === 0 ? 0 : (2 * shared) / (wanted.size + given.size);
  return covered >= coverage || alike >= dice ? Math.max(covered, alike) : 0;
}

function sameName(gold: string, found: string, spoken: boolean): boolean {
  const [left, right] = [gold.toLowerCase().trim(), found.toLowerCase().trim()];
  if (left === right) return true;
  return (
    spoken && left !== 'unknown' && right !== 'unknown' && left.length >= 4 && distance(left, right) <= 2
  );
}

function sameDate(gold: GoldAction, found: { when: string; dueOn?: string }): boolean {
  if (gold.dueOn !== undefined && found.dueOn !== undefined) return gold.dueOn === found.dueOn;
  const wanted = wordsOf(gold.when).filter((word) => !little.has(word));
  const given = new Set(wordsOf(found.when).filter((word) => !little.has(word)));
  return wanted.length === given.size && wanted.every((word) => given.has(word));
}

const little = new Set(['by', 'on', 'the', 'until', 'in', 'at', 'for', 'of']);

function bestPairs<Pair extends { g: number; f: number; fit: number }>(pairs: readonly Pair[]): Pair[] {
  const chosen: Pair[] = [];
  for (const pair of [...pairs].sort((a, b) => b.fit - a.fit)) {
    if (!chosen.some(({ g, f }) => g === pair.g || f === pair.f)) chosen.push(pair);
  }
  return chosen;
}

/** Levenshtein distance. */
function distance(left: string, right: string): number {
  let row = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let i = 1; i <= left.length; i++) {
    const next = [i];
    for (let j = 1; j <= right.length; j++) {
      const replaced = row[j - 1]! + (left[i - 1] === right[j - 1] ? 0 : 1);
      next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, replaced));
    }
    row = next;
  }
  return row[right.length]!;
}
