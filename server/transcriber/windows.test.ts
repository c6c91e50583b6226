import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { WindowPolicy } from './speech-policy.ts';
import { createWindowPlanner, type SpeechWindow } from './windows.ts';

/** One frame a letter of a picture: `#` speech, `-` unsure, `.` silence. */
const hear = (picture: string) =>
  Float32Array.from(picture, (letter) => (letter === '#' ? 0.9 : letter === '-' ? 0.4 : 0.05));

const policy: WindowPolicy = { minSilence: 3, minSpeech: 2, padding: 2, maxGap: 6, maxLength: 20 };

function plan(picture: string, step = picture.length): SpeechWindow[] {
  const planner = createWindowPlanner(policy);
  const windows: SpeechWindow[] = [];
  for (let at = 0; at < picture.length; at += step)
    windows.push(...planner.add(hear(picture.slice(at, at + step))));
  return [...windows, ...planner.end()];
}
const spans = (windows: readonly SpeechWindow[]) =>
  windows.map(({ start, speechStart, speechEnd, end }) => [start, speechStart, speechEnd, end]);

test('speech is padded, and silence brings no window', () => {
  assert.deepEqual(spans(plan('.....####........')), [[3, 5, 9, 11]]);
  assert.deepEqual(plan('.................'), []);
  assert.deepEqual(plan(''), []);
});

test('padding ends where the track ends', () => {
  assert.deepEqual(spans(plan('####.')), [[0, 0, 4, 5]]);
  assert.deepEqual(spans(plan('.####')), [[0, 1, 5, 5]]);
});

test('short dips and unsure frames do not end speech, a lone frame does not begin it', () => {
  assert.deepEqual(spans(plan('..##..##--##........')), [[0, 2, 12, 14]]);
  assert.deepEqual(plan('....#........'), []);
});

test('neighbours share a window up to the gap and the length allowed', () => {
  assert.deepEqual(spans(plan('..####......####..........')), [[0, 2, 16, 18]]);
  assert.deepEqual(spans(plan('..####.......####..........')), [
    [0, 2, 6, 8],
    [11, 13, 17, 19],
  ]);
  const long = '############....############........';
  assert.deepEqual(spans(plan(long)), [
    [0, 0, 12, 14],
    [14, 16, 28, 30],
  ]);
});

test('padding of neighbours meets in the middle and never overlaps', () => {
  assert.deepEqual(spans(plan(`${'#'.repeat(12)}...${'#'.repeat(12)}........`)), [
    [0, 0, 12, 14],
    [14, 15, 27, 29],
  ]);
});

test('endless speech is cut where it is least likely', () => {
  const windows = plan(`${'#'.repeat(14)}-${'#'.repeat(15)}.........`);
  assert.deepEqual(spans(windows), [
    [0, 0, 14, 14],
    [14, 14, 30, 32],
  ]);
});

test('windows do not depend on how the frames arrive', () => {
  const picture = `..####......####.......${'#'.repeat(45)}....###...-..##.........`;
  const whole = plan(picture);
  assert.ok(whole.length > 3);
  for (const step of [1, 7, 13]) assert.deepEqual(plan(picture, step), whole);
});

test('a window carries the probabilities of its frames', () => {
  const [window] = plan('...##-##.....');
  assert.deepEqual(
    [...(window?.probabilities ?? [])].map((p) => Math.round(p * 10)),
    [1, 1, 9, 9, 4, 9, 9, 1, 1],
  );
});

test('hours of silence cost nothing and keep frame numbers', () => {
  const planner = createWindowPlanner(policy, 100);
  assert.deepEqual(planner.add(hear('####')), []);
  const hours = 500_000;
  assert.deepEqual(spans(planner.addSilence(hours)), [[100, 100, 104, 106]]);
  assert.deepEqual(planner.addSilence(3), []);
  assert.equal(planner.needed, 100 + 4 + hours + 3 - 2);
  planner.add(hear('###'));
  assert.deepEqual(spans(planner.end()), [[hours + 105, hours + 107, hours + 110, hours + 110]]);
});

test('nothing before `needed` is asked for later', () => {
  const planner = createWindowPlanner(policy);
  let needed = 0;
  for (const letter of `..####......####.......${'#'.repeat(45)}....###.......`) {
    for (const window of planner.add(hear(letter))) assert.ok(window.start >= needed);
    assert.ok(planner.needed >= needed, 'it never goes back');
    needed = planner.needed;
  }
});
