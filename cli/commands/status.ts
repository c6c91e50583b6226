import type { Context } from '../context.ts';
import { define, jsonOption, type OptionsOf } from '../definition.ts';
import { mentionSpools } from '../recorder/mention-spools.ts';
import { listRunning, type RunningRecording } from '../running.ts';
import { clockTime, shortId } from '../time-format.ts';

export const definition = define({
  name: 'status',
  summary: 'Show what runs: recordings, server, models',
  group: 'Running recordings',
  options: [jsonOption],
});

export async function run(
  options: OptionsOf<typeof definition>,
  context: Pick<Context, 'backend' | 'output' | 'config' | 'clock'>,
): Promise<void> {
  const { output } = context;
  const api = await (await context.backend()).runningApi();
  const status = api === undefined ? undefined : await api.getStatus({});
  const { recordings, files, abandoned } = await listRunning(context);
  if (options.json) {
    const running = recordings.map(({ id }) => id);
    output.json({ running, recordings, files, abandoned, server: status ?? null });
    return;
  }
  if (recordings.length === 0) output.line('No recording is running.');
  for (const recording of recordings) output.line(`Recording: ${describe(recording)}`);
  for (const file of files) output.line(`Transcribing: ${describe(file)}`);
  if (status === undefined) output.line('The server is not running; it starts when it is needed.');
  else {
    const { recognizer, embedder, notes } = status.models;
    output.line(
      `Server: version ${status.version}, up ${clockTime(status.uptimeMs)}, ${status.pendingJobs} jobs waiting`,
    );
    output.line(`Models: ${recognizer}, ${embedder}; notes: ${notes}`);
  }
  await mentionSpools(context);
}

function describe({ id, durationMs, source, title, tags = [], pid }: RunningRecording): string {
  const facts = [shortId(id), clockTime(durationMs), title ?? source, ...tags.map((tag) => `#${tag}`)];
  if (title !== undefined && source !== 'microphone') facts.push(source);
  if (pid !== undefined) facts.push(`process ${pid}`);
  return facts.join(', ');
}
