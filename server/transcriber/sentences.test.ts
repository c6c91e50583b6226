import assert from 'node:assert/strict';
import { test } from 'node:test';
import { splitSentences } from './sentences.ts';

test('text is split at sentence ends and joined it is the text again', () => {
  const text = 'We launch in March. Are you sure? "Yes!" she said… And 3.5 is not an end';
  const sentences = splitSentences(text);
  assert.deepEqual(sentences, [
    'We launch in March.',
    'Are you sure?',
    '"Yes!"',
    'she said…',
    'And 3.5 is not an end',
  ]);
  assert.equal(sentences.join(' '), text);
});

test('abbreviations and initials do not end a sentence', () => {
  assert.deepEqual(splitSentences('Mr. Hale met Dr. J. Smith at 5 p.m. on Monday. Fine.'), [
    'Mr. Hale met Dr. J. Smith at 5 p.m. on Monday.',
    'Fine.',
  ]);
});

test('"I." ends a sentence, and no text has no sentences', () => {
  assert.deepEqual(splitSentences('So do I. Good.'), ['So do I.', 'Good.']);
  assert.deepEqual(splitSentences('   '), []);
});
