import { uptime } from 'node:os';

/** Time, so that tests can move it. */
export interface Clock {
  /** Wall clock, integer ms since the Unix epoch. May jump. */
  now(): number;
  /** Monotonic clock, ms from an arbitrary start. Nobody sets it; it goes on while the machine sleeps. */
  monotonic(): number;
}

/** Less than this between the two clocks below is rounding, ms. */
const ASLEEP_MS = 1000;

/**
 * `performance.now` is exact but stands still while a Linux machine sleeps; the uptime of the machine is coarse and goes
 * on.
 */
export function sleeplessClock(
  exactMs: () => number = () => performance.now(),
  uptimeMs: () => number = () => uptime() * 1000,
): () => number {
  const offset = () => uptimeMs() - exactMs();
  let awake = offset();
  let asleepMs = 0;
  return () => {
    const passed = offset() - awake;
    if (passed > ASLEEP_MS) asleepMs += passed;
    awake += passed;
    return exactMs() + asleepMs;
  };
}

export const systemClock: Clock = { now: () => Date.now(), monotonic: sleeplessClock() };
