import assert from 'node:assert/strict';
import { test } from 'node:test';
import { numbersIn } from './number-words.ts';

const cases: readonly [said: string, ...numbers: number[]][] = [
  ['twelve', 12],
  ['12', 12],
  ['twenty five', 25],
  ['the twenty fifth of may', 25],
  ['two hundred and six', 206],
  ['three thousand four hundred', 3400],
  ['1.5 million', 1_500_000],
  ['forty thousand dollars', 40_000],
  ['fourteen fifty five', 14, 1455, 55],
  ['nineteen ninety', 19, 1990, 90],
  ['twenty twenty six', 20, 2026, 26],
  ['five and six', 5, 6],
  ['one two three', 1, 2, 3],
  ['a hundred reasons', 100],
  ['nothing to count'],
];

for (const [said, ...numbers] of cases) {
  test(`"${said}" says ${numbers.join(', ') || 'no number'}`, () => {
    assert.deepEqual(numbersIn(said.split(' ')), numbers);
  });
}
