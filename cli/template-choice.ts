import { readFile } from 'node:fs/promises';
import { basename, extname, resolve } from 'node:path';
import { builtInTemplates } from '@speakr/contracts/note-templates';
import { SpeakrError } from '@speakr/contracts/problem';

const MAX_TEMPLATE_CHARACTERS = 20_000;

/**
 * A template by name, or the user's own by the path of its file.
 * @throws SpeakrError `template_unknown`
 */
export async function chooseTemplate(
  nameOrPath: string,
  cwd: string,
): Promise<{ template: string; templateText?: string }> {
  if (builtInTemplates.some((name) => name === nameOrPath)) return { template: nameOrPath };
  let templateText: string;
  try {
    templateText = await readFile(resolve(cwd, nameOrPath), 'utf8');
  } catch (cause) {
    throw new SpeakrError('template_unknown', `${nameOrPath} is neither a template nor a readable file.`, {
      cause,
    });
  }
  if (templateText.trim() === '' || templateText.length > MAX_TEMPLATE_CHARACTERS)
    throw new SpeakrError(
      'template_unknown',
      `${nameOrPath} must hold between 1 and ${MAX_TEMPLATE_CHARACTERS} characters.`,
    );
  return { template: basename(nameOrPath, extname(nameOrPath)).slice(0, 100), templateText };
}
