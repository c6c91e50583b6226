import { type FileHandle, open } from 'node:fs/promises';
import { promisify } from 'node:util';
import { inflateRaw } from 'node:zlib';

const inflate = promisify(inflateRaw);

/** APPNOTE.TXT of PKWARE, sections 4.3.16, 4.3.12 and 4.3.7. */
const END_OF_DIRECTORY = 0x06054b50;
const DIRECTORY_ENTRY = 0x02014b50;
const LOCAL_HEADER_BYTES = 30;
const MAX_TAIL_BYTES = 22 + 0xffff;

/**
 * Reads one entry of a zip file (a Python wheel is one). Stored and deflated entries, no ZIP64.
 * @throws Error when it is not a zip, or has no such entry
 */
export async function readZipEntry(path: string, name: string): Promise<Uint8Array<ArrayBuffer>> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const tail = await read(file, Math.max(0, size - MAX_TAIL_BYTES), Math.min(size, MAX_TAIL_BYTES));
    const end = lastIndexOf(tail, END_OF_DIRECTORY);
    if (end < 0) throw new Error('not a zip file');
    const directory = await read(file, tail.readUInt32LE(end + 16), tail.readUInt32LE(end + 12));

    for (let at = 0; at + 46 <= directory.length && directory.readUInt32LE(at) === DIRECTORY_ENTRY; ) {
      const nameBytes = directory.readUInt16LE(at + 28);
      if (directory.toString('utf8', at + 46, at + 46 + nameBytes) === name) {
        return await readEntry(file, {
          method: directory.readUInt16LE(at + 10),
          compressed: directory.readUInt32LE(at + 20),
          offset: directory.readUInt32LE(at + 42),
        });
      }
      at += 46 + nameBytes + directory.readUInt16LE(at + 30) + directory.readUInt16LE(at + 32);
    }
    throw new Error(`no ${name} in it`);
  } finally {
    await file.close();
  }
}

async function readEntry(
  file: FileHandle,
  { method, compressed, offset }: { method: number; compressed: number; offset: number },
): Promise<Uint8Array<ArrayBuffer>> {
  const header = await read(file, offset, LOCAL_HEADER_BYTES);
  const start = offset + LOCAL_HEADER_BYTES + header.readUInt16LE(26) + header.readUInt16LE(28);
  const bytes = await read(file, start, compressed);
  if (method === 0) return bytes;
  if (method === 8) return (await inflate(bytes)) as Buffer<ArrayBuffer>;
  throw new Error(`compression method ${method} is not supported`);
}

async function read(file: FileHandle, position: number, length: number): Promise<Buffer<ArrayBuffer>> {
  const buffer = Buffer.alloc(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await file.read(buffer, filled, length - filled, position + filled);
    if (bytesRead === 0) throw new Error('the zip file is truncated');
    filled += bytesRead;
  }
  return buffer;
}

function lastIndexOf(buffer: Buffer, signature: number): number {
  for (let at = buffer.length - 22; at >= 0; at--) if (buffer.readUInt32LE(at) === signature) return at;
  return -1;
}
