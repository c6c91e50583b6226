// FLAC stream format: RFC 9639.

/** What a decoder needs before any frame: the `fLaC` marker and the STREAMINFO block, marked as the last one. */
export interface FlacHead {
  readonly bytes: Buffer;
  /** Samples a frame; only the last one may be shorter. */
  readonly blockSize: number;
}

export interface FlacFrame {
  /** Offset of its first sample. */
  readonly sample: number;
  readonly bytes: Buffer;
}

const MARKER = Buffer.from('fLaC', 'latin1');
const BLOCK_HEADER_BYTES = 4;
const STREAMINFO_BYTES = 34;
/** Longest frame header, RFC 9639 section 9.1: sync and codes, 7 bytes number, 2 + 2 optional, checksum. */
const LONGEST_HEADER_BYTES = 4 + 7 + 2 + 2 + 1;

/** Cuts a FLAC stream of fixed block size into its frames, as it arrives. */
export function createFlacSplitter() {
  let rest = Buffer.alloc(0);
  let head: FlacHead | undefined;
  let inFrames = false;
  let nextFrame = 0;
  /** Where in `rest` the search for the end of the first frame goes on. */
  let searched = 0;

  function readHead(): boolean {
    let at = MARKER.length;
    for (;;) {
      if (rest.length < at + BLOCK_HEADER_BYTES) return false;
      const last = (rest[at]! & 0x80) !== 0;
      const type = rest[at]! & 0x7f;
      const end = at + BLOCK_HEADER_BYTES + rest.readUIntBE(at + 1, 3);
      if (rest.length < end) return false;
      if (type === 0) {
        const info = Buffer.from(rest.subarray(at, at + BLOCK_HEADER_BYTES + STREAMINFO_BYTES));
        info[0] = 0x80;
        head = { bytes: Buffer.concat([MARKER, info]), blockSize: info.readUInt16BE(BLOCK_HEADER_BYTES) };
      }
      at = end;
      if (!last) continue;
      rest = rest.subarray(at);
      return true;
    }
  }

  function takeFrame(end: number): FlacFrame {
    const frame = { sample: nextFrame * (head?.blockSize ?? 0), bytes: Buffer.from(rest.subarray(0, end)) };
    rest = rest.subarray(end);
    nextFrame += 1;
    searched = 0;
    return frame;
  }

  return {
    get head(): FlacHead {
      if (head === undefined) throw new Error('the FLAC stream has no STREAMINFO');
      return head;
    },
    /** @returns the frames that are complete now */
    push(bytes: Buffer): FlacFrame[] {
      rest = Buffer.concat([rest, bytes]);
      if (!inFrames) inFrames = readHead();
      const frames: FlacFrame[] = [];
      if (!inFrames) return frames;
      let at = Math.max(searched, 1);
      for (; at + LONGEST_HEADER_BYTES <= rest.length; at += 1) {
        if (rest[at] !== 0xff || frameNumber(rest, at) !== nextFrame + 1) continue;
        frames.push(takeFrame(at));
        at = 0;
      }
      searched = at;
      return frames;
    },
    /** The stream has ended: what is left is the last frame. */
    end(): FlacFrame[] {
      return rest.length > 0 && inFrames ? [takeFrame(rest.length)] : [];
    },
  };
}

/** @returns the number of the frame whose header stands there; undefined when none does */
function frameNumber(bytes: Buffer, start: number): number | undefined {
  // Fixed block size: 14 bits of sync, a reserved and a zero bit.
  if (bytes[start] !== 0xff || bytes[start + 1] !== 0xf8) return undefined;
  const [sizeCode, rateCode] = [bytes[start + 2]! >> 4, bytes[start + 2]! & 0x0f];
  const first = bytes[start + 4]!;
  const extra = first < 0x80 ? 0 : Math.clz32(~(first << 24)) - 1;
  let number = extra === 0 ? first : first & (0x3f >> extra);
  let at = start + 5;
  for (let index = 0; index < extra; index += 1, at += 1) number = number * 64 + (bytes[at]! & 0x3f);
  if (sizeCode === 6) at += 1;
  else if (sizeCode === 7) at += 2;
  if (rateCode === 12) at += 1;
  else if (rateCode === 13 || rateCode === 14) at += 2;
  return checksum(bytes.subarray(start, at)) === bytes[at] ? number : undefined;
}

/** CRC-8 with polynomial x^8 + x^2 + x + 1. */
function checksum(bytes: Buffer): number {
  let crc = 0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 0x80 ? ((crc << 1) ^ 0x07) & 0xff : crc << 1;
  }
  return crc;
}
