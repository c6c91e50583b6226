import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Job } from '@speakr/contracts/jobs';
import type { Context } from '../context.ts';
import { fakeIo } from '../fixtures/fake-io.ts';
import { createOutput } from '../output.ts';
import { run, subcommands } from './jobs.ts';

const job = (changes: Partial<Job> = {}): Job => ({
  id: '0199f3a1-9b0c-7a52-8c11-52b0c6d7e8f9',
  kind: 'transcription',
  state: 'queued',
  recordingId: '0199f3a1-7c1e-7d63-9d0e-3f6a5b2c4d1e',
  attempts: [],
  createdAt: 1_795_262_400_000,
  updatedAt: 1_795_262_400_000,
  ...changes,
});
const running = job({ state: 'running', progress: 0.25, attempts: [{ startedAt: 1_795_262_400_000 }] });
const failed = job({
  state: 'failed',
  failure: 'file_not_audio',
  attempts: [
    { startedAt: 1_795_262_400_000, endedAt: 1_795_262_463_000, outcome: 'failed', code: 'file_not_audio' },
  ],
});

/** A server whose job is in one state after the other, and what is written on a terminal or into a pipe. */
function served(states: readonly Job[], tty: boolean) {
  const io = fakeIo({ tty, env: { NO_COLOR: '1' } });
  const left = [...states];
  const asked: unknown[] = [];
  const next = async (call?: unknown) => {
    asked.push(call);
    return (left.length > 1 ? left.shift() : left[0])!;
  };
  const api = {
    listJobs: async (call: unknown) => ({ jobs: [await next(call)] }),
    getJob: next,
    cancelJob: next,
    retryJob: next,
  };
  const output = createOutput(io);
  const context = { api: async () => api, output } as unknown as Pick<Context, 'api' | 'output'>;
  return { context, asked, stdout: io.out, stderr: io.err };
}

const none = {
  state: undefined,
  kind: undefined,
  recording: undefined,
  limit: undefined,
  watch: false,
  json: false,
};
const commandOf = (name: string) => subcommands.find(({ definition }) => definition.name === name)!;
const call = (name: string, options: object, context: Pick<Context, 'api' | 'output'>) =>
  (commandOf(name).run as (options: object, context: object) => Promise<number | undefined>)(
    options,
    context,
  );

test('lists jobs as a table on a terminal, as tabs in a pipe, as JSON on demand', async () => {
  const terminal = served([running], true);
  await run({ ...none, state: 'running' }, terminal.context);
  assert.match(terminal.stdout(), /^id .*failure\n.*d7e8f9 +transcription +2c4d1e +running +25 % +1/s);
  assert.deepEqual(terminal.asked, [{ query: { limit: 50, state: 'running' } }]);
  const pipe = served([failed], false);
  await run(none, pipe.context);
  assert.match(pipe.stdout(), /^d7e8f9\ttranscription\t2c4d1e\tfailed\t\t1\t.*\tfile_not_audio\n$/);
  const json = served([failed], false);
  await run({ ...none, json: true }, json.context);
  assert.deepEqual(JSON.parse(json.stdout()), { jobs: [failed] });
});

test('follows a list until nothing waits or runs, a line for each change in a pipe', async () => {
  const { context, stdout } = served([job(), running, running, failed], false);
  await run({ ...none, watch: true }, context);
  assert.deepEqual(
    stdout()
      .trim()
      .split('\n')
      .map((line) => line.split('\t')[3]),
    ['queued', 'running', 'failed'],
  );
  const json = served([running, failed], false);
  await run({ ...none, watch: true, json: true }, json.context);
  const states = json.stdout().trim().split('\n');
  assert.deepEqual(
    states.map((line) => JSON.parse(line).state),
    ['running', 'failed'],
  );
});

test('draws the list again on a terminal', async () => {
  const { context, stdout } = served([running, failed], true);
  await run({ ...none, watch: true }, context);
  assert.equal(stdout().split('\x1b[2A\x1b[J').length, 2);
});

test('shows what was tried; who waits for a failure learns it from the exit code', async () => {
  const { context, stdout } = served([failed], false);
  assert.equal(await call('show', { job: 'last' }, context), 0);
  assert.match(stdout(), /^d7e8f9 {2}transcription, failed, file_not_audio; recording 2c4d1e\n/);
  assert.match(stdout(), /01:03 {2}failed {2}file_not_audio/);
  assert.equal(await call('show', { job: 'last', watch: true }, served([running, failed], false).context), 1);
  const done = served([job(), running, job({ state: 'succeeded' })], false);
  assert.equal(await call('retry', { job: 'last', watch: true }, done.context), 0);
});

test('says whether a job is cancelled or has been told to stop', async () => {
  const waiting = served([job({ state: 'cancelled' })], false);
  await call('cancel', { job: 'last' }, waiting.context);
  assert.match(waiting.stderr(), /d7e8f9 is cancelled/);
  const told = served([job({ state: 'running', cancelRequested: true })], false);
  await call('cancel', { job: 'last' }, told.context);
  assert.match(told.stderr(), /d7e8f9 was told to stop/);
});
