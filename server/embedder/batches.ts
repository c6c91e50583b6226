/** More rows at once gain nothing on one thread and cost memory. */
const MAX_ROWS = 16;
/** A row may be padded by this share of its own length. */
const MAX_PADDING = 0.3;

/**
 * Groups sequences of about the same length, so that little is spent on padding.
 * @param lengths tokens of each sequence
 * @returns indexes of each batch; every index occurs once
 */
export function batchByLength(lengths: readonly number[]): number[][] {
  const order = lengths.map((_, index) => index).sort((a, b) => lengths[a]! - lengths[b]!);
  const batches: number[][] = [];
  let shortest = 0;
  for (const index of order) {
    const batch = batches.at(-1);
    if (batch !== undefined && batch.length < MAX_ROWS && lengths[index]! <= shortest * (1 + MAX_PADDING)) {
      batch.push(index);
    } else {
      batches.push([index]);
      shortest = lengths[index]!;
    }
  }
  return batches;
}
