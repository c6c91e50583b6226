import type { SpeakrError } from '@speakr/contracts/problem';
import type { Io } from './io.ts';
import { clipText, fitText, harmless, textWidth } from './ui/text-width.ts';

export type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow';

const codes: Record<Style, readonly [number, number]> = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
};

export interface Column {
  readonly heading: string;
  readonly right?: true;
  /** Cut with an ellipsis when the terminal is too narrow. */
  readonly shrink?: true;
}

/** Columns that a column or value is never cut below. */
const SHORTEST_CUT = 8;

/** Control characters, but for tabs, line ends and our own colours. Titles and texts may have any. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the ones that must go
const foreign = /(\x1b\[(?:1|2|22|31|32|33|39)m)|[\x00-\x08\x0b-\x1f\x7f-\x9f]/g;
const shown = (text: string) => text.replace(foreign, (_, own?: string) => own ?? ' ');
/** What turns the rest of a line around: it would take other columns with it. */
const turning = /[\u202a-\u202e\u2066-\u2069]/g;
const cellOf = (text: string) => harmless(text).replace(turning, '');

/** Data goes to stdout, talk to stderr. Writing into a closed pipe is quiet. */
export interface Output {
  /** Whether stdout is a terminal. */
  readonly tty: boolean;
  /** Whether stderr is a terminal. */
  readonly talkTty: boolean;
  /** True after the reader of stdout has gone (`| head`). */
  readonly closed: boolean;
  /** Data as it is. */
  write(text: string): void;
  /** A line of data. */
  line(text?: string): void;
  /** One JSON value on one line of stdout. */
  json(value: unknown): void;
  /** A line of talk on stderr. */
  talk(text: string): void;
  /** Redraws the last line of stderr; `''` removes it. Nothing without a terminal. */
  progress(text: string): void;
  /**
   * Rows for people: aligned with headings on a terminal, one value a line where it is too narrow for them,
   * tab-separated without headings in a pipe.
   */
  table(columns: readonly Column[], rows: readonly (readonly string[])[]): void;
  /** Colours a text meant for stdout, or for stderr. */
  style(style: Style, text: string, stream?: 'stdout' | 'stderr'): string;
  /** Resolves when everything written has been handed on. */
  flush(): Promise<void>;
}

/** @param io streams with their TTY facts; NO_COLOR and FORCE_COLOR are obeyed */
export function createOutput(io: Pick<Io, 'stdout' | 'stderr' | 'env'>): Output {
  const closed = { stdout: false, stderr: false };
  for (const name of ['stdout', 'stderr'] as const)
    io[name].on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE' && error.code !== 'ERR_STREAM_DESTROYED') throw error;
      closed[name] = true;
    });
  let progressShown = false;

  const put = (name: 'stdout' | 'stderr', text: string) => {
    if (!closed[name] && text !== '') io[name].write(text);
  };
  const clearProgress = () => {
    if (progressShown) put('stderr', '\r\x1b[2K');
    progressShown = false;
  };
  const coloured = (stream: 'stdout' | 'stderr') =>
    io.env.NO_COLOR ? false : io.env.FORCE_COLOR ? true : io[stream].isTTY === true;

  const output: Output = {
    tty: io.stdout.isTTY === true,
    talkTty: io.stderr.isTTY === true,
    get closed() {
      return closed.stdout;
    },
    write(text) {
      clearProgress();
      put('stdout', text);
    },
    line: (text = '') => output.write(`${output.tty ? shown(text) : text}\n`),
    json: (value) => output.write(`${JSON.stringify(value)}\n`),
    talk(text) {
      clearProgress();
      put('stderr', `${output.talkTty ? shown(text) : text}\n`);
    },
    progress(text) {
      if (!output.talkTty) return;
      clearProgress();
      if (text === '') return;
      put('stderr', fitText(harmless(text), (io.stderr.columns ?? 80) - 1));
      progressShown = true;
    },
    table(columns, given) {
      if (!output.tty) {
        for (const row of given) output.line(row.map(harmless).join('\t'));
        return;
      }
      const rows = given.map((row) => row.map(cellOf));
      const all = [columns.map((column) => column.heading), ...rows];
      const widths = columns.map((_, index) => Math.max(...all.map((row) => textWidth(row[index] ?? ''))));
      const room = io.stdout.columns ?? 80;
      const tableWidth = () => widths.reduce((sum, width) => sum + width + 2, -2);
      const shrink = columns.findIndex((column) => column.shrink);
      const over = tableWidth() - room;
      if (over > 0 && shrink >= 0)
        widths[shrink] = Math.max(Math.min(SHORTEST_CUT, widths[shrink] ?? 0), (widths[shrink] ?? 0) - over);
      if (tableWidth() > room) {
        stacked(columns, rows, room).forEach((line) => {
          output.line(line);
        });
        return;
      }
      all.forEach((row, index) => {
        const cells = columns.map((column, at) => fit(row[at] ?? '', widths[at] ?? 0, column.right === true));
        const line = cells.join('  ').trimEnd();
        output.line(index === 0 ? output.style('dim', line) : line);
      });
    },
    style(style, text, stream = 'stdout') {
      const [on, off] = codes[style];
      return coloured(stream) ? `\x1b[${on}m${text}\x1b[${off}m` : text;
    },
    async flush() {
      clearProgress();
      await Promise.all(
        (['stdout', 'stderr'] as const).map(
          (name) =>
            new Promise<void>((resolve) => {
              if (closed[name]) return resolve();
              io[name].once('error', () => resolve());
              io[name].write('', () => resolve());
            }),
        ),
      );
    },
  };
  return output;
}

/** Each row as a block of its own: heading and value on a line if there is one, a blank line between rows. */
function stacked(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  room: number,
): readonly string[] {
  const widest = Math.max(...columns.map(({ heading }) => heading.length));
  const forValue = Math.max(SHORTEST_CUT, room - widest - 2);
  const block = (row: readonly string[]) =>
    columns.flatMap(({ heading }, at) => {
      const value = row[at] ?? '';
      return value === '' ? [] : [`${heading.padEnd(widest)}  ${fit(value, forValue, false)}`.trimEnd()];
    });
  return rows.flatMap((row, index) => (index === 0 ? block(row) : ['', ...block(row)]));
}

function fit(text: string, width: number, right: boolean): string {
  const cut = clipText(text, width);
  const room = ' '.repeat(Math.max(0, width - textWidth(cut)));
  return right ? room + cut : cut + room;
}

/** An expected error for people: what happened and what to do, on one line. */
export function errorLine(error: Pick<SpeakrError, 'message' | 'hint'>): string {
  const message = error.message.replace(/\s*\n\s*/g, ' ').trim();
  return `speakr: ${/[.!?]$/.test(message) ? message : `${message}.`} ${error.hint}`;
}

/** An expected error for programs. */
export function errorJson(error: Pick<SpeakrError, 'code' | 'message' | 'hint'>): {
  code: string;
  message: string;
  hint: string;
} {
  return { code: error.code, message: error.message, hint: error.hint };
}
