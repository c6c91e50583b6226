import { SpeakrError } from './problem.ts';
import { type AudioChunk, CHUNK_HEADER_BYTES, MAX_CHUNK_SAMPLES } from './stream.ts';

const CHUNK_VERSION = 1;

/** Encodes a chunk for a binary frame: u8 version, u8 track, u16 flags (0), u64 sample offset (big-endian), PCM16LE. */
export function encodeChunk({ track, offset, pcm }: AudioChunk): Uint8Array {
  const frame = new Uint8Array(CHUNK_HEADER_BYTES + pcm.byteLength);
  const header = new DataView(frame.buffer);
  header.setUint8(0, CHUNK_VERSION);
  header.setUint8(1, track);
  header.setUint16(2, 0);
  header.setBigUint64(4, BigInt(offset));
  frame.set(pcm, CHUNK_HEADER_BYTES);
  return frame;
}

/**
 * Decodes a binary frame. The PCM is a view on the frame, not a copy.
 * @throws SpeakrError `stream_malformed` or `payload_too_large`
 */
export function decodeChunk(frame: Uint8Array): AudioChunk {
  if (frame.byteLength <= CHUNK_HEADER_BYTES || (frame.byteLength - CHUNK_HEADER_BYTES) % 2 !== 0)
    throw new SpeakrError('stream_malformed', 'A chunk must hold a header and a whole number of samples.');
  if (frame.byteLength > CHUNK_HEADER_BYTES + MAX_CHUNK_SAMPLES * 2)
    throw new SpeakrError('payload_too_large', 'A chunk may hold at most one second of audio.');
  const header = new DataView(frame.buffer, frame.byteOffset, CHUNK_HEADER_BYTES);
  if (header.getUint8(0) !== CHUNK_VERSION)
    throw new SpeakrError('stream_malformed', `Chunk version ${header.getUint8(0)} is not known.`);
  const track = header.getUint8(1);
  const offset = header.getBigUint64(4);
  if (track > 7 || header.getUint16(2) !== 0 || offset > BigInt(Number.MAX_SAFE_INTEGER))
    throw new SpeakrError('stream_malformed', 'The chunk header holds impossible values.');
  return { track, offset: Number(offset), pcm: frame.subarray(CHUNK_HEADER_BYTES) };
}
