import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ShownText, type SpokenReference, scoreLive } from './live-score.ts';
import { percentile } from './percentile.ts';

/** "we launch in march", half a second a word, then after a pause "good". */
const reference: SpokenReference = {
  words: ['we', 'launch', 'in', 'march', 'good'],
  times: [
    [0, 500],
    [500, 1000],
    [1000, 1500],
    [1500, 2000],
    [3000, 3500],
  ],
  phrases: [
    [0, 2000],
    [3000, 3500],
  ],
};

const shown = (atMs: number, segment: number, text: string, final = false): ShownText => ({
  atMs,
  segment,
  text,
  final,
});

test('a word is late by the time from its end to when it first stood where it stays', () => {
  const score = scoreLive(reference, [
    shown(700, 0, 'We'),
    shown(1400, 0, 'We lunch'),
    shown(1900, 0, 'We launch in'),
    shown(2400, 0, 'We launch in March.', true),
    shown(3900, 1, 'Good.', true),
  ]);
  assert.deepEqual(score.wordLagMs, [200, 900, 400, 400, 400]);
  assert.deepEqual(score.stabilisationMs, [200, 900, 400, 400, 400]);
  assert.deepEqual(score.finalisationMs, [400, 400]);
  assert.deepEqual(score.firstTextMs, [700, 900]);
  assert.equal(score.revisedWords, 1, 'lunch became launch');
  assert.equal(score.errors.errors, 0);
  assert.equal(score.missedPhrases, 0);
});

test('a right word that is taken back and comes again is stable only the second time', () => {
  const score = scoreLive(reference, [
    shown(600, 0, 'we launch'),
    shown(1100, 0, 'we'),
    shown(1600, 0, 'we launch in'),
    shown(2100, 0, 'we launch in march', true),
    shown(3600, 1, 'good', true),
  ]);
  assert.deepEqual(score.wordLagMs.slice(0, 2), [100, -400]);
  assert.deepEqual(score.stabilisationMs.slice(0, 2), [100, 600]);
  assert.equal(score.revisedWords, 1);
});

test('what is missing, wrong or invented is counted and never timed', () => {
  const score = scoreLive(reference, [shown(2300, 0, 'we launch on march uh', true)]);
  assert.equal(score.missedPhrases, 0, 'the last phrase is matched with the invented word');
  assert.deepEqual([score.errors.substitutions, score.errors.deletions, score.errors.insertions], [2, 0, 0]);
  assert.equal(score.wordLagMs.length, 3);
  const nothing = scoreLive(reference, []);
  assert.equal(nothing.missedPhrases, 2);
  assert.deepEqual([nothing.errors.deletions, nothing.finalWords, nothing.wordLagMs.length], [5, 0, 0]);
});

test('text that is shown and taken back whole was all flicker', () => {
  const silence: SpokenReference = { words: [], times: [], phrases: [] };
  const score = scoreLive(silence, [shown(500, 0, 'thank you'), shown(900, 0, '', true)]);
  assert.deepEqual([score.revisedWords, score.finalWords, score.errors.errors], [2, 0, 0]);
});

test('percentiles are values that were measured', () => {
  const values = Array.from({ length: 20 }, (_, index) => 20 - index);
  assert.deepEqual([percentile(values, 0.5), percentile(values, 0.95), percentile(values, 1)], [11, 20, 20]);
  assert.equal(percentile([7], 0.95), 7);
  assert.ok(Number.isNaN(percentile([], 0.5)));
});
