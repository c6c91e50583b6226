import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pageOf } from './page-of.ts';

const letters = [...'abcdefghij'];
const page = (items: string[], limit: number, cursor?: string) =>
  pageOf(items, { limit, cursor }, (each) => each);

test('pages follow each other, and the last says that it is the last', () => {
  const seen: string[][] = [];
  let cursor: string | undefined;
  do {
    const { items, nextCursor } = page(letters, 4, cursor);
    seen.push(items);
    cursor = nextCursor;
  } while (cursor !== undefined);
  assert.deepEqual(
    seen.map((items) => items.join('')),
    ['abcd', 'efgh', 'ij'],
  );
  assert.equal(page(letters, 10).nextCursor, undefined);
  assert.deepEqual(page([], 10), { items: [] });
});

test('what comes or goes before a page is not seen twice and hides nothing', () => {
  const { nextCursor } = page(letters, 4);
  assert.deepEqual(page(['new', ...letters], 4, nextCursor).items.join(''), 'efgh');
  assert.deepEqual(page(letters.slice(2), 4, nextCursor).items.join(''), 'efgh');
  // The last of the page before is gone itself.
  assert.deepEqual(
    page(
      letters.filter((each) => each !== 'd'),
      4,
      nextCursor,
    ).items.join(''),
    'efgh',
  );
});

test('a cursor that no list gave is refused', () => {
  for (const cursor of [
    '',
    'x',
    Buffer.from('["a"]').toString('base64url'),
    Buffer.from('["a",-1]').toString('base64url'),
  ])
    assert.throws(() => page(letters, 4, cursor), { code: 'invalid_request' });
});
