/** Blocks of a tar archive (POSIX.1-1988 ustar), bytes. */
const BLOCK = 512;
/** What eleven octal digits can say. */
const MOST_BYTES = 8 ** 11 - 1;

/**
 * The header of a file.
 * @param name ASCII, at most 100 characters
 * @param bytes size of its content
 * @param modifiedAt ms since the Unix epoch
 */
export function tarHeader(name: string, bytes: number, modifiedAt: number): Buffer {
  if (!/^[\x21-\x7e]{1,100}$/.test(name) || bytes > MOST_BYTES) throw new RangeError('not for a tar archive');
  const header = Buffer.alloc(BLOCK);
  const octal = (value: number, at: number, digits: number) =>
    header.write(value.toString(8).padStart(digits, '0'), at, 'latin1');
  header.write(name, 0, 'latin1');
  octal(0o600, 100, 7);
  octal(0, 108, 7);
  octal(0, 116, 7);
  octal(bytes, 124, 11);
  octal(Math.max(0, Math.floor(modifiedAt / 1000)), 136, 11);
  header.write('        ', 148, 'latin1');
  header.write('0', 156, 'latin1');
  header.write('ustar\0', 257, 'latin1');
  header.write('00', 263, 'latin1');
  let sum = 0;
  for (const byte of header) sum += byte;
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return header;
}

/** What fills the last block of a file. */
export const tarPadding = (bytes: number): Buffer => Buffer.alloc((BLOCK - (bytes % BLOCK)) % BLOCK);

/** The end of an archive. */
export const tarEnd = (): Buffer => Buffer.alloc(2 * BLOCK);
