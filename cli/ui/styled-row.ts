import { clipText, fitText, textWidth } from './text-width.ts';

export type Tone = 'dim' | 'bold' | 'red' | 'green' | 'yellow' | 'cyan' | 'inverse';

/** A piece of a row in one tone. */
export interface Span {
  readonly text: string;
  readonly tone?: Tone;
}

/** One row of the screen. */
export type Row = readonly Span[];

const codes: Record<Tone, readonly [on: number, off: number, isColour: boolean]> = {
  dim: [2, 22, false],
  bold: [1, 22, false],
  inverse: [7, 27, false],
  red: [31, 39, true],
  green: [32, 39, true],
  yellow: [33, 39, true],
  cyan: [36, 39, true],
};

export const rowWidth = (row: Row): number => row.reduce((sum, { text }) => sum + textWidth(text), 0);

/** A row as the terminal wants it. Without colour dim, bold and inverse stay: they are no colours. */
export function printRow(row: Row, colour: boolean): string {
  return row
    .map(({ text, tone }) => {
      const [on, off, isColour] = tone === undefined ? [0, 0, false] : codes[tone];
      return on === 0 || text === '' || (isColour && !colour) ? text : `\x1b[${on}m${text}\x1b[${off}m`;
    })
    .join('');
}

/** A row cut to so many columns. */
export function clipRow(row: Row, columns: number): Row {
  if (rowWidth(row) <= columns) return row;
  const cut: Span[] = [];
  let left = columns;
  for (const span of row) {
    const width = textWidth(span.text);
    if (width < left) cut.push(span);
    else {
      cut.push({
        ...span,
        text: width === left ? clipText(`${span.text} `, left) : clipText(span.text, left),
      });
      break;
    }
    left -= width;
  }
  return cut;
}

/**
 * Wraps spans into rows of at most so many columns, at spaces where possible.
 * @param indent columns that rows after the first leave free
 */
export function wrapSpans(spans: readonly Span[], columns: number, indent = 0): Row[] {
  const rows: Span[][] = [[]];
  const margin = Math.min(indent, Math.max(0, columns - 10));
  let used = 0;
  const put = (text: string, tone: Tone | undefined) => {
    if (text === '') return;
    const row = rows.at(-1)!;
    const last = row.at(-1);
    if (last !== undefined && last.tone === tone) row[row.length - 1] = { ...last, text: last.text + text };
    else row.push(tone === undefined ? { text } : { text, tone });
    used += textWidth(text);
  };
  const newRow = () => {
    rows.push(margin > 0 ? [{ text: ' '.repeat(margin) }] : []);
    used = margin;
  };
  for (const { text, tone } of spans)
    for (const [word] of text.matchAll(/\s+|\S+/gu)) {
      const isSpace = /^\s/u.test(word);
      const width = textWidth(word);
      if (used + width <= columns) {
        if (!isSpace || used > margin || rows.length === 1) put(word, tone);
        continue;
      }
      if (isSpace) {
        newRow();
        continue;
      }
      if (used > margin) newRow();
      let rest = word;
      while (textWidth(rest) > columns - used) {
        const piece = fitText(rest, columns - used) || rest.slice(0, 1);
        put(piece, tone);
        rest = rest.slice(piece.length);
        newRow();
      }
      put(rest, tone);
    }
  return rows;
}
