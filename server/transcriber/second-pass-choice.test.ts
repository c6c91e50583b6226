import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hasSameWords, prefersSecond, voteOnText } from './second-pass-choice.ts';

const texts = (...all: string[]) => all.map((text) => ({ text }));

test('another text of about the same length is better, the same one changes nothing', () => {
  assert.ok(prefersSecond(texts('We lunch in', 'march today.'), texts('We launch in March today.')));
  assert.ok(!prefersSecond(texts('We launch', 'in March.'), texts('We launch in March.')));
});

test('a text that leaves much out, or all of it, is not believed', () => {
  assert.ok(!prefersSecond(texts('We launch in March.', 'All of us.'), texts('We launch in March.')));
  assert.ok(!prefersSecond(texts('We launch in March.'), []));
});

test('the same words are the same whatever their case and punctuation', () => {
  assert.ok(hasSameWords(texts('We launch,', 'in march.'), texts('We launch in March.')));
  assert.ok(!hasSameWords(texts('We lunch in March.'), texts('We launch in March.')));
});

test('where two texts differ, the third decides; where it has neither, the second stands', () => {
  const vote = (live: string, second: string, third: string) =>
    voteOnText(texts(live), texts(second), texts(third));
  assert.equal(
    vote('We launch in match', 'We lunch in March.', 'We launch in March.'),
    'We launch in March.',
  );
  assert.equal(vote('a b c', 'a x c', 'a y c'), 'a x c');
  assert.equal(vote('one two three four', 'one four', 'one two three four'), 'one two three four');
  assert.equal(vote('one four', 'one two three four', 'one four'), 'one four');
  assert.equal(vote('and so', 'so', 'and so it is'), 'and so');
  assert.equal(vote('', 'Yes.', ''), '');
});
