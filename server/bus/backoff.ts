import { MAX_ATTEMPTS } from './bus.ts';

/** Failed attempts after which a message goes to the dead letters. */
export const MAX_FAILURES = MAX_ATTEMPTS;
const FIRST_MS = 1000;
const FACTOR = 4;
/** No delay is longer, so a due time further away was written before the wall clock was set back. */
export const MAX_BACKOFF_MS = 5 * 60_000;

/**
 * How long to wait after the n-th failure, ms: exponential, with the upper half random so that messages that failed
 * together do not come back together.
 * @param random from 0 to 1
 */
export function backoffMs(failures: number, random: number): number {
  const full = Math.min(FIRST_MS * FACTOR ** (failures - 1), MAX_BACKOFF_MS);
  return Math.round(full * (0.5 + random / 2));
}
