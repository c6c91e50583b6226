import { EventEmitter } from 'node:events';
import { Box, render, Text } from 'ink';
import { memo } from 'react';
import { clipRow, printRow, type Row } from './styled-row.ts';

/** Least time between two drawings, ms: ten a second at the most. */
const FRAME_MS = 100;
/** The same, when nothing but a meter has moved: a drawing costs Ink 5 ms, and a meter moves all the time. */
export const METER_MS = 250;

/** https://invisible-island.net/xterm/ctlseqs/ctlseqs.html: to the first column of the first row, erase what follows. */
const eraseScreen = '\x1b[1;1H\x1b[J';

interface Terminal {
  readonly columns?: number;
  readonly rows?: number;
  write(text: string, done?: () => void): unknown;
}

export interface Size {
  readonly columns: number;
  readonly rows: number;
}

/** The whole terminal, drawn row by row. */
export interface Frame {
  /** Asks to be drawn again, so many ms after the last drawing if that is enough (`FRAME_MS`). */
  changed(afterMs?: number): void;
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

/** One row. It is laid out again only when it says something else; an empty text would have no height. */
const Line = memo(({ text }: { readonly text: string }) => <Text wrap="truncate">{text || ' '}</Text>);

function Picture({ lines }: { readonly lines: readonly string[] }) {
  return (
    <Box flexDirection="column">
      {lines.map((text, row) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a row is its place on the screen
        <Line key={row} text={text} />
      ))}
    </Box>
  );
}

/** Draws with Ink, on the alternate screen: what was there before comes back, and no terminal wraps or scrolls it. */
export function openFrame({ terminal, colour, picture, now = () => performance.now() }: FrameOptions): Frame {
  const surface = surfaceOf(terminal);
  let shown: string | undefined;
  let timer: NodeJS.Timeout | undefined;
  /** When the timer fires. */
  let due = 0;
  let drawnAt = Number.NEGATIVE_INFINITY;
  let drawn = 0;
  let closed = false;

  const ink = render(<Picture lines={[]} />, {
    stdout: surface,
    alternateScreen: true,
    // Only the rows that differ are written.
    incrementalRendering: true,
    interactive: true,
    isScreenReaderEnabled: false,
    // Keys, signals and the console are others' business: keys.ts, stop-signals.ts.
    exitOnCtrlC: false,
    patchConsole: false,
  });

  function draw(): void {
    drawnAt = now();
    const { columns, rows } = surface;
    // The last column stays free: a row that fills it leaves the cursor in a state terminals disagree about.
    const lines = picture({ columns, rows })
      .slice(0, rows)
      .map((row) => printRow(clipRow(row, columns - 1), colour));
    // Ink goes over every character of the screen to find out that nothing has changed.
    const text = lines.join('\n');
    if (text === shown) return;
    shown = text;
    drawn += 1;
    ink.rerender(<Picture lines={lines} />);
  }

  function changed(afterMs = FRAME_MS): void {
    const wanted = drawnAt + afterMs;
    if (closed || (timer !== undefined && due <= wanted)) return;
    clearTimeout(timer);
    due = wanted;
    timer = setTimeout(
      () => {
        timer = undefined;
        draw();
      },
      Math.max(0, due - now()),
    );
  }

  function spoilt(): void {
    if (closed) return;
    shown = undefined;
    ink.clear();
    terminal.write(eraseScreen);
    changed();
  }

  // The cursor has come along to the alternate screen, and Ink draws from there.
  spoilt();
  return {
    changed,
    spoilt,
    close() {
      if (closed) return;
      closed = true;
      clearTimeout(timer);
      ink.unmount();
    },
    get drawn() {
      return drawn;
    },
  };
}

/**
 * The terminal as Ink sees it: always one, and always of a size, which some terminals do not tell (Ink would start
 * programs to find it out). It is never told of another size, since what it shows then are rows of the size before.
 */
function surfaceOf(terminal: Terminal) {
  const surface = Object.assign(new EventEmitter(), {
    isTTY: true,
    write: (text: string, done?: () => void) => terminal.write(text, done),
  });
  Object.defineProperties(surface, {
    columns: { get: () => Math.max(10, terminal.columns || 80) },
    // On Windows Ink erases the whole screen before each drawing of full height.
    rows: { get: () => Math.max(3, (terminal.rows || 24) - (process.platform === 'win32' ? 1 : 0)) },
  });
  return surface as unknown as NodeJS.WriteStream;
}
