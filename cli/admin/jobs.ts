import type { Context } from '../context.ts';
import { define, jsonOption, type OptionsOf } from '../definition.ts';
import { dateTime, duration } from '../time-format.ts';

const definition = define({
  name: 'jobs',
  summary: 'Work in the background of everybody: counts, durations, queues',
  options: [jsonOption],
});

async function run(
  options: OptionsOf<typeof definition>,
  { api, output }: Pick<Context, 'api' | 'output'>,
): Promise<void> {
  const found = await (await api('write')).getJobStatistics();
  if (options.json) return output.json(found);
  const kinds = [...new Set(found.counts.map(({ kind }) => kind))];
  const states = ['queued', 'running', 'succeeded', 'failed', 'cancelled'] as const;
  const countOf = (kind: string, state: string) =>
    found.counts.find((each) => each.kind === kind && each.state === state)?.jobs ?? 0;
  output.table(
    [
      { heading: 'job', shrink: true },
      ...states.map((heading) => ({ heading, right: true as const })),
      { heading: 'p50', right: true },
      { heading: 'p95', right: true },
      { heading: 'longest wait', right: true },
    ],
    kinds.map((kind) => {
      const took = found.durations.find((each) => each.kind === kind);
      return [
        kind,
        ...states.map((state) => `${countOf(kind, state)}`),
        ...(took === undefined
          ? ['', '', '']
          : [duration(took.p50Ms), duration(took.p95Ms), duration(took.worstWaitMs)]),
      ];
    }),
  );
  output.table(
    [
      { heading: 'consumer', shrink: true },
      { heading: 'waiting', right: true },
      { heading: 'under way', right: true },
      { heading: 'given up', right: true },
    ],
    found.queues.map(({ consumer, waiting, underWay, dead }) => [
      consumer,
      `${waiting}`,
      `${underWay}`,
      `${dead}`,
    ]),
  );
  if (found.oldestOpenAt !== undefined)
    output.talk(`The oldest job that is not done is from ${dateTime(found.oldestOpenAt)}.`);
  if (found.unsent > 0) output.talk(`${found.unsent} messages have not reached the broker yet.`);
}

export const jobsCommand = { definition, run };
