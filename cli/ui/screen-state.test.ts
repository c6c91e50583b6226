import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RecorderEvent } from '../recorder/recorder-event.ts';
import { meter } from './meter.ts';
import { initialScreen, type Key, pressKey, reduceScreen } from './screen-state.ts';
import { tailOfCaption } from './wrap-caption.ts';

const caption = (
  type: 'partial' | 'final',
  text: string,
  stable: string,
  segmentId = '1.0.0',
): RecorderEvent => ({
  type: 'server',
  atMs: 0,
  message: { type, segmentId, track: 0, startMs: 61_000, endMs: 62_000, text, stable },
});

const after = (...events: RecorderEvent[]) => events.reduce(reduceScreen, initialScreen);

test('a growing segment is shown in two tones, then settles once', () => {
  const open = after(caption('partial', 'We launch on', 'We launch'));
  assert.deepEqual(open.open, [{ track: 0, id: '1.0.0', stable: 'We launch', tentative: ' on' }]);
  const done = [caption('final', 'We launch on Monday.', ''), caption('final', 'We launch on Monday.', '')];
  const settled = [...done, caption('partial', 'late', '')].reduce(reduceScreen, open);
  assert.deepEqual(settled.finals, [{ id: '1.0.0', text: '[01:01] We launch on Monday.' }]);
  assert.deepEqual(settled.open, []);
});

test('an empty final takes the caption away', () => {
  const state = after(caption('partial', 'uh', ''), caption('final', '', ''));
  assert.deepEqual([state.open, state.finals], [[], []]);
});

test('state, level, disk, connection and errors are kept', () => {
  const state = after(
    { type: 'level', track: 0, atMs: 1200, rms: 0.1, peak: 0.4, silent: true },
    { type: 'connection', state: 'connected' },
    { type: 'disk', trouble: 'The disk is full.' },
    {
      type: 'server',
      atMs: 0,
      message: { type: 'state', mode: 'finals-only', lagMs: 900, transcribedMs: 10 },
    },
    { type: 'notice', text: 'hello' },
    { type: 'phase', phase: 'finishing' },
  );
  assert.deepEqual(
    [
      state.elapsedMs,
      state.silent,
      state.connection,
      state.diskTrouble,
      state.mode,
      state.notice,
      state.phase,
    ],
    [1200, true, 'connected', 'The disk is full.', 'finals-only', 'hello', 'finishing'],
  );
});

test('Enter stops, m marks, ? helps; Esc discards only after y', () => {
  const press = (...keys: Key[]) =>
    keys.reduce<{ state: typeof initialScreen; wishes: string[] }>(
      ({ state, wishes }, key) => {
        const { state: next, wish } = pressKey(state, key);
        return { state: next, wishes: wish === undefined ? wishes : [...wishes, wish] };
      },
      { state: initialScreen, wishes: [] },
    );
  assert.deepEqual(press('enter').wishes, ['stop']);
  assert.deepEqual(press('m', 'm').wishes, ['mark', 'mark']);
  assert.equal(press('m').state.marks, 1);
  assert.equal(press('?').state.help, true);
  assert.deepEqual(press('escape', 'other', 'y').wishes, []);
  assert.deepEqual(press('escape', 'y').wishes, ['discard']);
  assert.deepEqual(press('escape', 'interrupt').wishes, ['interrupt']);
  assert.deepEqual(pressKey({ ...initialScreen, phase: 'finishing' }, 'enter').wish, undefined);
});

test('a long caption shows its end, whatever is tentative', () => {
  const cut = tailOfCaption({ stable: 'a'.repeat(100), tentative: 'b'.repeat(5) }, 12, 2);
  assert.equal(cut.stable.length + cut.tentative.length, 20);
  assert.equal(cut.tentative, 'bbbbb');
  const tentative = tailOfCaption({ stable: 'a', tentative: 'b'.repeat(100) }, 12, 2);
  assert.deepEqual([tentative.stable, tentative.tentative.length], ['', 20]);
  assert.deepEqual(tailOfCaption({ stable: 'a', tentative: 'b' }, 12, 2), { stable: 'a', tentative: 'b' });
});

test('the meter spans 48 dB and tells clipping', () => {
  assert.deepEqual(meter(1, 4), { bar: '▮▮▮▮', filled: 4, clipping: true });
  assert.deepEqual(meter(0, 4), { bar: '▯▯▯▯', filled: 0, clipping: false });
  assert.equal(meter(0.063, 4).bar, '▮▮▯▯');
});
