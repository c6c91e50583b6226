import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { exportFormats } from '@speakr/contracts/api';
import type { Context } from '../context.ts';
import { define, type OptionsOf } from '../definition.ts';
import { exportText, withLineEnd } from '../recording-output.ts';

export const definition = define({
  name: 'export',
  summary: 'Write a recording as a document, subtitles or data',
  group: 'Find',
  arguments: [{ name: 'recording', repeat: true, summary: 'Id, its last characters, or "last"' }],
  options: [
    {
      name: 'format',
      value: 'FORMAT',
      choices: exportFormats,
      summary: `${exportFormats.join(', ')}; md when absent`,
    },
    { name: 'to', value: 'FILE', summary: 'Write to this file instead of stdout' },
  ],
  examples: ['speakr export last --format srt --to talk.srt'],
});

export async function run(
  options: OptionsOf<typeof definition>,
  context: Pick<Context, 'api' | 'output' | 'io'>,
): Promise<void> {
  const api = await context.api('read');
  let text = '';
  for (const recording of options.recording)
    text += withLineEnd(await exportText(api, recording, options.format ?? 'md'));
  if (options.to === undefined) context.output.write(text);
  else await writeFile(resolve(context.io.cwd, options.to), text);
}
