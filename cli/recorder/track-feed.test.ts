import assert from 'node:assert/strict';
import { test } from 'node:test';
import { until } from '../../scripts/until.ts';
import type { Capture } from './capture.ts';
import type { SpoolTrack } from './spool-track.ts';
import { createTimeline } from './timeline.ts';
import { feedTrack, type TrackFeed, type TrackInput } from './track-feed.ts';

const SAMPLES = 1600;

/** 100 ms in which every sample says which source it is of and where. */
const chunk = (mark: number) => new Uint8Array(new Int16Array(SAMPLES).fill(mark).buffer);

function source(startedAt: number | undefined, kind: TrackInput['kind'] = 'microphone') {
  const queue: (Uint8Array | 'end')[] = [];
  let wake = () => {};
  let stopped = false;
  const push = (item: Uint8Array | 'end') => {
    queue.push(item);
    wake();
  };
  const capture: Capture = {
    chunks: (async function* () {
      for (;;) {
        while (queue.length === 0) await new Promise<void>((resolve) => (wake = resolve));
        const item = queue.shift();
        if (item === 'end' || item === undefined) return;
        yield item;
      }
    })(),
    stop() {
      stopped = true;
      push('end');
    },
    postpone: () => {},
    startedAt,
    get stopped() {
      return stopped;
    },
    said: '',
  };
  const input: TrackInput = { label: 'me', kind, open: () => capture };
  return { capture, input, hear: (mark: number) => push(chunk(mark)), end: () => push('end') };
}

/** A spool's track in memory: samples, with -1 for what is a gap. */
function memoryTrack() {
  const held: number[] = [];
  const track = {
    held,
    get samples() {
      return held.length;
    },
    append: (pcm: Uint8Array) => void held.push(...new Int16Array(pcm.slice().buffer)),
    appendGap: (count: number) => void held.push(...Array<number>(count).fill(-1)),
    room: async () => {},
  };
  return track as typeof track & SpoolTrack;
}

function feeding(
  input: TrackInput,
  timeline = createTimeline(),
  more: { fallback?: TrackInput; switchMs?: number } = {},
) {
  const track = memoryTrack();
  const clock = { mono: 10_000, now: () => 0, monotonic: () => clock.mono };
  const said: string[] = [];
  let chunks = 0;
  const count = () => {
    chunks += 1;
  };
  const feed: TrackFeed = feedTrack({
    input,
    clock,
    timeline,
    track: () => track,
    onFirst: () => {},
    onAudio: count,
    onPaused: count,
    ...more,
    onLost: () => said.push('lost'),
    onFound: ({ label }) => said.push(label),
  });
  const heard = (wanted: number) => until(`${wanted} chunks are heard`, () => chunks >= wanted);
  return { feed, track, clock, timeline, heard, said };
}

/** Runs of equal samples, as [value, how many]. */
const runs = (samples: readonly number[]) =>
  samples.reduce<[number, number][]>((all, value) => {
    const last = all.at(-1);
    if (last?.[0] === value) last[1] += 1;
    else all.push([value, 1]);
    return all;
  }, []);

test('two tracks that begin at different moments are laid out against the same clock', async () => {
  const timeline = createTimeline();
  const [microphone, system] = [source(5000), source(5080, 'system')];
  const [me, them] = [feeding(microphone.input, timeline), feeding(system.input, timeline)];
  microphone.hear(1);
  await me.heard(1);
  system.hear(2);
  await them.heard(1);
  assert.deepEqual(runs(me.track.held), [[1, 1600]]);
  assert.deepEqual(runs(them.track.held), [
    [0, 80 * 16],
    [2, 1600],
  ]);
});

test('a pause cuts both tracks at the same sample, whatever their chunks', async () => {
  const timeline = createTimeline();
  const [first, second] = [source(5000), source(5030, 'system')];
  const [me, them] = [feeding(first.input, timeline), feeding(second.input, timeline)];
  first.hear(1);
  await me.heard(1);
  second.hear(11);
  await them.heard(1);
  timeline.pause(5150);
  first.hear(2);
  await me.heard(2);
  timeline.resume(5220);
  first.hear(3);
  second.hear(12);
  second.hear(13);
  await me.heard(3);
  await them.heard(3);
  assert.deepEqual(runs(me.track.held), [
    [1, 1600],
    [2, 50 * 16],
    [3, 80 * 16],
  ]);
  assert.deepEqual(runs(them.track.held), [
    [0, 30 * 16],
    [11, 1600],
    [12, 30 * 16],
    [13, 100 * 16],
  ]);
  // 5300 is at 230 ms on both: what the second has beyond was captured later.
  assert.equal(timeline.position(5300), 230);
});

test('another device takes over without a gap and without saying anything twice', async () => {
  const old = source(5000);
  const other = source(5150);
  const { feed, track, heard } = feeding(old.input);
  old.hear(1);
  old.hear(2);
  await heard(2);
  const switching = feed.switchTo(other.input);
  old.hear(3);
  await heard(3);
  other.hear(7);
  await switching;
  other.hear(8);
  await heard(4);
  assert.deepEqual(runs(track.held), [
    [1, 1600],
    [2, 1600],
    [3, 1600],
    // It began 150 ms before the old one ended.
    [8, 1600 - 50 * 16],
  ]);
  assert.equal(old.capture.stopped, true);
  assert.equal(feed.capture, other.capture);
});

test('a device that gives no sound leaves the one before in use', async () => {
  const [old, dead] = [source(5000), source(undefined)];
  const { feed, track, heard } = feeding(old.input);
  old.hear(1);
  await heard(1);
  dead.end();
  await assert.rejects(feed.switchTo(dead.input), /gives no sound/);
  old.hear(2);
  await heard(2);
  assert.equal(feed.capture, old.capture);
  assert.deepEqual(runs(track.held), [
    [1, 1600],
    [2, 1600],
  ]);
});

test('what was not captured between a lost device and the next is a gap', async () => {
  const [old, other] = [source(5000), source(6000)];
  const { feed, track, heard } = feeding(old.input);
  old.hear(1);
  await heard(1);
  const switching = feed.switchTo(other.input);
  old.end();
  other.hear(2);
  await switching;
  await heard(2);
  assert.deepEqual(runs(track.held), [
    [1, 1600],
    [-1, 900 * 16],
    [2, 1600],
  ]);
});

test('a file waits while it is paused: nothing of it is left out', async () => {
  const timeline = createTimeline();
  const file = source(undefined, 'file');
  const { track, heard } = feeding(file.input, timeline);
  file.hear(1);
  await heard(1);
  timeline.pause(10_000);
  file.hear(2);
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.equal(track.samples, 1600);
  timeline.resume(12_000);
  await heard(2);
  assert.deepEqual(runs(track.held), [
    [1, 1600],
    [2, 1600],
  ]);
});

/** An input that gives one capture after the other, as a device does that is opened again. */
function opensInTurn(label: string, ...sources: ReturnType<typeof source>[]): TrackInput {
  let opened = 0;
  return {
    label,
    kind: 'microphone',
    open: () => {
      const next = sources[Math.min(opened, sources.length - 1)]!;
      opened += 1;
      return next.capture;
    },
  };
}

test('a device that vanished is waited for: it goes on where time has got to, with a gap', async () => {
  const [before, after] = [source(9900), source(12_500)];
  const { track, heard, feed, said } = feeding(opensInTurn('me', before, after));
  before.hear(1);
  await heard(1);
  before.end();
  after.hear(2);
  await heard(2);
  feed.stop();
  await feed.ended;
  assert.equal(track.held.length, 27 * SAMPLES);
  assert.deepEqual([track.held[SAMPLES - 1], track.held[SAMPLES], track.held.at(-1)], [1, -1, 2]);
  assert.deepEqual(said, ['lost', 'me']);
});

test('when it does not come back at once the default device does as well', async () => {
  const [before, dead, other] = [source(9900), source(undefined), source(13_000)];
  dead.end();
  const fallback = opensInTurn('default', other);
  const { track, heard, feed, said, clock } = feeding(opensInTurn('me', before, dead), undefined, {
    fallback,
  });
  before.hear(1);
  await heard(1);
  before.end();
  await until('the loss is told', () => said.length > 0);
  clock.mono += 2500;
  other.hear(3);
  await heard(2);
  feed.stop();
  await feed.ended;
  assert.deepEqual([track.held.at(-1), track.held[SAMPLES]], [3, -1]);
  assert.deepEqual(said, ['lost', 'default']);
});

test('a device that took too long to give sound is tried again; what came too late is not taken', async () => {
  const [before, late, after] = [source(9900), source(11_000), source(12_500)];
  const { track, heard, feed, said } = feeding(opensInTurn('me', before, late, after), undefined, {
    switchMs: 5,
  });
  // As ffmpeg does when it is told to end: it hands out what it has.
  const { stop } = late.capture;
  late.capture.stop = () => {
    late.hear(2);
    stop();
  };
  before.hear(1);
  await heard(1);
  before.end();
  after.hear(3);
  await heard(2);
  feed.stop();
  await feed.ended;
  assert.deepEqual(said, ['lost', 'me']);
  assert.deepEqual([...new Set(track.held)], [1, -1, 3]);
});

test('whoever stops while a device is gone has a gap up to then', async () => {
  const [before, dead] = [source(9900), source(undefined)];
  dead.end();
  const { track, heard, feed, said, clock } = feeding(opensInTurn('me', before, dead));
  before.hear(1);
  await heard(1);
  before.end();
  await until('the loss is told', () => said.length > 0);
  clock.mono += 900;
  feed.stop();
  await feed.ended;
  assert.equal(track.held.length, 10 * SAMPLES);
  assert.ok(track.held.slice(SAMPLES).every((sample) => sample === -1));
});
