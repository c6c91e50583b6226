import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { questionTerms, termsOf, wordsOf } from './terms.ts';

/** Whether every word of the question is among the terms of the text. */
const finds = (question: string, text: string, language = 'en') => {
  const terms = new Set(termsOf(text, language));
  return questionTerms(question, ['de', language]).every((variants) =>
    variants.some((variant) => terms.has(variant)),
  );
};

test('forms of a word are one term', () => {
  assert.ok(finds('launch', 'We are launching it'));
  assert.ok(finds('budgets', 'Peter’s budget'));
  assert.ok(finds('Häuser', 'das Haus am See', 'de'));
  assert.ok(finds('noticias', 'una noticia', 'es'));
  assert.ok(!finds('launch', 'We had lunch'));
});

test('numbers are one term however they are written', () => {
  assert.ok(finds('40 dollars', 'It costs forty dollars'));
  assert.ok(finds('forty dollars', 'It costs $40 dollars.'));
  assert.ok(finds('5000', 'five thousand'));
  assert.ok(finds('5,000', '5000 people'));
  assert.ok(finds('March 3rd', 'on the third of March'));
  assert.ok(finds('1455', 'about fourteen fifty five'));
  assert.ok(finds('2,5', '2.5 metres', 'de'));
  assert.ok(finds('Q3 report', 'the report for Q3'));
  assert.ok(!finds('40', '400'));
  assert.ok(!finds('3', 'in 3D'));
});

test('numbers that a language says in words of its own are found in digits, and the other way round', () => {
  assert.ok(finds('twenty-five chairs', 'We sold 25 chairs.'));
  assert.ok(finds('25 khách hàng', 'có hai mươi lăm khách hàng', 'vi'));
  assert.ok(finds('hai mươi lăm phần trăm', 'tăng hai mươi lăm phần trăm', 'vi'));
  assert.ok(termsOf('fünfundzwanzig Leute', 'de').includes('#25'));
  assert.ok(questionTerms('vingt-cinq personnes', ['fr']).some(([term]) => term === '#25'));
  assert.ok(termsOf('12\u202f300 lecteurs', 'fr').includes('#12300'));
});

test('Vietnamese words are pairs of syllables, in whatever spelling of the tones', () => {
  const pair = 'hòa bình';
  assert.ok(termsOf('Nói về hoà bình', 'vi').includes(pair));
  assert.ok(questionTerms('hoà bình ở đâu', ['en', 'vi']).some(([term]) => term === pair));
  assert.ok(!questionTerms('peace of mind', ['en', 'vi']).some(([term]) => term?.includes(' ')));
  // Its accents are those of other languages too.
  const asked = (languages: readonly string[]) =>
    questionTerms('khách hàng', languages).some(([term]) => term === 'khách hàng');
  assert.deepEqual([['vi'], ['en', 'vi'], ['pt', 'vi'], ['en']].map(asked), [true, true, false, false]);
});

test('words that say nothing are left out, names and possessives stay', () => {
  assert.deepEqual(termsOf('What did they say about the Gutenberg’s bible?', 'en'), ['gutenberg', 'bibl']);
  assert.deepEqual(wordsOf('Don’t ask Jürgen’s team'), ["don't", 'ask', 'jürgen', 'team']);
});

test('how often a word is said counts', () => {
  assert.deepEqual(termsOf('lobsters and lobsters', 'en'), ['lobster', 'lobster']);
});

test('scripts without spaces are found by neighbouring characters', () => {
  assert.deepEqual(termsOf('砸自己的脚', 'zh'), ['砸自', '自己', '己的', '的脚']);
  assert.ok(finds('自己', '砸自己的脚', 'zh'));
  assert.ok(finds('脚', '脚', 'zh'));
});

test('any text gives terms or none, never an error', () => {
  for (const text of ['', '   ', '?!', '🙂🙃', 'ﷺ', 'ไทย', '\u0000', 'a'.repeat(5000), 'Привет, мир']) {
    assert.ok(Array.isArray(termsOf(text, 'xx')));
    assert.ok(Array.isArray(questionTerms(text, ['en', 'zh', 'xx'])));
  }
});

test('each sentence that people wrote in Vietnamese is found by two syllables of it that are neighbours', () => {
  const file = path.join(import.meta.dirname, '..', 'written', 'real', 'vi.txt');
  const sentences = readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.split(' | ')[0] as string);
  assert.ok(sentences.length >= 40);
  for (const sentence of sentences) {
    const terms = termsOf(sentence.normalize('NFD'), 'vi');
    const syllables = wordsOf(sentence);
    assert.ok(terms.length >= syllables.length, sentence);
    for (const [index, syllable] of syllables.slice(1).entries())
      assert.ok(terms.includes(`${syllables[index]} ${syllable}`), `${sentence}: ${syllable}`);
  }
});
