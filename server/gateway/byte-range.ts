import { SpeakrError } from '@speakr/contracts/problem';

export interface ByteRange {
  readonly start: number;
  /** Exclusive. */
  readonly end: number;
}

/**
 * The range that a client asks for (RFC 9110, 14.1.2); undefined for all of it, also where it asks for several or in
 * words that are not understood, as the RFC allows.
 * @param bytes length of the whole
 * @throws SpeakrError `range_unsatisfiable`
 */
export function rangeOf(header: string | undefined, bytes: number): ByteRange | undefined {
  const [, from, to] = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header ?? '') ?? [];
  if (from === undefined || to === undefined || (from === '' && to === '')) return undefined;
  const start = from === '' ? Math.max(0, bytes - Number(to)) : Number(from);
  const end = from === '' || to === '' ? bytes : Math.min(bytes, Number(to) + 1);
  if (from !== '' && to !== '' && Number(to) < start) return undefined;
  if (start >= end) throw new SpeakrError('range_unsatisfiable', `It has ${bytes} bytes.`);
  return { start, end };
}

/** So many bytes, and no more is read. */
export async function* firstBytes(
  content: AsyncIterable<Uint8Array>,
  count: number,
): AsyncGenerator<Uint8Array> {
  let left = count;
  for await (const bytes of content) {
    yield bytes.subarray(0, left);
    left -= bytes.byteLength;
    if (left <= 0) return;
  }
}
