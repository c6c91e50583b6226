import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it, test } from 'node:test';
import type { RedactionKind } from '@speakr/contracts/policies';
import { usualKinds } from './kinds.ts';
import { redactSegments, redactText } from './redact.ts';
import { parseCases, scoreCases } from './score-cases.ts';

const usual = new Set<RedactionKind>(usualKinds);
const TARGET = 0.97;

describe('redaction', () => {
  const sets = ['building', 'held-out'].map((name) => {
    const file = path.join(import.meta.dirname, 'cases', `${name}.txt`);
    return { name, cases: parseCases(readFileSync(file, 'utf8')) };
  });
  it('is held by at least 150 sentences', () =>
    assert.ok(sets.reduce((sum, { cases }) => sum + cases.length, 0) >= 150));
  for (const { name, cases } of sets)
    it(`finds what is personal, and only that, in the set "${name}"`, () => {
      const { precision, recall, mistakes } = scoreCases(cases);
      assert.ok(precision >= TARGET && recall >= TARGET, JSON.stringify(mistakes, null, 1));
    });
});

const segment = (text: string, startMs: number) => ({
  text,
  startMs,
  endMs: startMs + 1000,
  words: text.split(' ').map((word, index) => ({
    text: word,
    startMs: startMs + index * 100,
    endMs: startMs + index * 100 + 90,
    estimated: true,
  })),
});

test('a number that is cut by pauses is taken out of all of its segments', () => {
  const segments = [
    segment('My card is 4111', 0),
    segment('1111, 1111.', 1500),
    segment('1111 and it is blue.', 3000),
    segment('Thanks.', 5000),
  ];
  const redacted = redactSegments(segments, 'en', usual);
  assert.deepEqual(
    redacted.segments.map(({ text }) => text),
    ['My card is [card]', '', 'and it is blue.', 'Thanks.'],
  );
  assert.deepEqual(redacted.found, ['card']);
  assert.equal(redacted.segments[3], segments[3]);
  assert.deepEqual(
    redacted.segments[2]?.words?.map(({ text }) => text),
    ['and', 'it', 'is', 'blue.'],
  );
});

test('a placeholder takes the time of all of its words', () => {
  const { segments } = redactSegments([segment('Write to alex at example dot com now.', 0)], 'en', usual);
  assert.equal(segments[0]?.text, 'Write to [email] now.');
  assert.deepEqual(segments[0]?.words?.[2], { text: '[email]', startMs: 200, endMs: 690, estimated: true });
});

test('where words and text do not match, no word is kept', () => {
  const [redacted] = redactSegments(
    [{ ...segment('Call +1 415 555 2671.', 0), words: segment('Call +14155552671.', 0).words }],
    'en',
    usual,
  ).segments;
  assert.deepEqual(
    redacted?.words?.map(({ text }) => text),
    ['Call', '[phone].'],
  );
});

test('names stay unless they are asked for', () => {
  const said = 'My name is Alex Miller, ask Dr. Smith.';
  assert.equal(redactText(said, 'en', usual).text, said);
  assert.equal(redactText(said, 'en', new Set(['name'])).text, 'My name is [name], ask Dr. [name].');
});

test('only the kinds that are asked for are taken', () => {
  const said = 'Call 415-555-0132 or write to alex@example.com.';
  assert.equal(redactText(said, 'en', new Set(['email'])).text, 'Call 415-555-0132 or write to [email].');
});

test('very many digits in a row come to an end', () => {
  const { found } = redactText('7 '.repeat(1_000), 'en', usual);
  assert.ok(Array.isArray(found));
});
