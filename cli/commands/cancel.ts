import { SpeakrError } from '@speakr/contracts/problem';
import type { Context } from '../context.ts';
import { define, jsonOption, type OptionsOf } from '../definition.ts';
import { isYes } from '../prompt.ts';
import { commandRecording } from '../recording-command.ts';
import { chooseAllRunning } from '../running.ts';
import { shortId } from '../time-format.ts';

export const definition = define({
  name: 'cancel',
  summary: 'Discard recordings that run; can be undone for 7 days',
  details: '`speakr recover --undo` takes it back.',
  group: 'Running recordings',
  arguments: [
    {
      name: 'recording',
      optional: true,
      repeat: true,
      summary: 'Id or its last characters; the only one that runs when absent',
    },
  ],
  options: [
    { name: 'all', summary: 'Everything that is being recorded' },
    { name: 'yes', short: 'y', summary: 'Do not ask; needed without a terminal' },
    jsonOption,
  ],
});

export async function run(
  options: OptionsOf<typeof definition>,
  context: Pick<Context, 'backend' | 'output' | 'config' | 'clock' | 'ask'>,
): Promise<void> {
  const { output } = context;
  const recordings = await chooseAllRunning(options.recording, options.all === true, context);
  const names = recordings.map(({ id }) => shortId(id)).join(', ');
  if (!options.yes) {
    const answer = await context.ask(`Discard ${names}? It can be taken back for 7 days. [y/N] `);
    if (answer === undefined)
      throw new SpeakrError('usage', 'Discarding needs a terminal to ask, or --yes.', {
        hint: 'Add --yes when you mean it.',
      });
    if (!isYes(answer)) {
      output.talk('It goes on.');
      if (options.json) output.json({ command: 'cancel', recordings: [] });
      return;
    }
  }
  for (const recording of recordings) {
    const name = shortId(recording.id);
    await commandRecording(recording, { command: 'cancel' }, context);
    output.talk(`Discarded ${name}. \`speakr recover --undo ${name}\` takes it back for 7 days.`);
  }
  if (options.json) output.json({ command: 'cancel', recordings: recordings.map(({ id }) => id) });
}
