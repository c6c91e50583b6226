import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createSecondPassPlanner, type SecondPassWindow, secondPassPolicy } from './second-pass-windows.ts';

const policy = {
  ...secondPassPolicy,
  maxGapMs: 1400,
  maxLengthMs: 15_000,
  minLengthMs: 6000,
  paddingMs: 700,
};

const segment = (startMs: number, endMs: number) => ({
  id: `1.0.${startMs}`,
  track: 0,
  startMs,
  endMs,
  text: 'Words.',
});
const bounds = (windows: readonly SecondPassWindow[]) =>
  windows.map(({ startMs, endMs, segments }) => [startMs, endMs, segments.length]);

test('segments close to each other share a window; a long pause ends it', () => {
  const planner = createSecondPassPlanner(policy);
  assert.deepEqual(planner.add(segment(1000, 3000)), []);
  assert.deepEqual(planner.add(segment(3400, 5000)), []);
  assert.deepEqual(bounds(planner.add(segment(6500, 8000))), [[1000, 5000, 2]]);
  assert.deepEqual(planner.quietUntil(9000), []);
  assert.deepEqual(bounds(planner.quietUntil(9500)), [[6500, 8000, 1]]);
  assert.deepEqual(planner.quietUntil(60_000), []);
  assert.deepEqual(planner.end(), []);
});

test('a window that grows too long is cut at its longest pause, and what is behind it goes on', () => {
  const planner = createSecondPassPlanner(policy);
  for (const [start, end] of [
    [0, 3000],
    [3900, 7000],
    [7600, 10_000],
    [10_100, 14_000],
  ] as const)
    assert.deepEqual(planner.add(segment(start, end)), []);
  assert.deepEqual(bounds(planner.add(segment(14_200, 16_000))), [[0, 7000, 2]]);
  assert.equal(planner.open?.startMs, 7600);
  assert.deepEqual(bounds(planner.end()), [[7600, 16_000, 3]]);
});

test('audio around a window is padded, and shared with its neighbours by the middle of the pause', () => {
  const planner = createSecondPassPlanner(policy);
  planner.add(segment(300, 2000));
  const [first] = planner.add(segment(4000, 5000));
  assert.deepEqual([first?.audioStartMs, first?.audioEndMs], [150, 2700]);
  planner.add(segment(5100, 18_000));
  const [long] = planner.add(segment(18_100, 20_000));
  assert.deepEqual([long?.audioStartMs, long?.audioEndMs], [3300, 18_050]);
  const [last] = planner.end();
  assert.deepEqual([last?.audioStartMs, last?.audioEndMs], [18_050, 20_700]);
});
