import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Segment } from '@speakr/contracts/transcript';
import { passagePolicy, toPassages } from './passages.ts';

const words = (count: number, word = 'word') => Array(count).fill(word).join(' ');
const segment = (startMs: number, endMs: number, text: string, more: Partial<Segment> = {}): Segment => ({
  id: `1.0.${startMs}`,
  track: 0,
  startMs,
  endMs,
  text,
  ...more,
});

test('short neighbours are joined until they make a passage', () => {
  const passages = toPassages([
    segment(0, 2000, 'Do we need more space?'),
    segment(2500, 4000, 'Yes, and it costs forty dollars a month, which is fine.'),
    segment(4500, 6000, 'Next topic.'),
  ]);
  assert.deepEqual(
    passages.map(({ startMs, endMs, text, segments }) => [startMs, endMs, text, segments]),
    [
      [0, 4000, 'Do we need more space? Yes, and it costs forty dollars a month, which is fine.', 2],
      [4500, 6000, 'Next topic.', 1],
    ],
  );
});

test('a passage ends at a long silence, and before it grows too long', () => {
  const silence = toPassages([segment(0, 1000, 'Before.'), segment(60_000, 61_000, 'After.')]);
  assert.equal(silence.length, 2);
  const wordy = toPassages([segment(0, 5000, words(10)), segment(5000, 9000, words(passagePolicy.maxWords))]);
  assert.equal(wordy.length, 2);
  const slow = toPassages([segment(0, 18_000, 'Slow.'), segment(18_000, 30_000, 'Slower.')]);
  assert.equal(slow.length, 2);
});

test('what is added at the end changes no passage but the last', () => {
  const segments = Array.from({ length: 40 }, (_, index) =>
    segment(index * 3000, index * 3000 + 2500, words(3 + (index % 7), `w${index}`)),
  );
  for (let count = 1; count < segments.length; count++) {
    const before = toPassages(segments.slice(0, count));
    const after = toPassages(segments.slice(0, count + 1));
    assert.deepEqual(after.slice(0, before.length - 1), before.slice(0, -1));
  }
});

test('who speaks is named, in the order of the talk', () => {
  const [alone] = toPassages([
    segment(0, 1000, 'Hello', { speaker: 'me' }),
    segment(1000, 2000, 'you', { speaker: 'me' }),
  ]);
  assert.equal(alone?.speaker, 'me');
  const [both] = toPassages([
    segment(0, 1000, 'Hello', { speaker: 'me' }),
    segment(1000, 2000, 'hi', { speaker: 'them' }),
  ]);
  assert.equal(both?.speaker, 'me, them');
});

test('segments without words make no passage', () => {
  assert.deepEqual(toPassages([segment(0, 1000, '…'), segment(1000, 2000, '')]), []);
});
