import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { SpeakrError } from '@speakr/contracts/problem';
import type { Context } from '../context.ts';
import { define, jsonOption, type OptionsOf } from '../definition.ts';
import { passphrase, passphraseOption } from '../passphrase.ts';
import { isYes } from '../prompt.ts';

export const definition = define({
  name: 'restore',
  summary: 'Bring back a backup in place of what is stored here',
  group: 'Care',
  arguments: [{ name: 'file', summary: 'Backup to read' }],
  options: [
    passphraseOption,
    { name: 'yes', short: 'y', summary: 'Do not ask; needed without a terminal' },
    jsonOption,
  ],
});

export async function run(
  options: OptionsOf<typeof definition>,
  context: Pick<Context, 'backend' | 'io' | 'ask' | 'output' | 'config'>,
): Promise<void> {
  const path = resolve(context.io.cwd, options.file);
  if (!options.yes && existsSync(context.config().paths.dataDir)) {
    const answer = await context.ask(`Replace everything in ${context.config().paths.dataDir}? [y/N] `);
    if (answer === undefined)
      throw new SpeakrError('usage', 'Restoring needs a terminal to ask, or --yes.', {
        hint: 'Add --yes when you mean it.',
      });
    if (!isYes(answer)) {
      context.output.talk('Nothing was changed.');
      return;
    }
  }
  const secret = await passphrase(options.passphraseFile, context, false);
  await (await context.backend()).restore(path, secret);
  if (options.json) context.output.json({ path });
  else context.output.talk(`Restored from ${path}.`);
}
