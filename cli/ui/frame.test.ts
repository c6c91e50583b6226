import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { METER_MS, openFrame } from './frame.tsx';

// biome-ignore lint/suspicious/noControlCharactersInRegex: sequences begin with one
const sequences = /\x1b\[([?\d;]*)([A-Za-z])|[\s\S]/gu;

/** A terminal with a main and an alternate screen. It wraps and scrolls, as terminals do. */
function terminal(columns: number, rows: number) {
  const main: string[] = [''];
  let alternate: string[] | undefined;
  let [row, column] = [0, 0];
  let before = [row, column];
  const written: string[] = [];
  const self = {
    columns,
    rows,
    cursorShown: true,
    written,
    write(text: string, done?: () => void) {
      written.push(text);
      for (const [token, parameter = '', final] of text.matchAll(sequences)) {
        const lines = alternate ?? main;
        const count = Number(parameter || 1);
        if (final === undefined && token === '\r') column = 0;
        else if (final === undefined && token === '\n') {
          [row, column] = [row + 1, 0];
          if (row === self.rows) {
            lines.shift();
            row -= 1;
          }
        } else if (final === undefined) {
          assert.ok(column < self.columns - 1, 'the last column stays free');
          const line = (lines[row] ?? '').padEnd(column);
          lines[row] = line.slice(0, column) + token + line.slice(column + 1);
          column += 1;
        } else if (final === 'A') row = Math.max(0, row - count);
        else if (final === 'B') row = Math.min(self.rows - 1, row + count);
        else if (final === 'E') [row, column] = [Math.min(self.rows - 1, row + count), 0];
        else if (final === 'G') column = count - 1;
        else if (final === 'H') {
          const [line = 1, place = 1] = parameter.split(';').map(Number);
          assert.ok(line <= self.rows, 'below the screen');
          [row, column] = [line - 1, place - 1];
        } else if (final === 'K') lines[row] = parameter === '2' ? '' : (lines[row] ?? '').slice(0, column);
        else if (final === 'J') {
          lines[row] = (lines[row] ?? '').slice(0, column);
          lines.length = row + 1;
        } else if (parameter === '?1049' && final === 'h') [alternate, before] = [[], [row, column]];
        else if (parameter === '?1049') {
          alternate = undefined;
          [row = 0, column = 0] = before;
        } else if (parameter === '?25') self.cursorShown = final === 'h';
        else assert.ok(final === 'm' || parameter === '?2026', `${token.slice(1)} is not known here`);
      }
      done?.();
      return true;
    },
    text: () =>
      Array.from(alternate ?? main, (line) => (line ?? '').trimEnd())
        .join('\n')
        .trimEnd(),
  };
  return self;
}

const last = (written: readonly string[]) => written.join('').split('\x1b[?2026h').at(-1) ?? '';

function framed(columns = 40) {
  const screen = terminal(columns, 10);
  screen.write('$ speakr\r\n');
  let rows: string[] = [];
  const frame = openFrame({ terminal: screen, colour: false, picture: () => rows.map((text) => [{ text }]) });
  const show = (...next: string[]) => {
    rows = next;
  };
  const draw = async (...next: string[]) => {
    show(...next);
    frame.changed();
    await sleep(150);
  };
  return { screen, frame, draw, show };
}

test('only rows that differ are written', async () => {
  const { screen, frame, draw } = framed();
  await draw('one', 'two', 'status 1');
  assert.equal(screen.text(), 'one\ntwo\nstatus 1');
  await draw('one', 'two', 'status 2');
  assert.ok(!/one|two/.test(last(screen.written)));
  await draw('one', 'status 3');
  assert.equal(screen.text(), 'one\nstatus 3');
  const before = frame.drawn;
  await draw('one', 'status 3');
  assert.equal(frame.drawn, before, 'nothing changed, nothing is drawn');
});

test('another size: everything is drawn anew, and fits', async () => {
  const { screen, frame, draw } = framed(40);
  await draw('words that fill the row of forty columns', 'status');
  screen.columns = 12;
  screen.rows = 3;
  frame.spoilt();
  await draw('words that fill the row of forty columns', 'a', 'b', 'c', 'd');
  assert.equal(screen.text(), 'words that…\na\nb');
});

test('ten drawings a second at the most', async () => {
  const { frame, draw } = framed();
  await draw('0');
  const before = frame.drawn;
  const end = performance.now() + 500;
  for (let count = 0; performance.now() < end; count += 1) {
    void draw(String(count));
    await sleep(5);
  }
  assert.ok(frame.drawn - before <= 6, `${frame.drawn - before} in half a second`);
});

test('a meter moves less often, and what matters does not wait for it', async () => {
  const { screen, frame, draw, show } = framed();
  await draw('0');
  const before = frame.drawn;
  const end = performance.now() + 600;
  for (let count = 1; performance.now() < end; count += 1) {
    show(`${count}`);
    frame.changed(METER_MS);
    await sleep(5);
  }
  assert.ok(frame.drawn - before <= 3, `${frame.drawn - before} in 600 ms`);
  show('meter');
  frame.changed(METER_MS);
  await draw('words');
  assert.equal(screen.text(), 'words');
});

test('closing gives back what was there before, and the cursor', async () => {
  const { screen, frame, draw } = framed();
  await draw('one', 'status');
  assert.equal(screen.cursorShown, false);
  frame.close();
  frame.close();
  frame.changed();
  screen.write('$ ');
  assert.equal(screen.text(), '$ speakr\n$');
  assert.equal(screen.cursorShown, true);
});
