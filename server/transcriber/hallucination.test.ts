import assert from 'node:assert/strict';
import { test } from 'node:test';
import { looksInvented, withoutInvention } from './hallucination.ts';

test('ordinary speech is left alone', () => {
  const text = 'No, no, no. We are very, very sure that the train is late, and the next train is late.';
  assert.equal(looksInvented(text, 6), false);
  assert.equal(withoutInvention(text, 6), text);
});

test('a phrase that goes round and round is cut to one round', () => {
  const text = 'And then the pair of the pair of the pair of the pair of';
  assert.equal(looksInvented(text, 5), true);
  assert.equal(withoutInvention(text, 5), 'And then the pair of');
});

test('a stuttered word is a loop only when nobody would say it so often', () => {
  assert.equal(looksInvented('words, words, words, words, words', 3), false);
  assert.equal(withoutInvention('it is tho tho tho tho tho tho tho', 4), 'it is tho');
});

test('a short text that repeats itself faster than people speak is a loop', () => {
  assert.equal(looksInvented('Please call Stella. Please call Stella. Please call St', 1.2), true);
  assert.equal(looksInvented('Please call Stella. Please call Stella.', 3), false);
});

test('more words than can be spoken in the time are cut off', () => {
  const words = Array.from({ length: 30 }, (_, index) => `word${index}`);
  assert.equal(looksInvented(words.join(' '), 1), true);
  assert.equal(withoutInvention(words.join(' '), 1).split(' ').length, 11);
});
