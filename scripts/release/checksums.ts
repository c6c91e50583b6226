import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';

export const CHECKSUMS = 'SHA256SUMS';
export const SIGNATURE = 'SHA256SUMS.sig';

export const sha256 = (file: string): string => createHash('sha256').update(readFileSync(file)).digest('hex');

/** The lines of `sha256sum` for these files of a folder, by name. */
export const checksumsOf = (directory: string, names: readonly string[]): string =>
  [...names]
    .sort()
    .map((name) => `${sha256(path.join(directory, name))}  ${name}\n`)
    .join('');

/** File name → checksum. @throws Error when a line is none */
export function parseChecksums(text: string): Map<string, string> {
  return new Map(
    text
      .trimEnd()
      .split('\n')
      .map((line) => {
        const found = /^([0-9a-f]{64}) [ *]([^/\\]+)$/.exec(line);
        if (found === null) throw new Error(`${CHECKSUMS} has a line that is no checksum`);
        return [found[2] ?? '', found[1] ?? ''];
      }),
  );
}
