import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describe, initialScreen, readDescription, reduceScreen, type ScreenEvent } from './screen-state.ts';

const caption = (
  type: 'partial' | 'final',
  text: string,
  stable: string,
  segmentId = '1.0.0',
  track = 0,
): ScreenEvent => ({
  type: 'server',
  atMs: 0,
  message: { type, segmentId, track, startMs: 61_000, endMs: 62_000, text, stable },
});

const after = (...events: ScreenEvent[]) => events.reduce(reduceScreen, initialScreen);

test('a growing segment is shown in two tones, then settles once', () => {
  const open = after(caption('partial', 'We launch on', 'We launch'));
  assert.deepEqual(open.open, [
    { track: 0, id: '1.0.0', startMs: 61_000, stable: 'We launch', tentative: ' on' },
  ]);
  const done = [caption('final', 'We launch on Monday.', ''), caption('final', 'We launch on Monday.', '')];
  const settled = [...done, caption('partial', 'late', '')].reduce(reduceScreen, open);
  assert.deepEqual(settled.finals, [
    { id: '1.0.0', track: 0, startMs: 61_000, text: 'We launch on Monday.' },
  ]);
  assert.deepEqual(settled.open, []);
  assert.equal(reduceScreen(settled, done[0]!).finals.length, 1, 'it does not come again');
});

test('an empty final takes the caption away, that of the other track stays', () => {
  const state = after(
    caption('partial', 'uh', ''),
    caption('partial', 'Fine', '', '1.1.0', 1),
    caption('final', '', ''),
  );
  assert.deepEqual([state.open.map(({ id }) => id), state.finals], [['1.1.0'], []]);
});

test('what settles late stands where it began', () => {
  const said = (id: string, startMs: number): ScreenEvent => ({
    type: 'server',
    atMs: 0,
    message: { type: 'final', segmentId: id, track: 0, startMs, endMs: startMs, text: id, stable: id },
  });
  const state = after(said('a', 1000), said('c', 9000), said('b', 5000), said('d', 9000));
  assert.deepEqual(
    state.finals.map(({ id }) => id),
    ['a', 'b', 'c', 'd'],
  );
});

test('revised text takes the place of what it replaces, which does not come back', () => {
  const said = after(
    caption('final', 'one', '', '1.0.0'),
    caption('final', 'to', '', '1.0.1'),
    caption('final', 'tree', '', '1.0.2'),
    caption('final', 'four', '', '1.0.3'),
  );
  const revised: ScreenEvent = {
    type: 'server',
    atMs: 0,
    message: {
      type: 'revised',
      revision: 2,
      replaces: ['1.0.1', '1.0.2'],
      segments: [{ id: '2.0.0', track: 0, startMs: 61_000, endMs: 63_000, text: 'two, three' }],
    },
  };
  const texts = (state: typeof said) => state.finals.map(({ text }) => text);
  assert.deepEqual(texts(reduceScreen(said, revised)), ['one', 'two, three', 'four']);
  const again = reduceScreen(reduceScreen(said, revised), caption('final', 'to', '', '1.0.1'));
  assert.deepEqual(texts(again), ['one', 'two, three', 'four']);
});

test('what is said cannot steer the terminal', () => {
  const state = after(caption('final', 'a\x1b[2Jb\nc', ''), caption('partial', 'x\x07y', 'x', '1.0.1'));
  assert.equal(state.finals[0]?.text, 'a [2Jb c');
  assert.equal(state.open[0]?.tentative, ' y');
});

test('level, disk, connection, pause, mode and errors are kept', () => {
  const state = after(
    { type: 'level', track: 0, atMs: 1200, rms: 0.1, peak: 0.4, silent: true },
    { type: 'level', track: 1, atMs: 1300, rms: 0.1, peak: 1, silent: false },
    { type: 'connection', state: 'connected' },
    { type: 'disk', trouble: 'The disk is full.' },
    {
      type: 'server',
      atMs: 0,
      message: { type: 'state', mode: 'finals-only', lagMs: 900, transcribedMs: 10 },
    },
    { type: 'notice', text: 'hello' },
    { type: 'paused', paused: true },
  );
  assert.deepEqual(state.levels, [
    { peak: 0.4, silent: true },
    { peak: 1, silent: false, clippedAt: 1300 },
  ]);
  assert.deepEqual(
    [state.elapsedMs, state.connection, state.diskTrouble, state.mode, state.notice, state.paused],
    [1300, 'connected', 'The disk is full.', 'finals-only', { text: 'hello', sinceMs: 1300 }, true],
  );
  const finishing = reduceScreen(
    { ...state, prompt: { kind: 'discard' }, help: true },
    { type: 'phase', phase: 'finishing' },
  );
  assert.deepEqual([finishing.prompt, finishing.help, finishing.paused], [undefined, false, false]);
});

test('title and tags are typed as one line', () => {
  assert.equal(describe('Planning', ['launch', 'q3']), 'Planning #launch #q3');
  assert.deepEqual(readDescription('  #q3 Planning with  Tom #launch #q3'), {
    title: 'Planning with Tom',
    tags: ['q3', 'launch'],
  });
  assert.deepEqual(readDescription(''), { title: '', tags: [] });
});
