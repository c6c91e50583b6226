import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Context } from '../context.ts';
import { define, jsonOption, type OptionsOf } from '../definition.ts';
import { passphrase, passphraseOption } from '../passphrase.ts';

export const definition = define({
  name: 'backup',
  summary: 'Write everything, keys included, into one encrypted file',
  details: 'Without its passphrase nobody can read the backup, and nobody can restore it.',
  group: 'Care',
  arguments: [{ name: 'file', summary: 'File to write' }],
  options: [passphraseOption, jsonOption],
  examples: ['speakr backup /media/usb/speakr.backup'],
});

export async function run(
  options: OptionsOf<typeof definition>,
  context: Pick<Context, 'backend' | 'io' | 'ask' | 'output'>,
): Promise<void> {
  const path = resolve(context.io.cwd, options.file);
  const secret = await passphrase(options.passphraseFile, context, true);
  await (await context.backend()).backup(path, secret);
  if (options.json) context.output.json({ path, bytes: statSync(path).size });
  else context.output.talk(`Written to ${path}.`);
}
