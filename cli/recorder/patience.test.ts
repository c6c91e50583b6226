import assert from 'node:assert/strict';
import { test } from 'node:test';
import { impatience } from './patience.ts';

test('gives up only after being alone for long enough', () => {
  let now = 0;
  let givenUp = 0;
  const listen = impatience(
    () => (givenUp += 1),
    100,
    () => now,
  );
  listen('connecting');
  now = 50;
  listen('lost');
  assert.equal(givenUp, 0);
  now = 60;
  listen('connected');
  now = 1000;
  listen('lost');
  assert.equal(givenUp, 0, 'the connection was there until now');
  now = 1100;
  listen('lost');
  assert.equal(givenUp, 1);
});
