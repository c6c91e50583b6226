import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import type { Io } from './io.ts';

/** Asks one question on the terminal. @param hidden the answer is not shown, for passphrases */
export async function ask(
  io: Pick<Io, 'stdin' | 'stderr'>,
  question: string,
  hidden: boolean,
): Promise<string> {
  if (hidden) io.stderr.write(question);
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({
    input: io.stdin,
    output: hidden ? silent : (io.stderr as NodeJS.WritableStream),
    terminal: true,
  });
  try {
    // Given to readline, which clears the line before it waits.
    return await lines.question(hidden ? '' : question);
  } finally {
    lines.close();
    if (hidden) io.stderr.write('\n');
  }
}

/** True when the answer is a clear yes. */
export const isYes = (answer: string | undefined): boolean => /^y(es)?$/i.test(answer?.trim() ?? '');
