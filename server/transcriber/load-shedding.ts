import type { LivePolicy } from './live-policy.ts';

/** What is left out for want of time; audio never is. */
export type Shedding = 'live' | 'finals-only' | 'deferred';

/**
 * Decides by how far recognition is behind. The first step is taken before any of this: the time between partials grows
 * with that of a decode. Each way back has its own threshold, so that nothing flaps.
 */
export function createLoadShedding(
  policy: Pick<LivePolicy, 'finalsOnlyLagMs' | 'partialsBackLagMs' | 'deferLagMs' | 'finalsBackLagMs'>,
) {
  let state: Shedding = 'live';
  return {
    get state() {
      return state;
    },
    update(lagMs: number): Shedding {
      if (lagMs > policy.deferLagMs) state = 'deferred';
      else if (state === 'deferred' && lagMs < policy.finalsBackLagMs) state = 'finals-only';
      if (state === 'live' && lagMs > policy.finalsOnlyLagMs) state = 'finals-only';
      else if (state === 'finals-only' && lagMs < policy.partialsBackLagMs) state = 'live';
      return state;
    },
  };
}
