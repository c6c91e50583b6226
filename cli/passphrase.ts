import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { SpeakrError } from '@speakr/contracts/problem';
import type { Context } from './context.ts';

export const passphraseOption = {
  name: 'passphrase-file',
  value: 'FILE',
  summary:
    'Read the passphrase from the first line of this file; else SPEAKR_PASSPHRASE, else it is asked for',
} as const;

/** The passphrase of a backup. @param twice asks again, to catch a slip of the finger */
export async function passphrase(
  file: string | undefined,
  { io, ask }: Pick<Context, 'io' | 'ask'>,
  twice: boolean,
): Promise<string> {
  const given =
    file !== undefined
      ? await firstLine(resolve(io.cwd, file))
      : (io.env.SPEAKR_PASSPHRASE ?? (await ask('Passphrase: ', { hidden: true })));
  if (given === undefined || given === '')
    throw new SpeakrError('usage', 'A passphrase is needed.', {
      hint: 'Use --passphrase-file or SPEAKR_PASSPHRASE.',
    });
  if (twice && file === undefined && io.env.SPEAKR_PASSPHRASE === undefined) {
    if ((await ask('Once more: ', { hidden: true })) !== given)
      throw new SpeakrError('usage', 'The two passphrases differ.', { hint: 'Try again.' });
  }
  return given;
}

async function firstLine(path: string): Promise<string> {
  const text = await readFile(path, 'utf8').catch((cause) => {
    throw new SpeakrError('file_missing', `${path} cannot be read.`, { cause });
  });
  return text.split(/\r?\n/, 1)[0] ?? '';
}
