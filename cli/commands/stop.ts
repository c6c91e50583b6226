import type { Context } from '../context.ts';
import { define, jsonOption, type OptionsOf } from '../definition.ts';
import { commandRecording } from '../recording-command.ts';
import { chooseAllRunning } from '../running.ts';
import { shortId } from '../time-format.ts';

export const definition = define({
  name: 'stop',
  summary: 'Stop recordings that run in another terminal',
  group: 'Running recordings',
  arguments: [
    {
      name: 'recording',
      optional: true,
      repeat: true,
      summary: 'Id or its last characters; the only one that runs when absent',
    },
  ],
  options: [{ name: 'all', summary: 'Everything that is being recorded' }, jsonOption],
});

export async function run(
  options: OptionsOf<typeof definition>,
  context: Pick<Context, 'backend' | 'output' | 'config' | 'clock'>,
): Promise<void> {
  const recordings = await chooseAllRunning(options.recording, options.all === true, context);
  for (const recording of recordings) {
    await commandRecording(recording, { command: 'stop' }, context);
    context.output.talk(`Stopping ${shortId(recording.id)}.`);
  }
  if (options.json) context.output.json({ command: 'stop', recordings: recordings.map(({ id }) => id) });
}
