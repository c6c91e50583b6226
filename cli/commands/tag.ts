import type { Context } from '../context.ts';
import { define, jsonOption, type OptionsOf } from '../definition.ts';

export const definition = define({
  name: 'tag',
  summary: 'Add, remove or show tags of a recording',
  group: 'Change',
  arguments: [
    { name: 'recording', summary: 'Id, its last characters, or "last"' },
    { name: 'tags', optional: true, repeat: true, summary: 'Tags to add' },
  ],
  options: [
    { name: 'remove', value: 'TAG', repeat: true, summary: 'Remove this tag; may be repeated' },
    jsonOption,
  ],
  examples: ['speakr tag last launch pricing', 'speakr tag last --remove pricing'],
});

export async function run(
  options: OptionsOf<typeof definition>,
  context: Pick<Context, 'api' | 'output'>,
): Promise<void> {
  const { output } = context;
  const clean = (tag: string) => tag.replace(/^#/, '').trim();
  const added = options.tags.map(clean).filter((tag) => tag !== '');
  const removed = (options.remove ?? []).map(clean);
  const changes = added.length + removed.length > 0;
  const api = await context.api(changes ? 'write' : 'read');
  let recording = await api.getRecording({ params: { recording: options.recording } });
  if (changes) {
    const tags = [...new Set([...recording.tags, ...added])].filter((tag) => !removed.includes(tag));
    recording = await api.updateRecording({ params: { recording: recording.id }, body: { tags } });
  }
  if (options.json) output.json({ id: recording.id, tags: recording.tags });
  else for (const tag of recording.tags) output.line(tag);
}
