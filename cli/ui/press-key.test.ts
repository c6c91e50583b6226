import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { createKeyReader, type Key } from './keys.ts';
import { pressKey, type Wish } from './press-key.ts';
import { initialScreen, reduceScreen, type ScreenState } from './screen-state.ts';

const recording: ScreenState = { ...initialScreen, elapsedMs: 12_000 };

/** What raw bytes of a terminal make of a screen. */
function press(bytes: string, from: ScreenState = recording) {
  let state = from;
  const wishes: Wish[] = [];
  const reader = createKeyReader((key: Key) => {
    const pressed = pressKey(state, key);
    state = pressed.state;
    if (pressed.wish !== undefined) wishes.push(pressed.wish);
  });
  reader.read(bytes);
  return { reader, wishes, state: () => state };
}

test('Enter stops, p pauses and goes on, ? helps, Ctrl-C interrupts', () => {
  assert.deepEqual(press('\r').wishes, [{ type: 'stop' }]);
  assert.deepEqual(press('p').wishes, [{ type: 'pause' }]);
  assert.deepEqual(press('p', { ...recording, paused: true }).wishes, [{ type: 'resume' }]);
  assert.equal(press('?').state().help, true);
  assert.equal(press('??').state().help, false);
  assert.deepEqual(press('\x03').wishes, [{ type: 'interrupt' }]);
  assert.deepEqual(press('\r', { ...recording, phase: 'finishing' }).wishes, []);
});

test('m marks at once, and the label may come later, or not at all', () => {
  const marked = press('m');
  assert.equal(marked.state().marks, 1);
  const later = { ...marked.state(), elapsedMs: 19_000 };
  const labelled = press('budhet\x7f\x7f\x7fget\r', later);
  assert.deepEqual(labelled.wishes, [{ type: 'mark', atMs: 12_000, text: 'budget' }]);
  assert.equal(labelled.state().notice?.text, 'Marked 00:12: budget');
  assert.deepEqual(press('\r', later).wishes, [{ type: 'mark', atMs: 12_000, text: '' }]);
});

test('Esc discards only after y, and a lone Esc is told from a sequence', async () => {
  const pressed = press('\x1b');
  assert.deepEqual(pressed.state().prompt, undefined, 'a sequence may follow');
  await sleep(80);
  assert.deepEqual(pressed.state().prompt, { kind: 'discard' });
  assert.deepEqual(press('n', pressed.state()).wishes, []);
  assert.equal(press('n', pressed.state()).state().prompt, undefined);
  assert.deepEqual(press('y', pressed.state()).wishes, [{ type: 'discard' }]);
  for (const sequence of ['\x1b[C', '\x1bOP', '\x1b[15;2~', '\x1b[1;5C']) {
    const { reader, state, wishes } = press(sequence.slice(0, 2));
    reader.read(sequence.slice(2));
    await sleep(80);
    assert.deepEqual([state().prompt, wishes], [undefined, []], JSON.stringify(sequence));
  }
});

test('t changes title and tags; Esc leaves them', async () => {
  const named = { ...recording, title: 'Planning', tags: ['launch'] };
  assert.deepEqual(press('t with Tom #q3\r', named).wishes, [
    { type: 'describe', title: 'Planning with Tom', tags: ['launch', 'q3'] },
  ]);
  const left = press('t x\x1b', named);
  await sleep(80);
  assert.deepEqual([left.state().title, left.wishes], ['Planning', []]);
});

test('the arrows go back in what was said, and forth again', () => {
  assert.equal(press('\x1b[A\x1bOA\x1b[5~').state().scrolled, 12);
  assert.equal(press('\x1b[A\x1b[A\x1b[B').state().scrolled, 1);
  assert.equal(press('\x1b[5~\x1b[F').state().scrolled, 0);
  assert.equal(press('\x1b[B').state().scrolled, 0);
});

test('d offers microphones by number', () => {
  const asked = press('d');
  assert.deepEqual(asked.wishes, [{ type: 'devices' }]);
  const devices = [
    { id: 'pulse:a', name: 'Built-in' },
    { id: 'pulse:b', name: 'Yeti' },
  ];
  const offered = reduceScreen(asked.state(), { type: 'devices', devices });
  assert.deepEqual(press('2', offered).wishes, [{ type: 'device', id: 'pulse:b', name: 'Yeti' }]);
  assert.deepEqual(press('9', offered).state().prompt, { kind: 'device', devices }, 'there is no ninth');
  assert.equal(press('q', offered).state().prompt, undefined);
});

test('a paste is text where text is asked for, and nothing elsewhere', () => {
  const paste = '\x1b[200~p m\nstop it\r\x1b[201~';
  assert.deepEqual(press(paste).wishes, []);
  assert.deepEqual(press(`m${paste}\r`).wishes, [{ type: 'mark', atMs: 12_000, text: 'p m stop it' }]);
});
