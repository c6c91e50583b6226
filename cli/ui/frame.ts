import type { Writable } from 'node:stream';
import { clipRow, printRow, type Row } from './styled-row.ts';

/** Least time between two drawings, ms: ten a second at the most. */
const FRAME_MS = 100;

const hideCursor = '\x1b[?25l';
const showCursor = '\x1b[?25h';
// The terminal shows what is between these at once. https://gist.github.com/christianparpart/d8a62cc1ab659194337d73e399004036
const beginUpdate = '\x1b[?2026h';
const endUpdate = '\x1b[?2026l';

type Terminal = Pick<Writable, 'write'> & { readonly columns?: number; readonly rows?: number };

/** Rows at the end of the terminal's text that can be drawn again, below what stays for good. */
export interface Frame {
  /** Asks to be drawn again soon. */
  changed(): void;
  /** The terminal has another size: its rows may have been wrapped anew. */
  resized(): void;
  /** Draws for the last time and gives the terminal back, with the cursor below. */
  close(): void;
  /** What has been written so far, for measurements. */
  readonly drawn: number;
}

/** What is on the screen at a size. The first `settled` rows will never change: they are let go into the scrollback. */
export interface Picture {
  readonly rows: readonly Row[];
  readonly settled: number;
}

export interface FrameOptions {
  readonly terminal: Terminal;
  readonly colour: boolean;
  /** Called for every drawing, and once with `last`. It may forget the settled rows: they are not asked for again. */
  picture(size: { columns: number; rows: number }, last: boolean): Picture;
  readonly now?: () => number;
}

/**
 * Draws only the rows that differ. Between drawings the cursor rests, hidden, at the beginning of the first row: when the
 * terminal wraps its text anew, the cursor stays with it, so that everything below can be removed whatever became of it.
 */
export function openFrame({ terminal, colour, picture, now = () => performance.now() }: FrameOptions): Frame {
  let shown: string[] = [];
  let timer: NodeJS.Timeout | undefined;
  let drawnAt = Number.NEGATIVE_INFINITY;
  let drawn = 0;
  let erase = false;
  let closed = false;
  const size = () => ({
    columns: Math.max(10, terminal.columns || 80),
    rows: Math.max(4, terminal.rows || 24),
  });

  function draw(last: boolean): void {
    drawnAt = now();
    const { columns, rows: height } = size();
    const { rows, settled } = picture({ columns, rows: height }, last);
    // The last column stays free: a row that fills it leaves the cursor in a state terminals disagree about.
    const lines = rows.map((row) => printRow(clipRow(row, columns - 1), colour));
    let text = '';
    if (erase) {
      text += '\r\x1b[J';
      shown = [];
      erase = false;
    }
    let at = 0;
    const go = (row: number) => {
      if (row > at) text += `\x1b[${row - at}B`;
      else if (row < at) text += `\x1b[${at - row}A`;
      at = row;
    };
    for (const [row, line] of lines.entries()) {
      if (line === shown[row]) continue;
      if (row < shown.length || row === 0) {
        go(row);
        text += `\r${line}\x1b[K`;
      } else {
        go(row - 1);
        text += `\r\n${line}\x1b[K`;
        at = row;
      }
    }
    if (shown.length > lines.length) {
      go(lines.length);
      text += '\r\x1b[J';
    }
    // Settled rows are above the frame from now on.
    const top = Math.min(settled, Math.max(0, lines.length - 1));
    shown = lines.slice(top);
    if (text === '' && top === 0) return;
    go(last ? Math.max(0, lines.length - 1) : top);
    drawn += 1;
    terminal.write(`${beginUpdate}${text}\r${endUpdate}`);
  }

  function schedule(): void {
    if (closed || timer !== undefined) return;
    timer = setTimeout(
      () => {
        timer = undefined;
        draw(false);
      },
      Math.max(0, drawnAt + FRAME_MS - now()),
    );
  }

  terminal.write(hideCursor);
  return {
    changed: schedule,
    resized() {
      erase = true;
      schedule();
    },
    close() {
      if (closed) return;
      closed = true;
      clearTimeout(timer);
      draw(true);
      terminal.write(`${shown.length > 0 ? '\r\n' : ''}${showCursor}`);
    },
    get drawn() {
      return drawn;
    },
  };
}
