import { SAMPLE_RATE } from '@speakr/contracts/stream';
import type { LogChunk } from '../audio-log/audio-log.ts';

const BYTES_PER_SAMPLE = 2;
/** Zeros are sent in pieces: a gap may be hours long. */
const SILENCE = Buffer.alloc(64 * 1024);

/** Header of a RIFF/WAVE file with PCM16 mono 16 kHz (44 bytes). */
export function wavHeader(samples: number): Buffer {
  const bytes = samples * BYTES_PER_SAMPLE;
  const header = Buffer.alloc(44);
  header.write('RIFF', 0, 'latin1');
  header.writeUInt32LE(36 + bytes, 4);
  header.write('WAVEfmt ', 8, 'latin1');
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(1, 22);
  header.writeUInt32LE(SAMPLE_RATE, 24);
  header.writeUInt32LE(SAMPLE_RATE * BYTES_PER_SAMPLE, 28);
  header.writeUInt16LE(BYTES_PER_SAMPLE, 32);
  header.writeUInt16LE(16, 34);
  header.write('data', 36, 'latin1');
  header.writeUInt32LE(bytes, 40);
  return header;
}

/** A WAV file of exactly `samples` samples: gaps, and what is missing at the end, are silence. */
export async function* wavFile(chunks: AsyncIterable<LogChunk>, samples: number): AsyncGenerator<Uint8Array> {
  yield wavHeader(samples);
  yield* exactly(chunks, samples);
}

/**
 * The same file from a byte on.
 * @param open its audio from a sample on
 */
export async function* wavFileFrom(
  byte: number,
  samples: number,
  open: (fromSample: number) => AsyncIterable<LogChunk>,
): AsyncGenerator<Uint8Array> {
  const header = wavHeader(samples);
  if (byte < header.length) yield header.subarray(byte);
  const skipped = Math.max(0, byte - header.length);
  const sample = Math.floor(skipped / BYTES_PER_SAMPLE);
  let half = skipped % BYTES_PER_SAMPLE;
  for await (const bytes of exactly(open(sample), samples - sample)) {
    yield bytes.subarray(half);
    half = 0;
  }
}

async function* exactly(chunks: AsyncIterable<LogChunk>, samples: number): AsyncGenerator<Uint8Array> {
  let left = samples * BYTES_PER_SAMPLE;
  if (left === 0) return;
  for await (const chunk of chunks) {
    if ('pcm' in chunk) {
      const bytes = chunk.pcm.subarray(0, left);
      left -= bytes.byteLength;
      yield bytes;
    } else {
      const end = Math.max(0, left - chunk.gapSamples * BYTES_PER_SAMPLE);
      yield* silence(left - end);
      left = end;
    }
    if (left === 0) return;
  }
  yield* silence(left);
}

function* silence(bytes: number): Generator<Uint8Array> {
  for (let left = bytes; left > 0; left -= SILENCE.length) yield SILENCE.subarray(0, left);
}
