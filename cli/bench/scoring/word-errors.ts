/**
 * Words as they are compared: compatibility forms, lower case, no punctuation but apostrophes inside words, hyphens and
 * slashes as spaces. Numbers stay as they are written.
 */
export function normalWords(text: string): string[] {
  return text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[’‘]/g, "'")
    .replace(/[-–—/]/g, ' ')
    .replace(/(?<![a-z0-9])'|'(?![a-z0-9])/g, '')
    .replace(/[^\p{L}\p{N}_\s']/gu, '')
    .split(/\s+/)
    .filter(Boolean);
}

/** A pair of places in two lists of words; one side is absent where a word was left out or put in. */
export interface AlignedWord {
  readonly reference?: number;
  readonly hypothesis?: number;
}

/**
 * The alignment with the fewest substitutions, deletions and insertions (Wagner and Fischer, "The string-to-string
 * correction problem", 1974), in order of the words. Memory grows with the product of the lengths.
 */
export function alignWords(reference: readonly string[], hypothesis: readonly string[]): AlignedWord[] {
  const columns = hypothesis.length + 1;
  const costs = new Uint32Array((reference.length + 1) * columns);
  for (let column = 1; column < columns; column++) costs[column] = column;
  for (let row = 1; row <= reference.length; row++) {
    const at = row * columns;
    costs[at] = row;
    for (let column = 1; column < columns; column++) {
      const differs = reference[row - 1] === hypothesis[column - 1] ? 0 : 1;
      costs[at + column] = Math.min(
        (costs[at - columns + column - 1] as number) + differs,
        (costs[at - columns + column] as number) + 1,
        (costs[at + column - 1] as number) + 1,
      );
    }
  }
  const aligned: AlignedWord[] = [];
  let row = reference.length;
  let column = hypothesis.length;
  while (row > 0 || column > 0) {
    const cost = costs[row * columns + column] as number;
    const differs = reference[row - 1] === hypothesis[column - 1] ? 0 : 1;
    if (row > 0 && column > 0 && cost === (costs[(row - 1) * columns + column - 1] as number) + differs)
      aligned.push({ reference: --row, hypothesis: --column });
    else if (row > 0 && cost === (costs[(row - 1) * columns + column] as number) + 1)
      aligned.push({ reference: --row });
    else aligned.push({ hypothesis: --column });
  }
  return aligned.reverse();
}

/** What went wrong between what was said and what was heard, in words. */
export interface WordErrors {
  readonly substitutions: number;
  readonly deletions: number;
  readonly insertions: number;
  /** The sum of the three. */
  readonly errors: number;
  /** Words of the reference. */
  readonly words: number;
}

/** Errors by kind. */
export function countWordErrors(reference: readonly string[], hypothesis: readonly string[]): WordErrors {
  let [substitutions, deletions, insertions] = [0, 0, 0];
  for (const { reference: said, hypothesis: heard } of alignWords(reference, hypothesis))
    if (said === undefined) insertions += 1;
    else if (heard === undefined) deletions += 1;
    else if (reference[said] !== hypothesis[heard]) substitutions += 1;
  const errors = substitutions + deletions + insertions;
  return { substitutions, deletions, insertions, errors, words: reference.length };
}

/** Substitutions, deletions and insertions from one list of words to another: the edit distance. */
export function wordErrors(reference: readonly string[], hypothesis: readonly string[]): number {
  let row = Array.from({ length: hypothesis.length + 1 }, (_, index) => index);
  for (const [index, word] of reference.entries()) {
    const next = [index + 1];
    for (const [at, other] of hypothesis.entries())
      next.push(
        Math.min(
          (row[at] as number) + (word === other ? 0 : 1),
          (row[at + 1] as number) + 1,
          (next[at] as number) + 1,
        ),
      );
    row = next;
  }
  return row.at(-1) as number;
}
