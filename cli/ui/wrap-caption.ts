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
