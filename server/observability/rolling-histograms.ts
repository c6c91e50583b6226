import type { HistogramName, LabelsOf, Metrics } from './metrics.ts';

/** Each bound is so much higher than the one below: a percentile is told to within 5 %. */
const RATIO = 1.1;
/** Everything below is in the first bucket, seconds. */
const LEAST_S = 0.0001;
/** The window moves in so many steps. */
const STEPS = 10;
export const WINDOW_MS = 5 * 60_000;

/** Values by number of bucket. */
export type Buckets = Map<number, number>;

/** What is told apart within a metric, where somebody may want to know; the rest is one. */
const partOf: Partial<Record<HistogramName, string>> = {
  speakr_decode_seconds: 'priority',
  speakr_decode_wait_seconds: 'priority',
  speakr_delivery_seconds: 'consumer',
  speakr_transaction_seconds: 'kind',
  speakr_storage_seconds: 'operation',
};

export interface RollingHistograms {
  observe<N extends HistogramName>(name: N, labels: LabelsOf<N>, seconds: number): void;
  /** Values of the window, by metric and part joined by a blank. */
  snapshot(): Map<string, Buckets>;
}

export const bucketOf = (seconds: number): number =>
  seconds <= LEAST_S ? 0 : Math.ceil(Math.log(seconds / LEAST_S) / Math.log(RATIO));

/** The middle of a bucket, seconds. */
const middleOf = (bucket: number) => LEAST_S * RATIO ** (bucket - (bucket === 0 ? 0 : 0.5));

/** @param share from 0 to 1. @returns seconds, by nearest rank; 0 without values */
export function percentile(buckets: Buckets, share: number): number {
  const total = countOf(buckets);
  const rank = Math.max(1, Math.ceil(total * share));
  let seen = 0;
  for (const bucket of [...buckets.keys()].sort((a, b) => a - b)) {
    seen += buckets.get(bucket)!;
    if (seen >= rank) return middleOf(bucket);
  }
  return 0;
}

export const countOf = (buckets: Buckets): number =>
  [...buckets.values()].reduce((sum, each) => sum + each, 0);

/** Adds what others have counted. */
export function addBuckets(to: Buckets, from: Iterable<readonly [number, number]>): void {
  for (const [bucket, values] of from) to.set(bucket, (to.get(bucket) ?? 0) + values);
}

/** Histograms of the last minutes, in bounded memory. @param monotonic ms */
export function createRollingHistograms(monotonic: () => number): RollingHistograms {
  const stepMs = WINDOW_MS / STEPS;
  let steps: { number: number; byName: Map<string, Buckets> }[] = [];
  const current = () => Math.floor(monotonic() / stepMs);
  const forgetOld = (now: number) => {
    steps = steps.filter(({ number }) => number > now - STEPS);
  };

  return {
    observe(name, labels, seconds) {
      const now = current();
      let step = steps.at(-1);
      if (step?.number !== now) {
        forgetOld(now);
        step = { number: now, byName: new Map() };
        steps.push(step);
      }
      const part = partOf[name];
      const key = part === undefined ? name : `${name} ${(labels as Record<string, string>)[part]}`;
      const buckets = step.byName.get(key) ?? new Map<number, number>();
      step.byName.set(key, buckets);
      addBuckets(buckets, [[bucketOf(seconds), 1]]);
    },
    snapshot() {
      forgetOld(current());
      const sum = new Map<string, Buckets>();
      for (const { byName } of steps)
        for (const [key, buckets] of byName) {
          const total = sum.get(key) ?? new Map<number, number>();
          addBuckets(total, buckets);
          sum.set(key, total);
        }
      return sum;
    },
  };
}

/** The same metrics, whose lengths of time are also kept for a while. */
export const alsoRolling = (metrics: Metrics, rolling: RollingHistograms): Metrics => ({
  count: metrics.count,
  collect: metrics.collect,
  observe(name, labels, value) {
    metrics.observe(name, labels, value);
    rolling.observe(name, labels, value);
  },
});
