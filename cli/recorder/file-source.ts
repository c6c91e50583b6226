import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Readable } from 'node:stream';
import { SpeakrError } from '@speakr/contracts/problem';

/**
 * Makes sure that a path is a file with something in it, before ffmpeg says it in its own words.
 * @throws SpeakrError `file_missing`, `file_unreadable`, `file_empty`, `file_not_audio` for directories
 */
export async function checkFile(path: string, cwd: string): Promise<string> {
  const absolute = resolve(cwd, path);
  const facts = await stat(absolute).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'EACCES')
      throw new SpeakrError('file_unreadable', `${path} may not be read.`, { cause: error });
    throw new SpeakrError('file_missing', `${path} does not exist.`, { cause: error });
  });
  if (facts.isDirectory())
    throw new SpeakrError('file_not_audio', `${path} is a directory.`, {
      hint: `Name the files in it: ${path.replace(/\/$/, '')}/*`,
    });
  if (facts.isFile() && facts.size === 0) throw new SpeakrError('file_empty', `${path} is empty.`);
  return absolute;
}

/** stdin as a source. @throws SpeakrError `usage` on a terminal, which gives no audio */
export function audioStdin(stdin: Readable & { isTTY?: boolean }): Readable {
  if (stdin.isTTY === true)
    throw new SpeakrError('usage', 'stdin is a terminal, not audio.', {
      hint: 'Pipe audio into it: ffmpeg … | speakr transcribe -',
    });
  return stdin;
}
