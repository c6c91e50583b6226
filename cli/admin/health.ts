import type { ExitCode } from '@speakr/contracts/problem';
import type { Context } from '../context.ts';
import { define, jsonOption, type OptionsOf } from '../definition.ts';
import { byteSize, duration } from '../time-format.ts';

const health = define({
  name: 'health',
  summary: 'Processes, services and models of the server; ends with 1 when something is wrong',
  options: [jsonOption],
});
const performance = define({
  name: 'performance',
  summary: 'What took how long in the last five minutes',
  options: [jsonOption],
});

type Needs = Pick<Context, 'api' | 'output' | 'clock'>;

async function runHealth(
  { json }: OptionsOf<typeof health>,
  { api, output, clock }: Needs,
): Promise<ExitCode> {
  const found = await (await api('write')).getSystemHealth();
  if (json) output.json(found);
  else {
    output.table(
      [{ heading: 'service' }, { heading: 'state' }, { heading: 'answered in', right: true }],
      found.checks.map(({ name, ok, tookMs }) => [name, ok ? 'ok' : 'away', duration(tookMs)]),
    );
    output.table(
      [
        { heading: 'process' },
        { heading: 'roles', shrink: true },
        { heading: 'version' },
        { heading: 'up', right: true },
        { heading: 'memory', right: true },
        { heading: 'state' },
      ],
      found.processes.map(({ id, roles, version, startedAt, alive, memoryBytes, models }) => {
        const wrong = models.filter(({ state }) => state === 'missing' || state === 'invalid');
        return [
          id.slice(-6),
          roles.join(' '),
          version,
          duration(clock.now() - startedAt),
          byteSize(memoryBytes),
          !alive
            ? 'silent'
            : wrong.length === 0
              ? 'alive'
              : wrong.map(({ model, state }) => `${model} ${state}`).join(', '),
        ];
      }),
    );
    if (found.missingRoles.length > 0) output.talk(`No process works on: ${found.missingRoles.join(', ')}.`);
    if (found.versions.length > 1) output.talk(`Several versions run: ${found.versions.join(', ')}.`);
    output.talk(
      `${found.healthy ? 'Everything is as it should be' : 'Something is wrong'}; ${found.queueDepth} messages wait or are under way, ${found.deadLetters} were given up.`,
    );
  }
  return found.healthy ? 0 : 1;
}

async function runPerformance(
  { json }: OptionsOf<typeof performance>,
  { api, output }: Needs,
): Promise<void> {
  const found = await (await api('write')).getPerformance();
  if (json) return output.json(found);
  if (found.operations.length === 0) output.talk('Nothing was done in the last five minutes.');
  else
    output.table(
      [
        { heading: 'operation', shrink: true },
        { heading: 'count', right: true },
        { heading: 'p50', right: true },
        { heading: 'p95', right: true },
        { heading: 'p99', right: true },
      ],
      found.operations.map(({ name, part, count, p50Ms, p95Ms, p99Ms }) => [
        [name.replace(/^speakr_/, '').replace(/_seconds$/, ''), part].filter(Boolean).join(' '),
        `${count}`,
        duration(p50Ms),
        duration(p95Ms),
        duration(p99Ms),
      ]),
    );
}

export const healthCommand = { definition: health, run: runHealth };
export const performanceCommand = { definition: performance, run: runPerformance };
