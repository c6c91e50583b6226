import assert from 'node:assert/strict';
import { test } from 'node:test';
import { prefersSecond, withSurerWords } from './second-pass-choice.ts';

const texts = (...all: string[]) => all.map((text) => ({ text }));

test('another text of about the same length is better, the same one changes nothing', () => {
  assert.ok(prefersSecond(texts('We lunch in', 'march today.'), texts('We launch in March today.')));
  assert.ok(!prefersSecond(texts('We launch', 'in March.'), texts('We launch in March.')));
});

test('a text that leaves much out, or all of it, is not believed', () => {
  assert.ok(!prefersSecond(texts('We launch in March.', 'All of us.'), texts('We launch in March.')));
  assert.ok(!prefersSecond(texts('We launch in March.'), []));
});

const words = (text: string, fromMs: number) =>
  text.split(' ').map((word, index) => ({
    text: word,
    startMs: fromMs + index * 100,
    endMs: fromMs + (index + 1) * 100,
    estimated: true,
  }));
const sentence = (text: string, fromMs: number) => {
  const own = words(text, fromMs);
  return { text, words: own, startMs: fromMs, endMs: own.at(-1)?.endMs ?? 0 };
};

test('sentences are made anew of the words that were surer, with their times', () => {
  const live = [
    { words: words('We launch', 0), confidences: [0.9, 0.9] },
    { words: words('in May.', 200), confidences: [0.9, 0.1] },
  ];
  const sentences = [sentence('We lunch.', 0), sentence('In March.', 200)];
  const second = withSurerWords(live, { sentences, confidences: [0.9, 0.3, 0.9, 0.8] });
  assert.deepEqual(second, [sentence('We launch.', 0), sentence('In March.', 200)]);
});

test('where a confidence is missing the second text stays as it is', () => {
  const sentences = [sentence('We lunch.', 0)];
  const live = { words: words('We launch.', 0), confidences: [0.9, 0.9] };
  const confidences = [0.9, 0.3];
  assert.equal(withSurerWords([live], { sentences }), sentences);
  assert.equal(withSurerWords([{ words: live.words }], { sentences, confidences }), sentences);
  assert.equal(withSurerWords([{ ...live, confidences: [0.9] }], { sentences, confidences }), sentences);
  assert.equal(withSurerWords([live], { sentences, confidences: [0.9] }), sentences);
  assert.notEqual(withSurerWords([live], { sentences, confidences }), sentences);
});
