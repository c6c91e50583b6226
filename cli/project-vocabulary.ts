import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { SpeakrError } from '@speakr/contracts/problem';
import { MOST_TERMS, Term } from '@speakr/contracts/vocabulary';

/** Path of the vocabulary of a project, from its top. */
const FILE = join('.speakr', 'vocabulary');

/** The vocabulary that lies beside what somebody works on. */
export interface ProjectVocabulary {
  readonly path: string;
  /** One a line in the file; empty lines and those that begin with # do not count. */
  readonly terms: readonly string[];
}

/**
 * The nearest `.speakr/vocabulary`, in the directory or in one above.
 * @throws SpeakrError `file_unreadable`, `config_invalid` with the line
 */
export async function findProjectVocabulary(cwd: string): Promise<ProjectVocabulary | undefined> {
  for (let directory = resolve(cwd); ; directory = dirname(directory)) {
    const path = join(directory, FILE);
    const text = await readIfThere(path);
    if (text !== undefined) return { path, terms: termsOf(text, path) };
    if (dirname(directory) === directory) return undefined;
  }
}

/** Terms of the project, for a recording that begins here. */
export async function projectTerms(cwd: string): Promise<{ vocabulary?: string[] }> {
  const project = await findProjectVocabulary(cwd);
  return project === undefined || project.terms.length === 0 ? {} : { vocabulary: [...project.terms] };
}

/** Changes the nearest file, or begins one here. @returns its path */
export async function changeProjectVocabulary(
  cwd: string,
  change: { add?: readonly string[]; remove?: readonly string[] },
): Promise<string> {
  const found = await findProjectVocabulary(cwd);
  const path = found?.path ?? join(resolve(cwd), FILE);
  const lines = found === undefined ? [] : (await readFile(path, 'utf8')).replace(/\n$/, '').split('\n');
  const kept = lines.filter((line) => !change.remove?.includes(line.trim()));
  const added = (change.add ?? []).filter((term) => !kept.some((line) => line.trim() === term));
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, [...kept, ...added].map((line) => `${line}\n`).join(''));
  return path;
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'EISDIR') return undefined;
    // What lies above the own directories is nobody's business.
    if (code === 'EACCES') return undefined;
    throw new SpeakrError('file_unreadable', `${path} cannot be read (${code}).`, { cause: error });
  }
}

function termsOf(text: string, path: string): string[] {
  const terms: string[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    const term = line.trim();
    if (term === '' || term.startsWith('#')) continue;
    if (!Term.safeParse(term).success)
      throw new SpeakrError(
        'config_invalid',
        `${path}, line ${index + 1}: a term has at most 100 characters.`,
        {
          hint: 'Write one term a line.',
        },
      );
    if (!terms.includes(term)) terms.push(term);
  }
  if (terms.length > MOST_TERMS)
    throw new SpeakrError('config_invalid', `${path} has more than ${MOST_TERMS} terms.`, {
      hint: 'Keep the rare ones: engines listen to the first few only.',
    });
  return terms;
}
