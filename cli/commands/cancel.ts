import { SpeakrError } from '@speakr/contracts/problem';
import type { Context } from '../context.ts';
import { define, type OptionsOf } from '../definition.ts';
import { isYes } from '../prompt.ts';
import { commandRecording } from '../recording-command.ts';
import { chooseRunning } from '../running.ts';
import { shortId } from '../time-format.ts';

export const definition = define({
  name: 'cancel',
  summary: 'Discard a recording that runs; can be undone for 7 days',
  details: '`speakr recover --undo` takes it back.',
  group: 'Running recordings',
  arguments: [
    { name: 'recording', optional: true, summary: 'Id or its last characters; the only one that runs' },
  ],
  options: [{ name: 'yes', short: 'y', summary: 'Do not ask; needed without a terminal' }],
});

export async function run(
  options: OptionsOf<typeof definition>,
  context: Pick<Context, 'backend' | 'output' | 'config' | 'clock' | 'ask'>,
): Promise<void> {
  const recording = await chooseRunning(options.recording, context);
  const name = shortId(recording.id);
  if (!options.yes) {
    const answer = await context.ask(`Discard ${name}? It can be taken back for 7 days. [y/N] `);
    if (answer === undefined)
      throw new SpeakrError('usage', 'Discarding needs a terminal to ask, or --yes.', {
        hint: 'Add --yes when you mean it.',
      });
    if (!isYes(answer)) {
      context.output.talk('It goes on.');
      return;
    }
  }
  await commandRecording(recording, { command: 'cancel' }, context);
  context.output.talk(`Discarded ${name}. \`speakr recover --undo ${name}\` takes it back for 7 days.`);
}
