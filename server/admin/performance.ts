import type { Performance } from '@speakr/contracts/admin';
import {
  addBuckets,
  type Buckets,
  countOf,
  percentile,
  type RollingHistograms,
  WINDOW_MS,
} from '../observability/rolling-histograms.ts';
import type { Report } from './heartbeats.ts';

/** As it travels in a heartbeat. */
export const histogramsToReport = (rolling: RollingHistograms): Report['histograms'] =>
  Object.fromEntries([...rolling.snapshot()].map(([key, buckets]) => [key, [...buckets]]));

/** Percentiles over what several processes have measured. */
export function performanceOf(reports: readonly Pick<Report, 'histograms'>[]): Performance {
  const sum = new Map<string, Buckets>();
  for (const { histograms } of reports)
    for (const [key, buckets] of Object.entries(histograms)) {
      const total = sum.get(key) ?? new Map<number, number>();
      addBuckets(total, buckets);
      sum.set(key, total);
    }
  const ms = (seconds: number) => Math.round(seconds * 1e5) / 100;
  return {
    windowMs: WINDOW_MS,
    processes: reports.length,
    operations: [...sum]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, buckets]) => {
        const [name = '', part] = key.split(' ');
        return {
          name,
          ...(part === undefined ? {} : { part }),
          count: countOf(buckets),
          p50Ms: ms(percentile(buckets, 0.5)),
          p95Ms: ms(percentile(buckets, 0.95)),
          p99Ms: ms(percentile(buckets, 0.99)),
        };
      }),
  };
}
