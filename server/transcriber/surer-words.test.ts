import assert from 'node:assert/strict';
import { test } from 'node:test';
import { surerWords } from './surer-words.ts';

/** Words of 200 ms each, with how sure the model was: `We lunch:0.3 in`; it is 0.9 where nothing is said. */
function heard(text: string, fromMs = 0) {
  const parts = text.split(' ').filter(Boolean);
  return {
    words: parts.map((part, index) => ({
      text: part.replace(/:[\d.]+$/, ''),
      startMs: fromMs + index * 200,
      endMs: fromMs + (index + 1) * 200,
      estimated: true,
    })),
    confidences: parts.map((part) => Number(/:([\d.]+)$/.exec(part)?.[1] ?? 0.9)),
  };
}
const together = (first: string, second: string) =>
  surerWords(heard(first), heard(second))
    .map(({ text }) => text)
    .join(' ');

test('where two hearings differ the surer one is taken, the second when they are about as sure', () => {
  assert.equal(together('We launch in March.', 'We lunch:0.3 in March.'), 'We launch in March.');
  assert.equal(together('We lunch:0.3 in March.', 'We launch in March.'), 'We launch in March.');
  assert.equal(together('We lunch:0.9 in March.', 'We launch:0.7 in March.'), 'We launch in March.');
});

test('several words are as sure as all of them together', () => {
  assert.equal(together('It was recognized.', 'It was wreck:0.6 a:0.6 nice.:0.6'), 'It was recognized.');
  assert.equal(together('It was wreck:0.7 a:0.7 nice:0.7', 'It was recognized.:0.5'), 'It was recognized.');
});

test('a guess is left out when the first hearing had nothing there', () => {
  assert.equal(together('We go in March.', 'We go uh:0.05 in March.'), 'We go in March.');
  assert.equal(together('We go. In March.', 'We go now.:0.05 In March.'), 'We go. In March.');
  assert.equal(together('We go in March.', 'We go now.:0.05 In March.'), 'We go. In March.');
  assert.equal(together('We go in March.', 'We go now:0.5 in March.'), 'We go now in March.');
});

test('words that only the first heard come in when it was sure of them, within the sentence', () => {
  assert.equal(together('We go now in March.', 'We go in March.'), 'We go now in March.');
  assert.equal(together('We go now in March.', 'We go. In March.'), 'We go now. In March.');
  assert.equal(together('Now we go.', 'We go.'), 'Now we go.');
  assert.equal(together('Now Mary goes.', 'Mary goes.'), 'Now Mary goes.');
  assert.equal(together('We go. Now in March.', 'We go. In March.'), 'We go. Now in March.');
  assert.equal(together('We go uh:0.1 in March.', 'We go in March.'), 'We go in March.');
});

test('what is taken from the first has the mark of what it replaces, and a capital where a sentence begins', () => {
  assert.equal(together('in the spring', 'In the string.:0.2'), 'In the spring.');
  assert.equal(together('we go', 'Me:0.2 go.'), 'We go.');
  assert.equal(together('We go, then rest', 'We go. When:0.2 rest.'), 'We go. Then rest.');
});

test('times stay in order, and words that were put in lie between their neighbours', () => {
  const words = surerWords(
    heard('Now we all go to sleep there.', 5000),
    heard('We:0.2 go tube:0.1 there.', 5300),
  );
  assert.equal(words.map(({ text }) => text).join(' '), 'Now we all go to sleep there.');
  let endMs = 0;
  for (const word of words) {
    assert.ok(word.startMs >= endMs && word.endMs >= word.startMs, JSON.stringify(words));
    ({ endMs } = word);
  }
  assert.equal(words[0]?.startMs, 5000);
  assert.equal(endMs, 6100);
});

test('nothing, and nothing in common, is no trouble', () => {
  assert.equal(together('', ''), '');
  assert.equal(together('', 'We go.'), 'We go.');
  assert.equal(together('We go.', ''), 'We go.');
  assert.equal(together('Yes.:0.2', 'We go.'), 'We go.');
});
