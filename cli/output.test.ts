import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SpeakrError } from '@speakr/contracts/problem';
import { fakeIo } from './fixtures/fake-io.ts';
import { createOutput, errorLine } from './output.ts';
import { textWidth } from './ui/text-width.ts';

const columns = [
  { heading: 'id' },
  { heading: 'title', shrink: true },
  { heading: 'size', right: true },
] as const;
const rows = [
  ['4d1e99', 'A title that is much too long for this terminal', '7'],
  ['aa11bb', 'Short\tone', '120'],
];

test('a table on a terminal is aligned, has headings and fits its width', () => {
  const io = fakeIo({ tty: true, columns: 40, env: { NO_COLOR: '1' } });
  createOutput(io).table(columns, rows);
  const lines = io.out().trimEnd().split('\n');
  assert.equal(lines.length, 3);
  assert.match(lines[0] ?? '', /^id +title +size$/);
  for (const line of lines) assert.ok(line.length <= 40, line);
  assert.match(lines[1] ?? '', /…/);
});

test('where the terminal is too narrow for a table, each row is a block of lines that fit', () => {
  const io = fakeIo({ tty: true, columns: 18, env: { NO_COLOR: '1' } });
  createOutput(io).table(columns, rows);
  assert.equal(
    io.out(),
    'id     4d1e99\ntitle  A title th…\nsize   7\n\nid     aa11bb\ntitle  Short one\nsize   120\n',
  );
});

test('a block has no lines for what is empty', () => {
  const io = fakeIo({ tty: true, columns: 18, env: { NO_COLOR: '1' } });
  createOutput(io).table(columns, [['4d1e99', '', 'seven hundred and seven']]);
  assert.equal(io.out(), 'id     4d1e99\nsize   seven hund…\n');
});

test('a table in a pipe is tab-separated rows, whole and without headings', () => {
  const io = fakeIo();
  createOutput(io).table(columns, rows);
  assert.equal(io.out(), `${rows[0]?.join('\t')}\naa11bb\tShort one\t120\n`);
});

test('columns stand below each other whatever a title is written in, and what is cut is cut between characters', () => {
  const io = fakeIo({ tty: true, columns: 30, env: { NO_COLOR: '1' } });
  const titles = [
    'plain',
    '会議の記録はとても長い',
    '👩‍👩‍👧‍👦 👍🏽 🏳️‍🌈',
    'Zoe\u0301 n\u0303',
    'פגישה',
    'a\ud800b',
  ];
  createOutput(io).table(
    columns,
    titles.map((title) => ['4d1e99', title, '7']),
  );
  const lines = io.out().trimEnd().split('\n');
  for (const line of lines) assert.equal(textWidth(line), 30, line);
  assert.equal(lines[2], '4d1e99  会議の記録はと…      7');
});

test('a terminal gets no control characters out of titles and texts', () => {
  const evil = 'a\x1b]52;c;aGk=\x07b\x1b[2Jc\u009b31md';
  const io = fakeIo({ tty: true, columns: 60, env: { NO_COLOR: '1' } });
  const output = createOutput(io);
  output.table(columns, [['4d1e99', `${evil}\u202etxt`, '7']]);
  output.line(`${output.style('bold', 'x')}\t${evil}`);
  output.talk(evil);
  output.progress(evil);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are looked for
  assert.doesNotMatch(`${io.out()}${io.err()}`, /[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e]/);
  const coloured = fakeIo({ tty: true });
  const own = createOutput(coloured);
  own.line(own.style('red', 'x'));
  assert.equal(coloured.out(), '\x1b[31mx\x1b[39m\n', 'our own colours stay');
  const piped = fakeIo();
  createOutput(piped).line(evil);
  assert.equal(piped.out(), `${evil}\n`, 'a pipe gets it as it is');
});

test('colour only on a terminal, and not when NO_COLOR is set', () => {
  assert.equal(createOutput(fakeIo({ tty: true })).style('red', 'x'), '\x1b[31mx\x1b[39m');
  assert.equal(createOutput(fakeIo({ tty: true, env: { NO_COLOR: '1' } })).style('red', 'x'), 'x');
  assert.equal(createOutput(fakeIo()).style('red', 'x'), 'x');
  assert.equal(createOutput(fakeIo({ env: { FORCE_COLOR: '1' } })).style('bold', 'x'), '\x1b[1mx\x1b[22m');
});

test('a closed pipe is quiet', async () => {
  const io = fakeIo();
  const output = createOutput(io);
  output.line('first');
  io.stdout.emit('error', Object.assign(new Error('EPIPE'), { code: 'EPIPE' }));
  output.line('second');
  await output.flush();
  assert.equal(output.closed, true);
  assert.equal(io.out(), 'first\n');
});

test('progress is one line of the terminal that the next output replaces; a pipe sees none of it', () => {
  const io = fakeIo({ tty: true, columns: 10 });
  const output = createOutput(io);
  output.progress('0123456789abc');
  output.line('data');
  assert.equal(io.err(), '012345678\r\x1b[2K');
  const piped = fakeIo();
  createOutput(piped).progress('x');
  assert.equal(piped.err(), '');
});

test('an expected error is one line: what happened, what to do', () => {
  assert.equal(
    errorLine(new SpeakrError('not_found', 'No recording\nends in 4d1e99', { hint: 'Run `speakr list`.' })),
    'speakr: No recording ends in 4d1e99. Run `speakr list`.',
  );
});
