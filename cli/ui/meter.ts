/** A level meter of `width` characters: full scale at the right end, −48 dBFS at the left. */
export function meter(peak: number, width: number): { bar: string; filled: number; clipping: boolean } {
  const decibels = peak <= 0 ? -Infinity : 20 * Math.log10(peak);
  const filled = Math.max(0, Math.min(width, Math.round(((decibels + 48) / 48) * width)));
  return { bar: '▮'.repeat(filled) + '▯'.repeat(width - filled), filled, clipping: peak >= 0.99 };
}
