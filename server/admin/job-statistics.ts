import type { JobStatistics } from '@speakr/contracts/admin';
import { jobKinds } from '@speakr/contracts/jobs';
import type { Administration, EndedJob } from '../store/administration.ts';

/** Jobs of a kind that the durations are of. */
const LAST = 500;

export interface Broker {
  queues(): Promise<readonly JobStatistics['queues'][number][]>;
  unsent(): Promise<number>;
}

/** What the database and the broker have of the work of everybody. */
export async function jobStatistics(
  administration: Pick<Administration, 'jobCounts' | 'lastSucceeded' | 'oldestOpenJob'>,
  broker: Broker,
): Promise<JobStatistics> {
  const [counts, oldestOpenAt, queues, unsent, ...ended] = await Promise.all([
    administration.jobCounts(),
    administration.oldestOpenJob(),
    broker.queues(),
    broker.unsent(),
    ...jobKinds.map((kind) => administration.lastSucceeded(kind, LAST)),
  ]);
  return {
    counts,
    durations: ended.flatMap((jobs) => durationsOf(jobs)),
    ...(oldestOpenAt === undefined ? {} : { oldestOpenAt }),
    queues: queues.map(({ consumer, waiting, underWay, dead }) => ({ consumer, waiting, underWay, dead })),
    unsent,
  };
}

function durationsOf(jobs: readonly EndedJob[]): JobStatistics['durations'] {
  const [first] = jobs;
  if (first === undefined) return [];
  const took = jobs.map(({ createdAt, endedAt }) => Math.max(0, endedAt - createdAt)).sort((a, b) => a - b);
  const rank = (share: number) => took[Math.max(0, Math.ceil(share * took.length) - 1)]!;
  const waits = jobs.map(({ createdAt, attempts }) =>
    Math.max(0, (attempts[0]?.startedAt ?? createdAt) - createdAt),
  );
  return [
    {
      kind: first.kind,
      count: took.length,
      p50Ms: rank(0.5),
      p95Ms: rank(0.95),
      p99Ms: rank(0.99),
      worstWaitMs: Math.max(...waits),
    },
  ];
}
