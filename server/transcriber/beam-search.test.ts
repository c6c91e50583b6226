import assert from 'node:assert/strict';
import { test } from 'node:test';
import { beamSearch, type Continuation } from './beam-search.ts';

const vocabulary = ['', '.', 'a', 'b', 'c', 'd'];
const [START, END] = [0, 1];

/** A language: what may follow a text, with its probability. */
type Language = Readonly<Record<string, Readonly<Record<string, number>>>>;

/** Searches in a language; also tells the texts that were followed at each step. */
function search(language: Language, width: number, maxTokens = 10) {
  const steps: string[][] = [];
  const next = (hypotheses: readonly Continuation[], position: number): Float32Array => {
    const texts = hypotheses.map(({ token, parent }) =>
      position === 0 ? '' : `${steps[position - 1]?.[parent]}${vocabulary[token]}`,
    );
    steps[position] = texts;
    return Float32Array.from(
      texts.flatMap((text) => vocabulary.map((word) => 3 + Math.log(language[text]?.[word] ?? 1e-9))),
    );
  };
  const tokens = beamSearch({ width, start: START, end: END, maxTokens, next });
  return {
    text: tokens.map(({ token }) => vocabulary[token]).join(''),
    probabilities: tokens.map(({ logarithm }) => Math.exp(logarithm)),
    steps,
  };
}

const gardenPath: Language = {
  '': { a: 0.6, b: 0.4 },
  a: { c: 0.35, d: 0.35, '.': 0.3 },
  ac: { '.': 1 },
  ad: { '.': 1 },
  b: { c: 0.9, '.': 0.1 },
  bc: { '.': 1 },
};

test('one hypothesis takes the likeliest token at each step', () => {
  const { text, steps } = search(gardenPath, 1);
  assert.equal(text, 'ac.');
  assert.deepEqual(steps, [[''], ['a'], ['ac']]);
});

test('several find what begins less likely and ends likelier', () => {
  assert.equal(search(gardenPath, 2).text, 'bc.');
  assert.equal(search(gardenPath, 4).text, 'bc.');
});

test('each token comes with its probability behind those before it', () => {
  const found = search(gardenPath, 4).probabilities;
  for (const [index, expected] of [0.4, 0.9, 1].entries())
    assert.ok(Math.abs((found[index] ?? 0) - expected) < 1e-6, `${found[index]} is not ${expected}`);
});

test('what is certain is followed alone', () => {
  const certain: Language = {
    '': { a: 0.998, b: 0.002 },
    a: { b: 0.999, c: 0.001 },
    ab: { '.': 1 },
  };
  assert.deepEqual(search(certain, 4).steps, [[''], ['a'], ['ab']]);
});

test('a text is not preferred for being short', () => {
  const language: Language = {
    '': { '.': 0.45, a: 0.55 },
    a: { b: 0.8, '.': 0.2 },
    ab: { c: 0.9, '.': 0.1 },
    abc: { '.': 1 },
  };
  // 0.45 is more than 0.55 × 0.8 × 0.9, and less for each token.
  assert.equal(search(language, 4).text, 'abc.');
});

test('without an end it stops at the bound with the best there is', () => {
  const endless: Language = Object.fromEntries(
    Array.from({ length: 9 }, (_, length) => ['a'.repeat(length), { a: 0.7, b: 0.3 }]),
  );
  assert.equal(search(endless, 3, 6).text, 'aaaaaa');
  assert.equal(search(endless, 1, 2).text, 'aa');
});

test('of equals it takes the first, always the same', () => {
  const language: Language = { '': { c: 0.5, d: 0.5 }, c: { '.': 1 }, d: { '.': 1 } };
  for (const width of [1, 2, 4]) assert.equal(search(language, width).text, 'c.');
});
