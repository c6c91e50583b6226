import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { createHeldPages } from './held-pages.ts';
import type { ComparedPage } from './page-comparison.ts';

const page = (bytes: number) => ({ page: 0, count: 1, bytes }) as ComparedPage;

test('pages are held until the index of their recording has another stamp', () => {
  const held = createHeldPages({});
  const pages = [page(10)];
  held.put('ada', 'm', 'r1', 7, pages);
  assert.equal(held.get('ada', 'm', 'r1', 7), pages);
  for (const [owner, model, id, stamp] of [
    ['ada', 'm', 'r1', 8],
    ['ada', 'n', 'r1', 7],
    ['ada', 'm', 'r2', 7],
    ['bob', 'm', 'r1', 7],
  ] as const)
    assert.equal(held.get(owner, model, id, stamp), undefined);
  held.put('ada', 'm', 'r1', 8, [page(4), page(5)]);
  assert.equal(held.bytes, 9, 'the old ones went');
  held.close();
});

test('there is a bound: other owners and models give way, who was not here for the longest first; one’s own stay', () => {
  const held = createHeldPages({ mostBytes: 100 });
  held.put('ada', 'm', 'r1', 1, [page(40)]);
  held.put('bob', 'm', 'r1', 1, [page(40)]);
  held.keepOnly('ada', 'm', new Set(['r1']));
  held.put('carol', 'm', 'r1', 1, [page(30)]);
  assert.deepEqual(
    ['ada', 'bob', 'carol'].map((owner) => held.get(owner, 'm', 'r1', 1) !== undefined),
    [true, false, true],
  );
  held.put('carol', 'm', 'r2', 1, [page(80)]);
  assert.equal(held.get('carol', 'm', 'r2', 1), undefined, 'more than there is room for is not held');
  assert.notEqual(held.get('carol', 'm', 'r1', 1), undefined);
  assert.equal(held.bytes, 30);
  held.close();
});

test('what is gone is forgotten, by name, by what is left, and all of an owner', () => {
  const held = createHeldPages({});
  for (const id of ['r1', 'r2', 'r3']) held.put('ada', 'm', id, 1, [page(1)]);
  held.put('ada', 'n', 'r1', 1, [page(1)]);
  held.put('bob', 'm', 'r1', 1, [page(1)]);
  held.forget('ada', ['r1']);
  assert.equal(held.bytes, 3);
  held.keepOnly('ada', 'm', new Set(['r3']));
  assert.equal(held.bytes, 2);
  held.forget('ada');
  assert.equal(held.bytes, 1);
  held.close();
  assert.equal(held.bytes, 0);
});

test('when nobody asks any more, nothing is held', () => {
  mock.timers.enable({ apis: ['setTimeout'] });
  try {
    const held = createHeldPages({ idleMs: 1000 });
    held.put('ada', 'm', 'r1', 1, [page(1)]);
    mock.timers.tick(900);
    held.keepOnly('ada', 'm', new Set(['r1']));
    mock.timers.tick(900);
    assert.equal(held.bytes, 1);
    mock.timers.tick(101);
    assert.equal(held.bytes, 0);
  } finally {
    mock.timers.reset();
  }
});
