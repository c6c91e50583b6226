import type { Context } from '../context.ts';
import { define, type OptionsOf } from '../definition.ts';
import { commandRecording } from '../recording-command.ts';
import { chooseRunning } from '../running.ts';
import { shortId } from '../time-format.ts';

export const definition = define({
  name: 'stop',
  summary: 'Stop a recording that runs in another terminal',
  group: 'Running recordings',
  arguments: [
    { name: 'recording', optional: true, summary: 'Id or its last characters; the only one that runs' },
  ],
});

export async function run(
  options: OptionsOf<typeof definition>,
  context: Pick<Context, 'backend' | 'output' | 'config' | 'clock'>,
): Promise<void> {
  const recording = await chooseRunning(options.recording, context);
  await commandRecording(recording, { command: 'stop' }, context);
  context.output.talk(`Stopping ${shortId(recording.id)}.`);
}
