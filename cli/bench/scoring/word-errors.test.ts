import assert from 'node:assert/strict';
import { test } from 'node:test';
import { alignWords, countWordErrors, normalWords, wordErrors } from './word-errors.ts';

test('punctuation, case and typography do not count; apostrophes inside words and numbers do', () => {
  const cases: [string, string[]][] = [
    ['“Don’t!” she said — twice.', ["don't", 'she', 'said', 'twice']],
    ["'Tis the dogs' day, 'right'", ['tis', 'the', 'dogs', 'day', 'right']],
    ['world-wide 24/7 at 3.5 %', ['world', 'wide', '24', '7', 'at', '35']],
    ['Ünïcode ﬁne, snake_case', ['ünïcode', 'fine', 'snake_case']],
    ['  …  ', []],
  ];
  for (const [text, words] of cases) assert.deepEqual(normalWords(text), words);
});

test('errors are the fewest substitutions, deletions and insertions', () => {
  const errors = (a: string, b: string) =>
    wordErrors(a.split(' ').filter(Boolean), b.split(' ').filter(Boolean));
  assert.equal(errors('a b c', 'a b c'), 0);
  assert.equal(errors('a b c', 'a x c'), 1);
  assert.equal(errors('a b c', 'b c'), 1);
  assert.equal(errors('a b c', 'a b b c d'), 2);
  assert.equal(errors('', 'a b'), 2);
  assert.equal(errors('a b', ''), 2);
});

test('errors are told apart, and the alignment keeps the order of both sides', () => {
  const said = 'we launch on the first of march'.split(' ');
  const heard = 'we lunch on first of march today'.split(' ');
  assert.deepEqual(countWordErrors(said, heard), {
    substitutions: 1,
    deletions: 1,
    insertions: 1,
    errors: 3,
    words: 7,
  });
  const aligned = alignWords(said, heard);
  assert.deepEqual(
    aligned.flatMap(({ reference }) => reference ?? []),
    said.map((_, index) => index),
  );
  assert.deepEqual(
    aligned.flatMap(({ hypothesis }) => hypothesis ?? []),
    heard.map((_, index) => index),
  );
  assert.equal(countWordErrors([], ['a']).insertions, 1);
});
