import type { Context } from '../context.ts';
import { define, jsonOption, type OptionsOf } from '../definition.ts';
import { mentionSpools } from '../recorder/mention-spools.ts';
import { listRunning } from '../running.ts';
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
  const running = (await listRunning(context)).map(({ id }) => id);
  if (options.json) output.json({ running, server: status ?? null });
  else {
    output.line(
      running.length === 0 ? 'No recording is running.' : `Recording: ${running.map(shortId).join(', ')}`,
    );
    if (status === undefined) output.line('The server is not running; it starts when it is needed.');
    else {
      const { recognizer, embedder, notes } = status.models;
      output.line(
        `Server: version ${status.version}, up ${clockTime(status.uptimeMs)}, ${status.pendingJobs} jobs waiting`,
      );
      output.line(`Models: ${recognizer}, ${embedder}; notes: ${notes}`);
    }
  }
  await mentionSpools(context);
}
