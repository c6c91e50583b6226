/**
 * Where two texts of overlapping audio meet. The first word that both have is `known[from]` and `later[begin]`; what is
 * known ends before `later[to]`.
 */
export interface WordOverlap {
  readonly from: number;
  readonly begin: number;
  readonly to: number;
}

/** The same word counts 1; another one the better the more alike, a missing one costs. */
const MISSING = -0.5;
const LEAST_ALIKE = -0.4;
const MOST_ALIKE = 0.4;
/** Less than this is chance. */
const LEAST_VALUE = 1;

/**
 * Finds where a later text begins inside of a known one and where it goes beyond it (overlap alignment: the start of
 * the known text and the end of the later one are free). Words are compared as they are given.
 * @returns undefined when they have too little in common
 */
export function findOverlap(known: readonly string[], later: readonly string[]): WordOverlap | undefined {
  interface Way {
    readonly value: number;
    /** The first word that both have. */
    readonly first?: readonly [known: number, later: number];
  }
  let above: Way[] = Array.from({ length: later.length + 1 }, (_, to) => ({ value: to * MISSING }));
  for (const [index, word] of known.entries()) {
    const row: Way[] = [{ value: 0 }];
    for (const [at, other] of later.entries()) {
      const [both, left, up] = [above[at] as Way, row[at] as Way, above[at + 1] as Way];
      let best: Way = {
        value: both.value + likeness(word, other),
        first: both.first ?? (word === other ? [index, at] : undefined),
      };
      for (const way of [left, up])
        if (way.value + MISSING > best.value) best = { ...way, value: way.value + MISSING };
      row.push(best);
    }
    above = row;
  }
  let found: WordOverlap | undefined;
  let highest = LEAST_VALUE;
  for (const [to, { value, first }] of above.entries()) {
    if (first === undefined || value < highest) continue;
    highest = value;
    found = { from: first[0], begin: first[1], to };
  }
  return found;
}

function likeness(a: string, b: string): number {
  if (a === b) return 1;
  let same = 0;
  while (same < a.length && same < b.length && a[same] === b[same]) same++;
  let ending = 0;
  const rest = Math.min(a.length, b.length) - same;
  while (ending < rest && a.at(-1 - ending) === b.at(-1 - ending)) ending++;
  const share = (same + ending) / Math.max(a.length, b.length);
  return LEAST_ALIKE + share * (MOST_ALIKE - LEAST_ALIKE);
}
