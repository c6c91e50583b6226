import { readFile } from 'node:fs/promises';
import { SpeakrError } from '@speakr/contracts/problem';

/** A key given by value, or by the path of a file that holds it. @throws SpeakrError `config_invalid` */
export async function secretOf(
  value: string | undefined,
  path: string | undefined,
): Promise<string | undefined> {
  if (value !== undefined || path === undefined) return value;
  try {
    return (await readFile(path, 'utf8')).trim();
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new SpeakrError('config_invalid', `The key file ${path} cannot be read (${code}).`, { cause });
  }
}
