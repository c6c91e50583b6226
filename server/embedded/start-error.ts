import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Problem, SpeakrError } from '@speakr/contracts/problem';

// A server in the background has no terminal: why it could not start is left in a file for whoever started it.
const pathIn = (runtimeDir: string) => join(runtimeDir, 'start-error.json');

export async function writeStartError(runtimeDir: string, error: SpeakrError): Promise<void> {
  await mkdir(runtimeDir, { recursive: true, mode: 0o700 });
  await writeFile(pathIn(runtimeDir), JSON.stringify(error.toProblem()), { mode: 0o600 });
}

export const clearStartError = (runtimeDir: string): Promise<void> => rm(pathIn(runtimeDir), { force: true });

export async function readStartError(runtimeDir: string): Promise<SpeakrError | undefined> {
  const text = await readFile(pathIn(runtimeDir), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    return SpeakrError.fromProblem(Problem.parse(JSON.parse(text)));
  } catch {
    return undefined;
  }
}
