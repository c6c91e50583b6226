import { SpeakrError } from '@speakr/contracts/problem';
import type { Context } from '../context.ts';
import { define, jsonOption, type OptionsOf } from '../definition.ts';
import { commandRecording } from '../recording-command.ts';
import { chooseRunning } from '../running.ts';
import { clockTime } from '../time-format.ts';

export const definition = define({
  name: 'note',
  summary: 'Put a note into the running recording, at this moment',
  group: 'Running recordings',
  arguments: [{ name: 'text', repeat: true, summary: 'The note' }],
  options: [
    {
      name: 'recording',
      value: 'ID',
      summary: 'Id or its last characters; the only one that runs when absent',
    },
    jsonOption,
  ],
  examples: ['speakr note Alex wants monthly billing'],
});

export async function run(
  options: OptionsOf<typeof definition>,
  context: Pick<Context, 'backend' | 'output' | 'config' | 'clock'>,
): Promise<void> {
  const text = options.text.join(' ').trim();
  if (text === '' || text.length > 2000)
    throw new SpeakrError('usage', 'A note has between 1 and 2000 characters.', {
      hint: 'Write a shorter one.',
    });
  const recording = await chooseRunning(options.recording, context);
  const atMs = await commandRecording(recording, { command: 'note', text }, context);
  context.output.talk(atMs === undefined ? 'Noted.' : `Noted at ${clockTime(atMs)}.`);
  if (options.json) context.output.json({ command: 'note', recordings: [recording.id] });
}
