import { SpeakrError } from '@speakr/contracts/problem';
import type { Context } from '../context.ts';
import { define, type OptionsOf } from '../definition.ts';

export const definition = define({
  name: 'rename',
  summary: 'Give a recording another title',
  group: 'Change',
  arguments: [
    { name: 'recording', summary: 'Id, its last characters, or "last"' },
    { name: 'title', repeat: true, summary: 'The new title' },
  ],
  examples: ['speakr rename last Launch planning'],
});

export async function run(
  options: OptionsOf<typeof definition>,
  context: Pick<Context, 'api' | 'output'>,
): Promise<void> {
  const title = options.title.join(' ').trim();
  if (title === '') throw new SpeakrError('usage', 'The title is empty.');
  const api = await context.api('write');
  const renamed = await api.updateRecording({ params: { recording: options.recording }, body: { title } });
  context.output.talk(`Renamed to "${renamed.title}".`);
}
