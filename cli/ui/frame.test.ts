import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { openFrame } from './frame.ts';
import type { Row } from './styled-row.ts';

// biome-ignore lint/suspicious/noControlCharactersInRegex: sequences begin with one
const sequences = /\x1b\[([?\d;]*)([A-Za-z])|[\s\S]/gu;

/** A terminal with scrollback that wraps its text anew when its width changes, as most do. */
function terminal(columns: number, rows: number) {
  let lines: string[] = [''];
  let [row, column] = [0, 0];
  const written: string[] = [];
  const put = (character: string) => {
    const line = (lines[row] ?? '').padEnd(column);
    lines[row] = line.slice(0, column) + character + line.slice(column + 1);
    column += 1;
  };
  const self = {
    columns,
    rows,
    cursorShown: true,
    written,
    write(text: string) {
      written.push(text);
      for (const [token, parameter, final] of text.matchAll(sequences)) {
        if (final === undefined) {
          if (token === '\r') column = 0;
          else if (token === '\n') {
            row += 1;
            lines[row] ??= '';
          } else put(token);
        } else if (final === 'A') row -= Number(parameter || 1);
        else if (final === 'B') row = Math.min(row + Number(parameter || 1), lines.length - 1);
        else if (final === 'K') lines[row] = (lines[row] ?? '').slice(0, column);
        else if (final === 'J') {
          lines[row] = (lines[row] ?? '').slice(0, column);
          lines = lines.slice(0, row + 1);
        } else if (parameter === '?25') self.cursorShown = final === 'h';
      }
      return true;
    },
    /** Wraps every line at the new width; the cursor stays with its text. */
    resize(to: number) {
      const wrapped: string[] = [];
      let cursor = 0;
      for (const [index, line] of lines.entries()) {
        if (index === row) cursor = wrapped.length;
        wrapped.push(line.slice(0, to));
        for (let at = to; at < line.length; at += to) wrapped.push(line.slice(at, at + to));
      }
      lines = wrapped;
      row = cursor;
      self.columns = to;
    },
    text: () => lines.join('\n').trimEnd().split(/\s*\n/),
  };
  return self;
}

const row = (text: string): Row => [{ text }];

function framed(columns = 40) {
  const screen = terminal(columns, 10);
  screen.write('$ speakr\r\n');
  let rows: string[] = [];
  let settled = 0;
  const frame = openFrame({
    terminal: screen,
    colour: false,
    picture() {
      const picture = { rows: rows.map(row), settled };
      rows = rows.slice(settled);
      settled = 0;
      return picture;
    },
  });
  const draw = async (next: string[], over = 0) => {
    rows = next;
    settled = over;
    frame.changed();
    await sleep(120);
  };
  return { screen, frame, draw };
}

test('only what differs is written, and rows that settle stay above for good', async () => {
  const { screen, frame, draw } = framed();
  await draw(['one', 'status 1']);
  assert.deepEqual(screen.text(), ['$ speakr', 'one', 'status 1']);
  await draw(['one', 'status 2']);
  assert.ok(!screen.written.at(-1)?.includes('one'));
  await draw(['one', 'two', 'status 3'], 1);
  await draw(['two', 'three', 'status 4']);
  assert.deepEqual(screen.text(), ['$ speakr', 'one', 'two', 'three', 'status 4']);
  await draw(['two', 'status 5']);
  assert.deepEqual(screen.text(), ['$ speakr', 'one', 'two', 'status 5']);
  const before = frame.drawn;
  await draw(['two', 'status 5']);
  assert.equal(frame.drawn, before, 'nothing changed, nothing is drawn');
});

test('when the terminal gets narrower nothing is left behind', async () => {
  const { screen, frame, draw } = framed(40);
  const long = 'words that fill the row of forty columns';
  await draw([long, long, 'status']);
  for (const columns of [15, 11, 33, 80]) {
    screen.resize(columns);
    frame.resized();
    await draw(['short', 'status']);
    assert.deepEqual(screen.text(), ['$ speakr', 'short', 'status']);
    await draw([long, long, 'status']);
  }
});

test('ten drawings a second at the most', async () => {
  const { frame, draw } = framed();
  await draw(['0']);
  const before = frame.drawn;
  let count = 0;
  const end = performance.now() + 500;
  const picture: string[] = [];
  while (performance.now() < end) {
    picture[0] = String(count++);
    void draw([...picture]);
    await sleep(5);
  }
  assert.ok(frame.drawn - before <= 6, `${frame.drawn - before} in half a second`);
});

test('closing leaves the last picture, and the cursor below it', async () => {
  const { screen, frame, draw } = framed();
  await draw(['one', 'status']);
  assert.equal(screen.cursorShown, false);
  void draw(['one', 'two']);
  frame.close();
  screen.write('$ ');
  assert.deepEqual(screen.text(), ['$ speakr', 'one', 'two', '$']);
  assert.equal(screen.cursorShown, true);
  frame.close();
  frame.changed();
});
