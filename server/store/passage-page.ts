import { createHmac, type KeyObject } from 'node:crypto';
import type { Passage } from './store.ts';

/**
 * Passages are stored in pages of this many, so that a growing recording rewrites its last page only and a search
 * decrypts few, long values (docs/adr/0003-blind-index.md).
 */
export const PAGE_PASSAGES = 64;

/** The half of a page that a search scans. Passage i holds the terms from `offsets[i]` to `offsets[i + 1]`. */
export interface SearchPage {
  readonly count: number;
  readonly dimensions: number;
  readonly vectors: Float32Array;
  readonly offsets: Uint32Array;
  /** Keyed hashes: low and high 32 bits. */
  readonly low: Uint32Array;
  readonly high: Uint32Array;
  readonly frequencies: Uint32Array;
}

/** The half that is shown. */
export type PassageText = Pick<Passage, 'startMs' | 'endMs' | 'text' | 'speaker'>;

export interface TermHash {
  readonly low: number;
  readonly high: number;
}

/** Blind index: the first 64 bits of HMAC-SHA256 under a key of the owner. */
export function termHash(blindKey: KeyObject, term: string): TermHash {
  const digest = createHmac('sha256', blindKey).update(`term/${term}`).digest();
  return { low: digest.readUInt32LE(0), high: digest.readUInt32LE(4) };
}

interface PageEntry {
  readonly vector: Float32Array;
  readonly terms: readonly (TermHash & { frequency: number })[];
}

export function toPageEntry(blindKey: KeyObject, passage: Passage): PageEntry {
  const counts = new Map<string, number>();
  for (const term of passage.terms) counts.set(term, (counts.get(term) ?? 0) + 1);
  const terms = [...counts].map(([term, frequency]) => ({ ...termHash(blindKey, term), frequency }));
  return { vector: passage.vector, terms };
}

export function pageEntries(page: SearchPage): PageEntry[] {
  return Array.from({ length: page.count }, (_, index) => {
    const terms = [];
    for (let at = page.offsets[index]!; at < page.offsets[index + 1]!; at++) {
      terms.push({ low: page.low[at]!, high: page.high[at]!, frequency: page.frequencies[at]! });
    }
    const vector = page.vectors.subarray(index * page.dimensions, (index + 1) * page.dimensions);
    return { vector, terms };
  });
}

/** Sections of 32-bit values in the order of `SearchPage`, after the header `count, dimensions, number of terms`. */
const HEADER_WORDS = 3;

/** Little-endian, as every machine Node runs on. */
export function encodeSearchPage(entries: readonly PageEntry[], dimensions: number): Uint8Array {
  const terms = entries.reduce((sum, entry) => sum + entry.terms.length, 0);
  const words = HEADER_WORDS + entries.length * dimensions + entries.length + 1 + 3 * terms;
  const bytes = new Uint8Array(words * 4);
  new Uint32Array(bytes.buffer, 0, HEADER_WORDS).set([entries.length, dimensions, terms]);
  const page = viewSearchPage(bytes);
  let at = 0;
  for (const [index, entry] of entries.entries()) {
    page.vectors.set(entry.vector, index * dimensions);
    for (const term of entry.terms) {
      page.low[at] = term.low;
      page.high[at] = term.high;
      page.frequencies[at] = term.frequency;
      at++;
    }
    page.offsets[index + 1] = at;
  }
  return bytes;
}

/** Views into `bytes`, which are copied first when they do not lie on a word boundary. */
export function viewSearchPage(bytes: Uint8Array): SearchPage {
  const { buffer, byteOffset } = bytes.byteOffset % 4 === 0 ? bytes : bytes.slice();
  const [count = 0, dimensions = 0, terms = 0] = new Uint32Array(buffer, byteOffset, HEADER_WORDS);
  const vectorsAt = byteOffset + HEADER_WORDS * 4;
  const vectors = new Float32Array(buffer, vectorsAt, count * dimensions);
  return { count, dimensions, vectors, ...viewTerms(buffer, vectorsAt + vectors.byteLength, count, terms) };
}

function viewTerms(buffer: ArrayBufferLike, start: number, count: number, terms: number) {
  const section = (skip: number, length: number) => new Uint32Array(buffer, start + skip * 4, length);
  const offsets = count + 1;
  return {
    offsets: section(0, offsets),
    low: section(offsets, terms),
    high: section(offsets + terms, terms),
    frequencies: section(offsets + 2 * terms, terms),
  };
}

/** The terms alone, in memory of their own, so that the vectors can go. */
export function termsOfPage({ offsets, count, low }: SearchPage): ReturnType<typeof viewTerms> {
  const bytes = (offsets.length + 3 * low.length) * 4;
  const copy = offsets.buffer.slice(offsets.byteOffset, offsets.byteOffset + bytes);
  return viewTerms(copy, 0, count, low.length);
}
