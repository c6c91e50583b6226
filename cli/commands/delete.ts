import { SpeakrError } from '@speakr/contracts/problem';
import type { Context } from '../context.ts';
import { define, type OptionsOf } from '../definition.ts';
import { isYes } from '../prompt.ts';
import { shortId } from '../time-format.ts';

export const definition = define({
  name: 'delete',
  summary: 'Delete recordings for good',
  details: 'Text, notes, audio and search entries go, and the key that opens them is destroyed.',
  group: 'Change',
  arguments: [{ name: 'recording', repeat: true, summary: 'Id, its last characters, or "last"' }],
  options: [{ name: 'yes', short: 'y', summary: 'Do not ask; needed without a terminal' }],
  examples: ['speakr delete 4d1e99', 'speakr list --until 90d -o id | xargs speakr delete --yes'],
});

export async function run(
  options: OptionsOf<typeof definition>,
  context: Pick<Context, 'api' | 'output' | 'ask'>,
): Promise<void> {
  const { output } = context;
  const api = await context.api('write');
  for (const reference of options.recording) {
    const recording = await api.getRecording({ params: { recording: reference } });
    const name = `"${recording.title}" (${shortId(recording.id)})`;
    if (!options.yes) {
      const answer = await context.ask(`Delete ${name} for good? [y/N] `);
      if (answer === undefined)
        throw new SpeakrError('usage', 'Deleting needs a terminal to ask, or --yes.', {
          hint: 'Add --yes when you mean it.',
        });
      if (!isYes(answer)) {
        output.talk('Kept.');
        continue;
      }
    }
    await api.deleteRecording({ params: { recording: recording.id } });
    output.talk(`Deleted ${name}.`);
  }
}
