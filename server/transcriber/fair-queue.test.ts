import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createFairQueue } from './fair-queue.ts';

const drain = (queue: ReturnType<typeof createFairQueue<string>>) => {
  const items: string[] = [];
  for (let item = queue.shift(); item !== undefined; item = queue.shift()) items.push(item);
  return items;
};

test('finals come before partials, partials before batch', () => {
  const queue = createFairQueue<string>();
  queue.push('batch', { priority: 'batch', session: 'a' });
  queue.push('partial', { priority: 'partial', session: 'a' });
  queue.push('final', { priority: 'final', session: 'a' });
  assert.deepEqual(drain(queue), ['final', 'partial', 'batch']);
});

test('sessions take turns, however much one of them has', () => {
  const queue = createFairQueue<string>();
  for (const item of ['a1', 'a2', 'a3']) queue.push(item, { priority: 'batch', session: 'a' });
  queue.push('b1', { priority: 'batch', session: 'b' });
  assert.deepEqual(drain(queue), ['a1', 'b1', 'a2', 'a3']);
});

test('a retry goes first; what was removed does not come', () => {
  const queue = createFairQueue<string>();
  queue.push('waiting', { priority: 'final', session: 'a' });
  queue.push('aborted', { priority: 'final', session: 'b' });
  queue.pushFirst('retry');
  queue.pushFirst('aborted retry');
  assert.equal(queue.size, 4);
  assert.equal(queue.remove('aborted'), true);
  assert.equal(queue.remove('aborted retry'), true);
  assert.equal(queue.remove('never there'), false);
  assert.equal(queue.size, 2);
  assert.deepEqual(drain(queue), ['retry', 'waiting']);
});
