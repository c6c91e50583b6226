const BLOCK = 512;

/**
 * The bytes of one file in a tar archive (POSIX.1-1988 ustar, as npm writes it).
 * @throws Error when there is no such file
 */
export function readTarEntry(tar: Buffer, name: string): Buffer {
  const text = (from: number, length: number) =>
    tar.toString('utf8', from, from + length).replace(/\0.*$/s, '');
  for (let at = 0; at + BLOCK <= tar.length && tar[at] !== 0; ) {
    const prefix = text(at + 345, 155);
    const entry = prefix === '' ? text(at, 100) : `${prefix}/${text(at, 100)}`;
    const size = Number.parseInt(text(at + 124, 12), 8);
    if (entry === name) return tar.subarray(at + BLOCK, at + BLOCK + size);
    at += BLOCK + Math.ceil(size / BLOCK) * BLOCK;
  }
  throw new Error(`the archive has no ${name}`);
}
