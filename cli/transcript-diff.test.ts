import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Segment, Transcript } from '@speakr/contracts/transcript';
import { diffTranscripts } from './transcript-diff.ts';

const segment = (startMs: number, text: string, track = 0): Segment => ({
  id: `1.${track}.${startMs}`,
  track,
  startMs,
  endMs: startMs + 900,
  text,
});
const revision = (...segments: Segment[]) => ({ segments }) as unknown as Transcript;
const shown = (before: Transcript, after: Transcript) =>
  diffTranscripts(before, after).blocks.map(({ startMs, parts }) => [
    startMs,
    parts.map(({ kind, text }) => `${{ same: '', removed: '-', added: '+' }[kind]}${text}`),
  ]);

test('words that changed are shown where they were, segments may be cut otherwise', () => {
  const before = revision(
    segment(0, 'We lunch on the'),
    segment(900, 'first of March.'),
    segment(5000, 'Yes.'),
  );
  const after = revision(
    { ...segment(0, 'We launch on the first of March, all.'), endMs: 1900 },
    segment(5000, 'Yes.'),
  );
  assert.deepEqual(shown(before, after), [
    [0, ['We', '-lunch', '+launch', 'on the first of', '-March.', '+March, all.']],
    [5000, ['Yes.']],
  ]);
  const { same, removed, added } = diffTranscripts(before, after);
  assert.deepEqual([same, removed, added], [6, 2, 3]);
});

test('what is only in one of them stands alone, tracks stay apart', () => {
  const before = revision(segment(0, 'Hello.'), segment(100, 'Hi.', 1), segment(3000, 'Gone.'));
  const after = revision(segment(0, 'Hello.'), segment(100, 'Hi.', 1), segment(9000, 'New.', 1));
  assert.deepEqual(shown(before, after), [
    [0, ['Hello.']],
    [100, ['Hi.']],
    [3000, ['-Gone.']],
    [9000, ['+New.']],
  ]);
});

test('hours without a pause are compared in pieces', () => {
  const said = Array.from({ length: 2000 }, (_, index) => segment(index * 900, `word ${index} of many here`));
  const other = said.map((each, index) =>
    index % 100 === 7 ? { ...each, text: `word ${index} of few here` } : each,
  );
  const { removed, added, same } = diffTranscripts(revision(...said), revision(...other));
  assert.ok(removed === added && removed >= 20 && removed < 200, `${removed}`);
  assert.equal(same + removed, 10_000);
});
