import type { Writable } from 'node:stream';
import { clipRow, printRow, type Row } from './styled-row.ts';

/** Least time between two drawings, ms: ten a second at the most. */
const FRAME_MS = 100;

// https://invisible-island.net/xterm/ctlseqs/ctlseqs.html
/** The alternate screen: what was there before comes back, and no terminal wraps or scrolls what is drawn on it. */
const enter = '\x1b[?1049h\x1b[?25l';
const leave = '\x1b[?25h\x1b[?1049l';
// The terminal shows what is between these at once. https://gist.github.com/christianparpart/d8a62cc1ab659194337d73e399004036
const beginUpdate = '\x1b[?2026h';
const endUpdate = '\x1b[?2026l';

type Terminal = Pick<Writable, 'write'> & { readonly columns?: number; readonly rows?: number };

export interface Size {
  readonly columns: number;
  readonly rows: number;
}

/** The whole terminal, drawn row by row. */
export interface Frame {
  /** Asks to be drawn again soon. */
  changed(): void;
  /** The terminal has another size, or somebody else has written on it: everything is drawn anew. */
  spoilt(): void;
  /** Gives the terminal back as it was. Idempotent. */
  close(): void;
  /** Drawings so far. */
  readonly drawn: number;
}

interface FrameOptions {
  readonly terminal: Terminal;
  readonly colour: boolean;
  /** The rows at a size, at most as many as it has. */
  picture(size: Size): readonly Row[];
  readonly now?: () => number;
}

/** Draws only the rows that differ from those that are there. */
export function openFrame({ terminal, colour, picture, now = () => performance.now() }: FrameOptions): Frame {
  let shown: string[] | undefined;
  let timer: NodeJS.Timeout | undefined;
  let drawnAt = Number.NEGATIVE_INFINITY;
  let drawn = 0;
  let closed = false;

  function draw(): void {
    drawnAt = now();
    // Some terminals do not tell their size.
    const size = { columns: Math.max(10, terminal.columns || 80), rows: Math.max(3, terminal.rows || 24) };
    const lines = picture(size)
      .slice(0, size.rows)
      // The last column stays free: a row that fills it leaves the cursor in a state terminals disagree about.
      .map((row) => printRow(clipRow(row, size.columns - 1), colour));
    const before = shown ?? [];
    let text = shown === undefined ? '\x1b[2J' : '';
    for (let row = 0; row < Math.max(lines.length, before.length); row += 1)
      if (lines[row] !== before[row]) text += `\x1b[${row + 1};1H${lines[row] ?? ''}\x1b[K`;
    shown = lines;
    if (text === '') return;
    drawn += 1;
    terminal.write(`${beginUpdate}${text}${endUpdate}`);
  }

  function changed(): void {
    if (closed || timer !== undefined) return;
    timer = setTimeout(
      () => {
        timer = undefined;
        draw();
      },
      Math.max(0, drawnAt + FRAME_MS - now()),
    );
  }

  terminal.write(enter);
  return {
    changed,
    spoilt() {
      shown = undefined;
      changed();
    },
    close() {
      if (closed) return;
      closed = true;
      clearTimeout(timer);
      terminal.write(leave);
    },
    get drawn() {
      return drawn;
    },
  };
}
