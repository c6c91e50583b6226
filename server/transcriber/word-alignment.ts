/** Indices of two words that belong together; one is missing where a word was put in or left out. */
export type WordPair = readonly [from: number | undefined, to: number | undefined];

/** The cheapest way from one list of words to another (edit distance), in order. */
export function alignWords(from: readonly string[], to: readonly string[]): WordPair[] {
  const rows: number[][] = [Array.from({ length: to.length + 1 }, (_, index) => index)];
  const at = (i: number, j: number) => (rows[i] as number[])[j] as number;
  for (let i = 1; i <= from.length; i++) {
    const row = [i];
    for (let j = 1; j <= to.length; j++)
      row.push(
        Math.min(
          at(i - 1, j - 1) + (from[i - 1] === to[j - 1] ? 0 : 1),
          at(i - 1, j) + 1,
          (row[j - 1] as number) + 1,
        ),
      );
    rows.push(row);
  }
  const pairs: WordPair[] = [];
  let i = from.length;
  let j = to.length;
  while (i > 0 || j > 0) {
    const differs = from[i - 1] === to[j - 1] ? 0 : 1;
    if (i > 0 && j > 0 && at(i, j) === at(i - 1, j - 1) + differs) pairs.push([--i, --j]);
    else if (i > 0 && at(i, j) === at(i - 1, j) + 1) pairs.push([--i, undefined]);
    else pairs.push([undefined, --j]);
  }
  return pairs.reverse();
}
