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
