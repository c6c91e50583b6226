import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createTimeline } from './timeline.ts';

test('time stands still in a pause, and the next second follows the last one before it', () => {
  const timeline = createTimeline();
  assert.equal(timeline.position(500), 0);
  timeline.begin(1000);
  timeline.begin(2000);
  assert.equal(timeline.position(1250), 250);
  timeline.pause(2000);
  assert.equal(timeline.paused, true);
  assert.equal(timeline.position(7000), 1000);
  timeline.resume(7000);
  assert.equal(timeline.position(7100), 1100);
  timeline.pause(7500);
  timeline.resume(8000);
  assert.equal(timeline.position(8000), 1500);
});

test('a stretch of audio loses what lies in pauses, to the millisecond', () => {
  const timeline = createTimeline();
  timeline.begin(0);
  timeline.pause(150);
  assert.deepEqual(timeline.kept(100, 200), [{ from: 100, to: 150 }]);
  assert.deepEqual(timeline.kept(200, 300), []);
  timeline.resume(330);
  assert.deepEqual(timeline.kept(300, 400), [{ from: 330, to: 400 }]);
  timeline.pause(410);
  timeline.resume(420);
  assert.deepEqual(timeline.kept(400, 500), [
    { from: 400, to: 410 },
    { from: 420, to: 500 },
  ]);
  assert.deepEqual(timeline.kept(500, 600), [{ from: 500, to: 600 }]);
});

test('pausing twice is pausing once', async () => {
  const timeline = createTimeline();
  timeline.begin(0);
  timeline.pause(100);
  timeline.pause(200);
  let resumed = false;
  const running = timeline.running().then(() => {
    resumed = true;
  });
  assert.equal(resumed, false);
  timeline.resume(300);
  timeline.resume(400);
  await running;
  assert.equal(timeline.position(500), 300);
});
