import assert from 'node:assert/strict';
import { test } from 'node:test';
import { answer, until } from './until.ts';

test('a wait ends when it is so', async () => {
  let asked = 0;
  await until('asked three times', () => ++asked === 3);
  assert.equal(asked, 3);
  assert.equal(
    await answer(
      'a large number',
      async () => ++asked,
      (number) => number > 5,
    ),
    6,
  );
});

test('a wait in vain ends, and says for what it was and what there was', async () => {
  await assert.rejects(
    until('a caption', () => false, { limitMs: 5, seen: () => ({ captions: [] }) }),
    /^Error: a caption: not within 0\.005 s; there was \{\s+"captions": \[\]\s+\}$/,
  );
});
