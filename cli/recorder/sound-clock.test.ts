import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chanceOf } from '../../e2e/faults/random.ts';
import { createSoundClock, type HeardAudio } from './sound-clock.ts';

const CHUNK = new Uint8Array(3200);

/** A device and a machine whose time the test makes pass. */
function device() {
  const clock = { mono: 5000, monotonic: () => clock.mono };
  const sound = createSoundClock(clock);
  const heard: HeardAudio[] = [];
  return {
    clock,
    heard,
    losses: () =>
      heard.flatMap(({ lostMs, reason }, chunk) =>
        lostMs > 0 ? [{ chunk, lostMs: Math.round(lostMs), reason }] : [],
      ),
    /** Chunks that come at their pace, or late as it happens. */
    deliver(chunks: number, everyMs = 100, jitter = () => 0) {
      for (let chunk = 0; chunk < chunks; chunk += 1) {
        clock.mono += everyMs / 2;
        sound.beat();
        clock.mono += everyMs / 2;
        const late = jitter();
        clock.mono += late;
        sound.beat();
        heard.push(...sound.hear(CHUNK));
        clock.mono -= late;
      }
    },
    /** This process lives on, nothing comes. */
    nothingFor(ms: number) {
      for (let passed = 0; passed < ms; passed += 250) {
        clock.mono += Math.min(250, ms - passed);
        sound.beat();
      }
    },
    /** Nothing in this process happens. */
    sleep(ms: number) {
      clock.mono += ms;
    },
    burst(chunks: number) {
      for (let chunk = 0; chunk < chunks; chunk += 1) heard.push(...sound.hear(CHUNK));
    },
  };
}

test('sound at its pace, a little early or late as it comes, has lost nothing', () => {
  const { deliver, losses, heard } = device();
  const chance = chanceOf(3);
  deliver(5000, 100, () => chance.between(0, 180));
  assert.deepEqual([heard.length, losses()], [5000, []]);
});

for (const ppm of [-300, 300])
  test(`a device clock that is off by ${ppm} ppm for eight hours has lost nothing`, () => {
    const { deliver, losses } = device();
    deliver(8 * 36_000, 100 * (1 + ppm / 1e6));
    assert.deepEqual(losses(), []);
  });

test('what was kept while this process slept comes at once: nothing was lost', () => {
  const { deliver, sleep, burst, losses, heard } = device();
  deliver(50);
  sleep(30_000);
  burst(300);
  deliver(50);
  assert.deepEqual([heard.length, losses()], [400, []]);
});

test('nor when a busy machine takes what was kept with pauses in between', () => {
  const { deliver, sleep, burst, losses, heard, clock } = device();
  deliver(50);
  sleep(120_000);
  for (let part = 0; part < 50; part += 1) {
    clock.mono += 170;
    burst(20);
  }
  deliver(50);
  const lost = losses();
  assert.deepEqual([heard.length, lost.length], [1100, 1]);
  // Heard were 100 s of the sleep, and 8.5 s passed while they were read.
  assert.deepEqual(lost[0], { chunk: 50, lostMs: 120_000 + 50 * 170 - 100_000, reason: 'sleep' });
});

test('a sleep without sound is a gap where it was; a second one counts again', () => {
  const { deliver, sleep, burst, losses } = device();
  deliver(50);
  sleep(60_000);
  burst(20);
  deliver(50);
  sleep(10_000);
  deliver(50);
  assert.deepEqual(losses(), [
    { chunk: 50, lostMs: 58_000, reason: 'sleep' },
    { chunk: 120, lostMs: 10_000, reason: 'sleep' },
  ]);
});

test('a source that delivers nothing while this process lives has overrun', () => {
  const { deliver, nothingFor, losses } = device();
  deliver(50);
  nothingFor(4000);
  deliver(30);
  assert.deepEqual(losses(), [{ chunk: 50, lostMs: 4000, reason: 'overrun' }]);
});

test('samples that are dropped now and then are counted once they are a quarter of a second', () => {
  const { deliver, losses } = device();
  deliver(50);
  for (let time = 0; time < 8; time += 1) {
    deliver(1, 200);
    deliver(40);
  }
  const lost = losses();
  assert.ok(lost.every(({ reason }) => reason === 'overrun'));
  const sum = lost.reduce((total, { lostMs }) => total + lostMs, 0);
  assert.ok(sum > 500 && sum <= 800, `${sum} ms of 800`);
});

test('nothing is kept back: all that was heard comes out', () => {
  const { deliver, sleep, burst, heard } = device();
  deliver(5);
  sleep(5000);
  burst(3);
  deliver(2);
  assert.equal(heard.length, 5);
  deliver(1);
  assert.equal(heard.length, 11);
});
