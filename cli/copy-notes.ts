import type { CopyResult } from './clipboard.ts';
import type { Context } from './context.ts';

/** Copies notes and says what became of it. */
export async function copyNotes(
  markdown: string,
  { clipboard, output }: Pick<Context, 'clipboard' | 'output'>,
): Promise<CopyResult> {
  const result = await clipboard.copy(markdown);
  output.talk(copyMessage(result));
  return result;
}

/** One line about what became of the notes. */
export function copyMessage(result: CopyResult): string {
  switch (result.how) {
    case 'clipboard':
      return result.verified
        ? 'The notes are on the clipboard.'
        : 'The notes were given to the clipboard; it could not be read back.';
    case 'terminal':
      return 'There is no clipboard program; the terminal was asked to take the notes (OSC 52).';
    case 'none':
      return `The notes are not on the clipboard: ${result.why}.`;
  }
}
