import assert from 'node:assert/strict';
import { test } from 'node:test';
import { initialScreen, type ScreenState } from './screen-state.ts';
import { finalLine, viewScreen } from './screen-view.ts';
import { type Row, rowWidth } from './styled-row.ts';

const state: ScreenState = {
  ...initialScreen,
  elapsedMs: 61_000,
  connection: 'connected',
  tracks: ['me', 'them'],
  levels: [
    { peak: 0.2, silent: false },
    { peak: 0.01, silent: false },
  ],
  finals: [
    { id: '1.0.0', track: 0, startMs: 1000, text: 'We launch on the first of March.' },
    { id: '1.1.0', track: 1, startMs: 5000, text: 'Fine with me.' },
  ],
  open: [
    { track: 0, id: '1.0.1', startMs: 58_000, stable: 'Alex sends the', tentative: ' budget by Friday' },
  ],
};

const flat = (row: Row) =>
  row
    .map((span) => span.text)
    .join('')
    .trimEnd();
const all = (given: ScreenState, columns = 80, rows = 24) => viewScreen(given, { columns, rows }).map(flat);
const text = (given: ScreenState, columns = 80, rows = 24) =>
  all(given, columns, rows).filter((row) => row !== '');

test('what was said, what is being said, the clock with both meters, and the state at a glance', () => {
  assert.deepEqual(text(state), [
    '[00:01] me: We launch on the first of March.',
    '[00:05] them: Fine with me.',
    '[00:58] me: Alex sends the budget by Friday',
    '● 01:01  me ▮▮▮▮▮▮▮▮▮▮▮▮▮▮▮▮▮▯▯▯▯▯▯▯  them ▮▮▮▮▯▯▯▯▯▯▯▯▯▯▯▯▯▯▯▯▯▯▯▯',
    'mic ok · disk ok · server ok · text live          Enter stops · m mark · ? help',
  ]);
  assert.match(text(state, 120).at(-1) ?? '', /Enter stops · p pause · m mark · \? help$/);
  assert.equal(text(state, 40).at(-1), 'mic ok disk ok server ok text live');
  const news = { ...state, notice: { text: 'Marked 01:00', sinceMs: 60_000 } };
  assert.equal(text(news).at(-1), 'Marked 01:00');
  assert.match(text({ ...news, elapsedMs: 66_000 }).at(-1) ?? '', /^mic ok/, 'news pass');
});

test('no row is wider than the terminal, at any width, whatever is shown', () => {
  const states: ScreenState[] = [
    state,
    { ...state, help: true, title: 'Planning', tags: ['launch', 'q3'], marks: 12 },
    {
      ...state,
      connection: 'lost',
      diskTrouble: 'The disk is full. '.repeat(5),
      mode: 'finals-only',
      lagMs: 5000,
    },
    { ...state, prompt: { kind: 'label', atMs: 60_000, text: 'budget '.repeat(20) } },
    { ...state, prompt: { kind: 'title', text: '日本語'.repeat(20) } },
    { ...state, prompt: { kind: 'discard' } },
    { ...state, prompt: { kind: 'device', devices: [{ id: 'a', name: 'Built-in Audio '.repeat(8) }] } },
    { ...state, paused: true },
    { ...state, phase: 'finishing', transcribedMs: 40_000 },
    { ...state, notice: { text: 'x'.repeat(300), sinceMs: 60_000 }, trouble: 'y '.repeat(200) },
    {
      ...state,
      levels: [
        { peak: 1, silent: false, clippedAt: 60_500 },
        { peak: 0, silent: true },
      ],
    },
  ];
  for (const columns of [20, 40, 80, 200])
    for (const each of states)
      for (const row of viewScreen(each, { columns, rows: 24 }))
        assert.ok(rowWidth(row) < columns, `${columns}: ${row.map((span) => span.text).join('')}`);
});

test('the screen is full at any size: the newest at the bottom, older ones a key away', () => {
  const finals = Array.from({ length: 300 }, (_, index) => ({
    id: `1.0.${index}`,
    track: 0,
    startMs: index * 1000,
    text: `Sentence ${index}.`,
  }));
  const long = { ...state, tracks: ['me'], finals, open: [] };
  for (const rows of [3, 5, 12, 60]) assert.equal(all(long, 80, rows).length, rows);
  assert.deepEqual(all(long, 80, 5).slice(0, 3), [
    '[04:57] Sentence 297.',
    '[04:58] Sentence 298.',
    '[04:59] Sentence 299.',
  ]);
  assert.deepEqual(all({ ...long, scrolled: 10 }, 80, 5).slice(0, 3), [
    '[04:47] Sentence 287.',
    '[04:48] Sentence 288.',
    '[04:49] Sentence 289.',
  ]);
  assert.equal(
    all({ ...long, scrolled: 1000 }, 80, 5)[0],
    '[00:00] Sentence 0.',
    'no further than the start',
  );
  assert.match(all({ ...long, scrolled: 1 }, 80, 5)[3] ?? '', /End: back to what is said now/);
});

test('a segment without an end shows how it ends', () => {
  const open = [{ track: 0, id: '1.0.9', startMs: 0, stable: 'word '.repeat(200), tentative: 'and the end' }];
  const lines = text({ ...state, finals: [], open, tracks: ['me'] }, 40);
  assert.ok(lines.length <= 6);
  assert.match(lines.slice(0, 4).join(' '), /and the end$/);
});

test('two tones: what may still change is dim', () => {
  const rows = viewScreen({ ...state, finals: [] }, { columns: 80, rows: 3 });
  assert.deepEqual(rows[0]?.slice(2), [
    { text: 'Alex sends the' },
    { text: ' budget by Friday', tone: 'dim' },
  ]);
});

test('alarms say what to do: too loud, muted, disk, server', () => {
  const troubled: ScreenState = {
    ...state,
    levels: [
      { peak: 0, silent: true },
      { peak: 1, silent: false, clippedAt: 60_000 },
    ],
    diskTrouble: 'The disk is full.',
    connection: 'lost',
    mode: 'finals-only',
    lagMs: 6000,
  };
  const shown = text(troubled).join('\n');
  assert.match(shown, /! me: no sound at all: is the microphone muted\?/);
  assert.match(shown, /! them: too loud/);
  assert.match(shown, /! The disk is full\./);
  assert.match(shown, /! No server: the recording goes on/);
  assert.match(shown, /mic silent · disk in memory · server lost · text sentences, 6 s behind/);
});

test('a pause says how it ends, the end says what is still done', () => {
  assert.match(
    text({ ...state, paused: true }).at(-1) ?? '',
    /^mic paused · .* p goes on · Enter stops · \? help$/,
  );
  const finishing: ScreenState = { ...state, phase: 'finishing', transcribedMs: 40_000 };
  assert.equal(text(finishing).at(-1), 'mic ok · disk ok · server ok · finishing, 21 s to go …');
});

test('in a narrow terminal what is not well is said in full', () => {
  const busy: ScreenState = { ...state, mode: 'finals-only', levels: [{ peak: 0, silent: true }] };
  assert.equal(text(busy, 40).at(-1), 'mic silent server ok text sentences');
});

test('at the end every segment is a line of its own', () => {
  assert.deepEqual(
    state.finals.map((final) => flat(finalLine(final, state))),
    ['[00:01] me: We launch on the first of March.', '[00:05] them: Fine with me.'],
  );
});

test('facts that have no room beside the meter are left out whole', () => {
  const state = { ...initialScreen, marks: 1, title: 'Call with Tom', tags: ['poster'] };
  const clock = (columns: number) =>
    viewScreen(state, { columns, rows: 10 })
      .map((row) => row.map(({ text }) => text).join(''))
      .find((row) => row.includes('00:00')) ?? '';
  assert.match(clock(40), /1 marked$/);
  assert.match(clock(120), /1 marked · Call with Tom · #poster$/);
});
