/**
 * The value below which a share of the values lies: the one at place ⌊share × count⌋ in ascending order (nearest rank,
 * nothing is interpolated), the last one at the most.
 * @param share 0 … 1
 * @returns NaN without values
 */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}
