import assert from 'node:assert/strict';
import { test } from 'node:test';
import { languageOf } from './languages/languages.ts';
import { findPeople } from './people.ts';
import { taskClauseFinder } from './task-clauses.ts';

const english = languageOf('en');
const peopleOf = (...speakers: string[]) =>
  findPeople(
    speakers.map((speaker) => ({ speaker, text: '' })),
    english,
  );

test('a text is read anew when somebody in it becomes known, and only then', () => {
  const text = 'Kavyana will send the deck.';
  const owners = (...speakers: string[]) =>
    taskClauseFinder(english, peopleOf(...speakers))(text).map(({ named }) => named);
  assert.deepEqual(owners(), []);
  assert.deepEqual(owners('Zoltan'), []);
  assert.deepEqual(owners('Zoltan', 'Kavyana'), ['Kavyana']);
  const people = peopleOf('Zoltan', 'Kavyana');
  assert.equal(people.within(text), 'Kavyana');
  const before = taskClauseFinder(english, peopleOf('Kavyana'))(text);
  assert.equal(taskClauseFinder(english, people)(text), before, 'remembered');
});
