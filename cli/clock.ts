/** Time, so that tests can move it. */
export interface Clock {
  /** Wall clock, integer ms since the Unix epoch. May jump. */
  now(): number;
  /** Monotonic clock, ms from an arbitrary start. Never jumps. */
  monotonic(): number;
}

export const systemClock: Clock = { now: () => Date.now(), monotonic: () => performance.now() };
