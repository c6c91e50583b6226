/**
 * Cabinets, the archives inside of an MSI. Format and compression (MSZIP): [MS-CAB] and [MS-MCI],
 * https://learn.microsoft.com/en-us/previous-versions/bb417343(v=msdn.10)
 */
import { deflateRawSync, inflateRawSync } from 'node:zlib';

export interface CabinetFile {
  readonly name: string;
  readonly bytes: Buffer;
}

const HEADER_BYTES = 36;
const FOLDER_BYTES = 8;
/** A block holds so much, uncompressed, and begins anew but for what the one before had in it. */
const BLOCK_BYTES = 32_768;
const MSZIP = 1;
const ARCHIVE_ATTRIBUTE = 0x20;

/**
 * One cabinet with one folder of files, compressed as well as deflate can. The same files and time give the same bytes.
 * @param time seconds since the Unix epoch that all files bear, in UTC
 */
export function cabinet(files: readonly CabinetFile[], time: number): Buffer {
  const content = Buffer.concat(files.map(({ bytes }) => bytes));
  const blocks = mszipBlocks(content);
  const { date, clock } = dosTime(time);
  let position = 0;
  const entries = files.map(({ name, bytes }) => {
    const entry = Buffer.alloc(16 + name.length + 1);
    entry.writeUInt32LE(bytes.length, 0);
    entry.writeUInt32LE(position, 4);
    entry.writeUInt16LE(date, 10);
    entry.writeUInt16LE(clock, 12);
    entry.writeUInt16LE(ARCHIVE_ATTRIBUTE, 14);
    entry.write(name, 16, 'ascii');
    position += bytes.length;
    return entry;
  });
  const filesAt = HEADER_BYTES + FOLDER_BYTES;
  const dataAt = filesAt + entries.reduce((sum, { length }) => sum + length, 0);
  const size = dataAt + blocks.reduce((sum, { length }) => sum + length, 0);

  const header = Buffer.alloc(filesAt);
  header.write('MSCF', 0, 'ascii');
  header.writeUInt32LE(size, 8);
  header.writeUInt32LE(filesAt, 16);
  header.writeUInt8(3, 24);
  header.writeUInt8(1, 25);
  header.writeUInt16LE(1, 26);
  header.writeUInt16LE(files.length, 28);
  header.writeUInt32LE(dataAt, HEADER_BYTES);
  header.writeUInt16LE(blocks.length, HEADER_BYTES + 4);
  header.writeUInt16LE(MSZIP, HEADER_BYTES + 6);
  return Buffer.concat([header, ...entries, ...blocks]);
}

function mszipBlocks(content: Buffer): Buffer[] {
  const blocks: Buffer[] = [];
  for (let at = 0; at < content.length; at += BLOCK_BYTES) {
    const plain = content.subarray(at, at + BLOCK_BYTES);
    const dictionary = content.subarray(Math.max(0, at - BLOCK_BYTES), at);
    const packed = deflateRawSync(plain, {
      level: 9,
      memLevel: 9,
      ...(dictionary.length === 0 ? {} : { dictionary }),
    });
    const block = Buffer.alloc(8 + 2 + packed.length);
    block.writeUInt16LE(2 + packed.length, 4);
    block.writeUInt16LE(plain.length, 6);
    block.write('CK', 8, 'ascii');
    packed.copy(block, 10);
    block.writeUInt32LE(checksum(block.subarray(4, 8), checksum(block.subarray(8), 0)), 0);
    blocks.push(block);
  }
  return blocks;
}

/** CSUMCompute of [MS-CAB]. */
function checksum(bytes: Buffer, seed: number): number {
  let sum = seed;
  const whole = bytes.length - (bytes.length % 4);
  for (let at = 0; at < whole; at += 4) sum ^= bytes.readUInt32LE(at);
  let rest = 0;
  for (let at = whole; at < bytes.length; at += 1) rest = (rest << 8) | (bytes[at] ?? 0);
  return (sum ^ rest) >>> 0;
}

/** https://learn.microsoft.com/en-us/windows/win32/sysinfo/ms-dos-date-and-time */
function dosTime(seconds: number): { date: number; clock: number } {
  const day = new Date(seconds * 1000);
  return {
    date: ((day.getUTCFullYear() - 1980) << 9) | ((day.getUTCMonth() + 1) << 5) | day.getUTCDate(),
    clock: (day.getUTCHours() << 11) | (day.getUTCMinutes() << 5) | (day.getUTCSeconds() >> 1),
  };
}

/** The files of a cabinet that `cabinet` has made, every checksum compared. @throws Error when it is damaged */
export function readCabinet(bytes: Buffer): CabinetFile[] {
  if (bytes.toString('ascii', 0, 4) !== 'MSCF' || bytes.readUInt32LE(8) !== bytes.length)
    throw new Error('this is no whole cabinet');
  const parts: Buffer[] = [];
  let at = bytes.readUInt32LE(HEADER_BYTES);
  for (let left = bytes.readUInt16LE(HEADER_BYTES + 4); left > 0; left -= 1) {
    const packed = bytes.readUInt16LE(at + 4);
    const data = bytes.subarray(at + 8, at + 8 + packed);
    if (checksum(bytes.subarray(at + 4, at + 8), checksum(data, 0)) !== bytes.readUInt32LE(at))
      throw new Error('a block of the cabinet is damaged');
    const dictionary = parts.at(-1);
    parts.push(inflateRawSync(data.subarray(2), dictionary === undefined ? {} : { dictionary }));
    at += 8 + packed;
  }
  const content = Buffer.concat(parts);
  const files: CabinetFile[] = [];
  let entry = bytes.readUInt32LE(16);
  for (let left = bytes.readUInt16LE(28); left > 0; left -= 1) {
    const start = bytes.readUInt32LE(entry + 4);
    const end = bytes.indexOf(0, entry + 16);
    files.push({
      name: bytes.toString('ascii', entry + 16, end),
      bytes: content.subarray(start, start + bytes.readUInt32LE(entry)),
    });
    entry = end + 1;
  }
  return files;
}
