/**
 * Cabinets, the archives inside of an MSI: [MS-CAB],
 * https://learn.microsoft.com/en-us/previous-versions/bb417343(v=msdn.10)
 */
import { FRAME_BYTES, LZX_TYPE, lzxFrames } from './lzx.ts';

export interface CabinetFile {
  readonly name: string;
  readonly bytes: Buffer;
}

const HEADER_BYTES = 36;
const FOLDER_BYTES = 8;
const ARCHIVE_ATTRIBUTE = 0x20;

/**
 * One cabinet with one folder of files. The same files and time give the same bytes.
 * @param time seconds since the Unix epoch that all files bear, in UTC
 */
export function cabinet(files: readonly CabinetFile[], time: number): Buffer {
  const content = Buffer.concat(files.map(({ bytes }) => bytes));
  const blocks = dataBlocks(content);
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
  header.writeUInt16LE(LZX_TYPE, HEADER_BYTES + 6);
  return Buffer.concat([header, ...entries, ...blocks]);
}

function dataBlocks(content: Buffer): Buffer[] {
  return lzxFrames(content).map((packed, index) => {
    const block = Buffer.alloc(8 + packed.length);
    block.writeUInt16LE(packed.length, 4);
    block.writeUInt16LE(Math.min(FRAME_BYTES, content.length - index * FRAME_BYTES), 6);
    packed.copy(block, 8);
    block.writeUInt32LE(checksum(block.subarray(4, 8), checksum(packed, 0)), 0);
    return block;
  });
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
