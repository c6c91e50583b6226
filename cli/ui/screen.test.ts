import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../../scripts/until.ts';
import { type FakeIo, fakeIo } from '../fixtures/fake-io.ts';
import type { Wish } from './press-key.ts';
import { openScreen } from './screen.ts';
import type { ScreenEvent } from './screen-state.ts';

const final = (text: string): ScreenEvent => ({
  type: 'server',
  atMs: 0,
  message: { type: 'final', segmentId: text, track: 0, startMs: 1000, endMs: 2000, text, stable: text },
});

function opened(io: FakeIo = fakeIo({ tty: true, columns: 60 })) {
  const wishes: Wish[] = [];
  const screen = openScreen({ io, onWish: (wish) => wishes.push(wish) });
  const type = async (keys: string) => {
    (io.stdin as unknown as { write(text: string): void }).write(keys);
    await sleep(5);
  };
  return { io, screen, wishes, type };
}

test('keys reach the recording, what happens reaches the screen', async () => {
  const { io, screen, wishes, type } = opened();
  screen.show(final('We launch in March.'));
  await until('caption on the screen', () => /We launch in March\./.test(io.out()), { seen: io.out });
  await type('p');
  await type('\r');
  await until('both wishes', () => wishes.length === 2, { seen: () => wishes });
  assert.deepEqual(wishes, [{ type: 'pause' }, { type: 'stop' }]);
  screen.close();
});

/** The terminal is as it was: alternate screen left, cursor shown, no pastes marked. */
const givenBack = (out: string) => {
  assert.equal(out.lastIndexOf('\x1b[?1049l') > out.lastIndexOf('\x1b[?1049h'), true);
  assert.equal(out.lastIndexOf('\x1b[?25h') > out.lastIndexOf('\x1b[?25l'), true);
  assert.equal(out.lastIndexOf('\x1b[?2004l') > out.lastIndexOf('\x1b[?2004h'), true);
};

test('at the end, also when the process dies of an error, the terminal is as it was, with what was said', async () => {
  for (const ending of ['close', 'exit'] as const) {
    const { io, screen } = opened();
    screen.show(final('We launch in March.'));
    if (ending === 'close') screen.close();
    else io.signals.emit('exit', 1);
    await sleep(5);
    givenBack(io.out());
    const below = io.out().split('\x1b[?1049l')[1] ?? '';
    assert.match(below, /We launch in March\.\n/);
    assert.equal(io.signals.listenerCount('exit'), 0);
  }
});

test('a label that is half typed when the recording ends is kept', async () => {
  const { io, screen, wishes, type } = opened();
  await type('mbudget');
  await until('the label', () => /budget/.test(io.out()), { seen: io.out });
  screen.show({ type: 'phase', phase: 'finishing' });
  assert.deepEqual(wishes, [{ type: 'mark', atMs: 0, text: 'budget' }]);
  screen.close();
});

test('without colour nothing is coloured, and both tones are still there', async () => {
  const { io, screen } = opened(fakeIo({ tty: true, env: { NO_COLOR: '1' } }));
  screen.show({
    type: 'server',
    atMs: 0,
    message: {
      type: 'partial',
      segmentId: 'a',
      track: 0,
      startMs: 0,
      endMs: 1,
      text: 'We launch',
      stable: 'We',
    },
  });
  await until('the caption', () => io.out().includes('launch'), { seen: io.out });
  screen.close();
  assert.ok(
    !io
      .out()
      .split('\x1b[')
      .some((sequence) => /^3\d+m/.test(sequence)),
    'no colour',
  );
  assert.ok(io.out().includes('\x1b[2m launch'), 'dim');
});
