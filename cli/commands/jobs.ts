import { setTimeout as sleep } from 'node:timers/promises';
import { type Job, jobKinds, jobStates } from '@speakr/contracts/jobs';
import type { ExitCode } from '@speakr/contracts/problem';
import type { Context } from '../context.ts';
import { define, jsonOption, type OptionsOf } from '../definition.ts';
import type { Api } from '../embedded.ts';
import type { Output } from '../output.ts';
import { clockTime, dateTime, shortId } from '../time-format.ts';

const WATCH_MS = 500;
const MOST_WATCHED = 20;

const jobArgument = { name: 'job', summary: 'Job id, its last characters, or "last"' } as const;
const watchOption = { name: 'watch', summary: 'Follow until it has ended' } as const;
const listOptions = [
  { name: 'state', value: 'STATE', choices: jobStates, summary: 'Only in this state' },
  { name: 'kind', value: 'KIND', choices: jobKinds, summary: 'Only of this kind' },
  { name: 'recording', value: 'ID', summary: 'Only of this recording' },
  { name: 'limit', value: 'N', number: true, summary: 'How many at the most (50)' },
  { name: 'watch', summary: 'Follow until nothing waits or runs' },
  jsonOption,
] as const;

export const definition = define({
  name: 'jobs',
  summary: 'See, stop and repeat work in the background',
  details:
    'Uploads, transcripts, search index, notes and archive are jobs. Each remembers what was tried. In a pipe, --watch ' +
    'prints a line for each change; with --json each line is a job.',
  group: 'Care',
  options: listOptions,
  examples: ['speakr jobs --watch', 'speakr jobs show last', 'speakr jobs retry 4d1e99 --watch'],
});

const list = define({ name: 'list', summary: 'List jobs, newest first', options: listOptions });
const show = define({
  name: 'show',
  summary: 'Show one job and what was tried',
  arguments: [jobArgument],
  options: [watchOption, jsonOption],
});
const cancel = define({
  name: 'cancel',
  summary: 'Stop a job that has not ended',
  arguments: [jobArgument],
  options: [jsonOption],
});
const retry = define({
  name: 'retry',
  summary: 'Try a job again that failed or was cancelled',
  arguments: [jobArgument],
  options: [watchOption, jsonOption],
});

type Needs = Pick<Context, 'api' | 'output'>;

const isOver = ({ state }: Job) => state !== 'queued' && state !== 'running';

export async function run(options: OptionsOf<typeof definition>, context: Needs): Promise<void> {
  const { output } = context;
  const api = await context.api(options.watch ? 'write' : 'read');
  if (options.watch) return watchList(options, api, output);
  const { jobs, nextCursor } = await find(options, api);
  if (options.json) output.json({ jobs, ...(nextCursor === undefined ? {} : { nextCursor }) });
  else if (jobs.length === 0 && output.tty) output.talk('There is no such job.');
  else showTable(jobs, output);
}

async function find(options: OptionsOf<typeof definition>, api: Api) {
  const jobs: Job[] = [];
  let left = options.limit ?? 50;
  let cursor: string | undefined;
  do {
    const page = await api.listJobs({
      query: {
        limit: Math.min(left, 200),
        ...(cursor === undefined ? {} : { cursor }),
        ...(options.state === undefined ? {} : { state: options.state }),
        ...(options.kind === undefined ? {} : { kind: options.kind }),
        ...(options.recording === undefined ? {} : { recording: options.recording }),
      },
    });
    jobs.push(...page.jobs);
    left -= page.jobs.length;
    cursor = page.nextCursor;
  } while (cursor !== undefined && left > 0);
  return { jobs, nextCursor: cursor };
}

function showTable(jobs: readonly Job[], output: Output): void {
  output.table(
    [
      { heading: 'id' },
      { heading: 'kind' },
      { heading: 'of' },
      { heading: 'state' },
      { heading: 'done', right: true },
      { heading: 'tries', right: true },
      { heading: 'asked for' },
      { heading: 'failure', shrink: true },
    ],
    jobs.map((job) => [
      shortId(job.id),
      job.kind,
      shortId(job.recordingId),
      stateOf(job),
      percent(job),
      String(job.attempts.length),
      dateTime(job.createdAt),
      job.failure ?? '',
    ]),
  );
}

const stateOf = ({ state, cancelRequested }: Job) => (cancelRequested ? 'stopping' : state);
const percent = ({ progress }: Job) => (progress === undefined ? '' : `${Math.floor(progress * 100)} %`);

/** On a terminal the list is drawn again; elsewhere each change is a line. */
async function watchList(options: OptionsOf<typeof definition>, api: Api, output: Output): Promise<void> {
  const limit = Math.min(options.limit ?? MOST_WATCHED, MOST_WATCHED);
  const seen = new Map<string, string>();
  let drawn = 0;
  for (;;) {
    const { jobs } = await find({ ...options, limit }, api);
    const changed = jobs.filter((job) => seen.get(job.id) !== JSON.stringify(job)).reverse();
    for (const job of changed) seen.set(job.id, JSON.stringify(job));
    if (options.json) for (const job of changed) output.json(job);
    else if (!output.tty) showTable(changed, output);
    else if (changed.length > 0) {
      if (drawn > 0) output.write(`\x1b[${drawn}A\x1b[J`);
      showTable(jobs, output);
      drawn = jobs.length + 1;
    }
    if (jobs.every(isOver) || output.closed) return;
    await sleep(WATCH_MS);
  }
}

/** @returns the job when it has ended */
async function watchOne(job: Job, api: Api, output: Output): Promise<Job> {
  let now = job;
  while (!isOver(now)) {
    output.progress(`${now.kind}: ${stateOf(now)} ${percent(now)}`.trim());
    await sleep(WATCH_MS);
    now = await api.getJob({ params: { job: now.id } });
  }
  output.progress('');
  return now;
}

async function showOne(job: Job, json: boolean | undefined, output: Output): Promise<void> {
  if (json) return output.json(job);
  const about = [job.kind, stateOf(job), percent(job), job.failure].filter(Boolean).join(', ');
  output.line(`${shortId(job.id)}  ${about}; recording ${shortId(job.recordingId)}`);
  for (const { startedAt, endedAt, outcome, code } of job.attempts) {
    const length = endedAt === undefined ? '' : clockTime(endedAt - startedAt);
    output.line(['  ', dateTime(startedAt), length, outcome ?? 'running', code].filter(Boolean).join('  '));
  }
}

/** Whoever waited for a job learns from the exit code how it ended. */
const exitCodeOf = ({ state }: Job): ExitCode => (state === 'succeeded' ? 0 : 1);

async function runShow(options: OptionsOf<typeof show>, context: Needs): Promise<ExitCode> {
  const { output } = context;
  const api = await context.api(options.watch ? 'write' : 'read');
  const job = await api.getJob({ params: { job: options.job } });
  const shown = options.watch ? await watchOne(job, api, output) : job;
  await showOne(shown, options.json, output);
  return options.watch ? exitCodeOf(shown) : 0;
}

async function runCancel(options: OptionsOf<typeof cancel>, context: Needs): Promise<void> {
  const { output } = context;
  const job = await (await context.api('write')).cancelJob({ params: { job: options.job } });
  if (options.json) return output.json(job);
  const what = job.state === 'cancelled' ? 'is cancelled' : 'was told to stop';
  output.talk(`The ${job.kind} ${shortId(job.id)} ${what}.`);
}

async function runRetry(options: OptionsOf<typeof retry>, context: Needs): Promise<ExitCode> {
  const { output } = context;
  const api = await context.api('write');
  const job = await api.retryJob({ params: { job: options.job } });
  if (!options.watch) {
    if (options.json) output.json(job);
    else output.talk(`The ${job.kind} ${shortId(job.id)} is tried again.`);
    return 0;
  }
  const ended = await watchOne(job, api, output);
  await showOne(ended, options.json, output);
  return exitCodeOf(ended);
}

export const subcommands = [
  { definition: list, run },
  { definition: show, run: runShow },
  { definition: cancel, run: runCancel },
  { definition: retry, run: runRetry },
];
