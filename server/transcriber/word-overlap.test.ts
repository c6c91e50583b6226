import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findOverlap } from './word-overlap.ts';

const overlap = (known: string, later: string) => {
  const words = (text: string) => text.split(' ').filter(Boolean);
  const found = findOverlap(words(known), words(later));
  return found && [words(known).slice(0, found.from).join(' '), words(later).slice(found.to).join(' ')];
};

test('a later text takes over where it begins', () => {
  assert.deepEqual(overlap('it was the best of times it was', 'times it was the worst'), [
    'it was the best of',
    'the worst',
  ]);
  assert.deepEqual(overlap('we launch in march', 'we launch in march'), ['', '']);
});

test('a last word that was misheard without what follows is known all the same', () => {
  assert.deepEqual(
    overlap('mister fish is a squire of danger', 'mister fish is the squire of dames and has'),
    ['', 'and has'],
  );
});

test('a first word that was cut in two costs little', () => {
  assert.deepEqual(overlap('the aspect ratio of this format', 'oh of this format dividing by'), [
    'the aspect ratio',
    'dividing by',
  ]);
});

test('texts that have nothing in common do not overlap', () => {
  assert.equal(overlap('it was the best of times', 'nobody knows'), undefined);
  assert.equal(overlap('', 'nobody knows'), undefined);
  assert.equal(overlap('nobody knows', ''), undefined);
});
