import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clipRow, printRow, type Row, rowWidth, wrapSpans } from './styled-row.ts';
import { clipText, fitText, textWidth } from './text-width.ts';

const plain = (rows: readonly Row[]) => rows.map((row) => row.map(({ text }) => text).join(''));

test('width: wide scripts and pictures take two columns, accents none', () => {
  assert.equal(textWidth('abc'), 3);
  assert.equal(textWidth('日本'), 4);
  assert.equal(textWidth('한국'), 4);
  assert.equal(textWidth('e\u0301'), 1);
  assert.equal(textWidth('👩‍💻👍🏽'), 4);
  assert.equal(textWidth('Tiếng Việt'), 10);
  assert.equal(textWidth('●▮▯·…'), 5);
  assert.equal(fitText('日本語', 5), '日本');
  assert.equal(clipText('日本語', 5), '日本…');
  assert.equal(clipText('abc', 3), 'abc');
});

test('words wrap at spaces, long ones are cut, later rows are indented', () => {
  assert.deepEqual(plain(wrapSpans([{ text: 'We launch on the first of March.' }], 14)), [
    'We launch on ',
    'the first of ',
    'March.',
  ]);
  assert.deepEqual(plain(wrapSpans([{ text: '[00:01] We launch on Monday' }], 20, 8)), [
    '[00:01] We launch on',
    '        Monday',
  ]);
  assert.deepEqual(plain(wrapSpans([{ text: 'x'.repeat(25) }], 10)), ['xxxxxxxxxx', 'xxxxxxxxxx', 'xxxxx']);
  for (const width of [10, 13, 40])
    for (const row of wrapSpans([{ text: 'Das ist 日本語 und ein sehr langesWortOhneEnde dazu' }], width, 4))
      assert.ok(rowWidth(row) <= width, `${rowWidth(row)} of ${width}`);
});

test('tones survive wrapping and clipping; colours go where there are none, dim stays', () => {
  const rows = wrapSpans([{ text: 'We launch ' }, { text: 'on Monday or so', tone: 'dim' }], 12);
  assert.deepEqual(rows, [
    [{ text: 'We launch ' }, { text: 'on', tone: 'dim' }],
    [{ text: 'Monday or so', tone: 'dim' }],
  ]);
  assert.equal(
    printRow(
      [
        { text: 'a', tone: 'red' },
        { text: 'b', tone: 'dim' },
      ],
      false,
    ),
    'a\x1b[2mb\x1b[22m',
  );
  assert.equal(printRow([{ text: 'a', tone: 'red' }], true), '\x1b[31ma\x1b[39m');
  assert.deepEqual(plain([clipRow([{ text: 'abcdef' }, { text: 'ghi' }], 7)]), ['abcdef…']);
  assert.deepEqual(plain([clipRow([{ text: 'abcdef' }, { text: 'ghi' }], 6)]), ['abcde…']);
});
