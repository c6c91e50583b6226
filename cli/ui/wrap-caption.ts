/** A caption in two tones. */
export interface Caption {
  /** Will not change any more. */
  readonly stable: string;
  /** May still change. */
  readonly tentative: string;
}

/** Only the last `rows` rows of a caption at a width, so that a long segment never fills the screen. */
export function tailOfCaption({ stable, tentative }: Caption, columns: number, rows: number): Caption {
  const room = Math.max(1, columns - 2) * rows;
  const excess = stable.length + tentative.length - room;
  if (excess <= 0) return { stable, tentative };
  // Room for the ellipsis.
  const cut = excess + 1;
  return cut <= stable.length
    ? { stable: `…${stable.slice(cut)}`, tentative }
    : { stable: '', tentative: `…${tentative.slice(cut - stable.length)}` };
}

/** A level meter of `width` characters: full scale at the right end, −48 dBFS at the left. */
export function meter(peak: number, width: number): { bar: string; clipping: boolean } {
  const decibels = peak <= 0 ? -Infinity : 20 * Math.log10(peak);
  const filled = Math.max(0, Math.min(width, Math.round(((decibels + 48) / 48) * width)));
  return { bar: '▮'.repeat(filled) + '▯'.repeat(width - filled), clipping: peak >= 0.99 };
}
