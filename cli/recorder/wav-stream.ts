/** Sound in a WAV that is written while it is read. */
export interface WavStream {
  /** What tells ffmpeg all there is to know of it. */
  readonly input: readonly string[];
  /** Byte at which the samples begin. */
  readonly dataAt: number;
}

/** A header is shorter, whatever else it has, bytes. */
export const MOST_HEADER_BYTES = 64 * 1024;
/** Programs that cannot know the length write the largest number they have, or zero. */
const ENDLESS = 0x7fff_0000;
/** Layouts of more channels cannot be guessed. */
const MOST_CHANNELS = 8;

const PCM = 1;
const FLOAT = 3;
const EXTENSIBLE = 0xfffe;
/** ffmpeg's names of raw samples, by format tag and bits. */
const rawFormats: Readonly<Record<string, string>> = {
  [`${PCM} 8`]: 'u8',
  [`${PCM} 16`]: 's16le',
  [`${PCM} 24`]: 's24le',
  [`${PCM} 32`]: 's32le',
  [`${FLOAT} 32`]: 'f32le',
  [`${FLOAT} 64`]: 'f64le',
};

/**
 * Reads the header of a WAV whose length is not known, as programs write it into a pipe.
 * @param head the first bytes of what may be one
 * @returns undefined when it is something else, `more` when the header goes on
 */
export function readWavStream(head: Buffer): WavStream | 'more' | undefined {
  const starts = (text: string, at: number) =>
    text.startsWith(head.toString('latin1', at, Math.min(head.length, at + text.length)));
  if (!starts('RIFF', 0) || (head.length > 8 && !starts('WAVE', 8))) return undefined;
  let input: string[] | undefined;
  for (let at = 12; at + 8 <= head.length; ) {
    const id = head.toString('latin1', at, at + 4);
    const bytes = head.readUInt32LE(at + 4);
    if (id === 'data') {
      const isEndless = bytes === 0 || bytes >= ENDLESS;
      return isEndless && input !== undefined ? { input, dataAt: at + 8 } : undefined;
    }
    if (id === 'fmt ') {
      if (at + 8 + bytes > head.length) return 'more';
      input = rawInput(head.subarray(at + 8, at + 8 + bytes));
      if (input === undefined) return undefined;
    }
    at += 8 + bytes + (bytes % 2);
  }
  return head.length < MOST_HEADER_BYTES ? 'more' : undefined;
}

function rawInput(format: Buffer): string[] | undefined {
  if (format.length < 16) return undefined;
  const tag = format.readUInt16LE(0);
  const [channels, rate, bits] = [format.readUInt16LE(2), format.readUInt32LE(4), format.readUInt16LE(14)];
  const kind = tag === EXTENSIBLE && format.length >= 26 ? format.readUInt16LE(24) : tag;
  const name = rawFormats[`${kind} ${bits}`];
  if (name === undefined || rate === 0 || channels === 0 || channels > MOST_CHANNELS) return undefined;
  return [
    '-probesize',
    '32',
    '-analyzeduration',
    '0',
    '-f',
    name,
    '-ar',
    String(rate),
    '-ac',
    String(channels),
  ];
}
