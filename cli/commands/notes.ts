import { builtInTemplates } from '@speakr/contracts/note-templates';
import type { Context } from '../context.ts';
import { copyNotes } from '../copy-notes.ts';
import { define, jsonOption, type OptionsOf } from '../definition.ts';
import { withLineEnd } from '../recording-output.ts';
import { chooseTemplate } from '../template-choice.ts';

export const definition = define({
  name: 'notes',
  summary: 'Show the notes of a recording, or write them anew',
  group: 'Find',
  arguments: [{ name: 'recording', summary: 'Id, its last characters, or "last"' }],
  options: [
    {
      name: 'template',
      value: 'NAME',
      summary: `Write them anew with ${builtInTemplates.join(', ')}, or the template file of this path`,
    },
    { name: 'copy', summary: 'Put them on the clipboard, too' },
    jsonOption,
  ],
  examples: ['speakr notes last', 'speakr notes last --template soap --copy'],
});

export async function run(
  options: OptionsOf<typeof definition>,
  context: Pick<Context, 'api' | 'output' | 'clipboard' | 'io'>,
): Promise<void> {
  const { output } = context;
  const params = { recording: options.recording };
  const template =
    options.template === undefined ? undefined : await chooseTemplate(options.template, context.io.cwd);
  const api = await context.api(template === undefined ? 'read' : 'write');
  const notes =
    template === undefined
      ? await api.getNotes({ params })
      : await api.writeNotes({ params, body: template });
  if (options.json) output.json(notes);
  else output.write(withLineEnd(notes.markdown));
  if (notes.fellBack) output.talk('The language model gave no usable notes; these are extractive ones.');
  if (options.copy) await copyNotes(notes.markdown, context);
}
