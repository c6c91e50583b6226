import { SpeakrError } from '@speakr/contracts/problem';
import { speakerName } from '@speakr/contracts/speakers';
import type { Context } from '../context.ts';
import { define, jsonOption, type OptionsOf } from '../definition.ts';

export const definition = define({
  name: 'speakers',
  summary: 'Show or name those who speak in a recording',
  details:
    'Names stand in transcript, notes, search and exports from then on. "me=" takes a name back. The label is that of ' +
    'the track: me for the microphone, them for what the computer played.',
  group: 'Change',
  arguments: [
    { name: 'recording', summary: 'Id, its last characters, or "last"' },
    { name: 'names', optional: true, repeat: true, summary: 'LABEL=NAME' },
  ],
  options: [jsonOption],
  examples: ['speakr speakers last', 'speakr speakers last me=Anna them=Tom'],
});

export async function run(
  options: OptionsOf<typeof definition>,
  context: Pick<Context, 'api' | 'output'>,
): Promise<void> {
  const { output } = context;
  const names = Object.fromEntries(options.names.map(readName));
  const api = await context.api(options.names.length > 0 ? 'write' : 'read');
  let recording = await api.getRecording({ params: { recording: options.recording } });
  const labels = new Set([
    ...recording.tracks.map(({ label }) => label),
    ...Object.keys(recording.speakers ?? {}),
  ]);
  const unknown = Object.keys(names).find((label) => !labels.has(label));
  if (unknown !== undefined)
    throw new SpeakrError('usage', `Nobody in this recording is "${unknown}".`, {
      hint: `Its labels are: ${[...labels].join(', ')}.`,
    });
  if (options.names.length > 0)
    recording = await api.updateRecording({ params: { recording: recording.id }, body: { speakers: names } });
  const { speakers = {} } = recording;
  if (options.json)
    output.json({
      id: recording.id,
      speakers: Object.fromEntries([...labels].map((label) => [label, speakerName(label, speakers)])),
    });
  else
    output.table(
      [{ heading: 'label' }, { heading: 'name' }],
      [...labels].map((label) => [label, speakerName(label, speakers)]),
    );
}

function readName(text: string): [label: string, name: string] {
  const at = text.indexOf('=');
  if (at <= 0)
    throw new SpeakrError('usage', `"${text}" is not LABEL=NAME.`, {
      hint: 'For example: speakr speakers last me=Anna them=Tom',
    });
  return [text.slice(0, at).trim(), text.slice(at + 1).trim()];
}
