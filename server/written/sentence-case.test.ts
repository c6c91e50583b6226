import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sentenceCase } from './sentence-case.ts';

const said = (...lines: [text: string, startMs: number, endMs: number, track?: number][]) =>
  lines.map(([text, startMs, endMs, track = 0]) => ({ text, startMs, endMs, track }));
const texts = (segments: readonly { text: string }[]) => segments.map(({ text }) => text);

test('sentences end where their speaker pauses', () => {
  const segments = said(
    ['so i think we', 0, 1000],
    ['should ask alex', 1200, 2000],
    ["that's what i'd do", 3000, 4000],
  );
  assert.deepEqual(texts(sentenceCase(segments, 'en', ['Alex'])), [
    'So I think we',
    'should ask Alex.',
    "That's what I'd do.",
  ]);
});

test('sentences end where somebody else begins', () => {
  const segments = said(['are you there', 0, 900, 0], ['yes', 1000, 1200, 1], ['good', 1300, 1500, 0]);
  assert.deepEqual(texts(sentenceCase(segments, 'en', [])), ['Are you there.', 'Yes.', 'Good.']);
});

test('words keep their times', () => {
  const words = [
    { text: 'xin', startMs: 0, endMs: 200, estimated: true },
    { text: 'chào', startMs: 200, endMs: 500, estimated: true },
  ];
  const [segment] = sentenceCase([{ text: 'xin chào', track: 0, startMs: 0, endMs: 500, words }], 'vi', []);
  assert.deepEqual(segment?.words, [
    { text: 'Xin', startMs: 0, endMs: 200, estimated: true },
    { text: 'chào.', startMs: 200, endMs: 500, estimated: true },
  ]);
});

test('an engine that writes a mark or a capital anywhere is left alone', () => {
  for (const text of ['we launch, then rest', 'ask Alex', 'really?', '我们走吧']) {
    const segments = said(['and then', 0, 500], [text, 2000, 3000]);
    assert.equal(
      sentenceCase(text === '我们走吧' ? segments.slice(1) : segments, 'en', []).at(-1),
      segments[1],
    );
  }
});
