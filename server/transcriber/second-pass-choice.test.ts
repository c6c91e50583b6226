import assert from 'node:assert/strict';
import { test } from 'node:test';
import { prefersSecond } from './second-pass-choice.ts';

const texts = (...all: string[]) => all.map((text) => ({ text }));

test('another text of about the same length is better, the same one changes nothing', () => {
  assert.ok(prefersSecond(texts('We lunch in', 'march today.'), texts('We launch in March today.')));
  assert.ok(!prefersSecond(texts('We launch', 'in March.'), texts('We launch in March.')));
});

test('a text that leaves much out, or all of it, is not believed', () => {
  assert.ok(!prefersSecond(texts('We launch in March.', 'All of us.'), texts('We launch in March.')));
  assert.ok(!prefersSecond(texts('We launch in March.'), []));
});
