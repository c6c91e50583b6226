import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isNumber, numbersIn } from './numbers.ts';

for (const [text, expected] of [
  ['forty two thousand euros', [42_000]],
  ['42,000 euros', [42_000]],
  ['42k', [42_000]],
  ['two hundred and five', [205]],
  ['two million three hundred thousand', [2_300_000]],
  ['the fifteenth of May', [15]],
  ['May 15th', [15]],
  ['five six seven', [5, 6, 7]],
  ['nineteen ninety', [19, 90]],
  ['3.5 percent', [3.5]],
  ['one of them, the first', []],
  ['salt and pepper', []],
] as const) {
  test(`the numbers of "${text}"`, () => assert.deepEqual([...numbersIn(text)], [...expected]));
}

test('"one" and "first" count where they are asked for', () => {
  assert.deepEqual([...numbersIn('the first of March', true)], [1]);
  assert.ok(isNumber('twenty') && isNumber('3rd') && !isNumber('horse'));
});
