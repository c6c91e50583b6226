import type { KeyObject } from 'node:crypto';
import { type SearchPage, termHash } from './passage-page.ts';

/** A page that is open, with what every comparison needs of it. */
export interface ComparedPage extends SearchPage {
  readonly page: number;
  /** Number of terms of each passage. */
  readonly lengths: Uint32Array;
  /** Sum of the lengths. */
  readonly terms: number;
  readonly bytes: number;
}

export function comparedPage(page: number, view: SearchPage): ComparedPage {
  const lengths = new Uint32Array(view.count);
  let terms = 0;
  for (let index = 0; index < view.count; index++) {
    for (let at = view.offsets[index]!; at < view.offsets[index + 1]!; at++) {
      lengths[index]! += view.frequencies[at]!;
    }
    terms += lengths[index]!;
  }
  return { ...view, page, lengths, terms, bytes: view.vectors.buffer.byteLength + lengths.byteLength };
}

/** Frequencies of the wanted terms in each passage of a page that holds one, by its number in the page. */
export type FindHolders = (page: ComparedPage) => Map<number, number[]>;

/** Small enough for the fastest cache. */
const SOME_BITS = 2 ** 12 - 1;

/** Which passages hold one of `terms`. */
export function holderFinder(blindKey: KeyObject, terms: readonly string[]): FindHolders {
  const wanted = new Map<number, { high: number; term: number }[]>();
  /** By their lowest bits: nearly all terms of a page are passed over without a look into the map. */
  const some = new Uint8Array(SOME_BITS + 1);
  for (const [term, text] of terms.entries()) {
    const { low, high } = termHash(blindKey, text);
    wanted.set(low, [...(wanted.get(low) ?? []), { high, term }]);
    some[low & SOME_BITS] = 1;
  }
  return ({ count, offsets, low, high, frequencies }) => {
    const found = new Map<number, number[]>();
    const end = wanted.size === 0 ? 0 : offsets[count]!;
    for (let at = 0, index = 0; at < end; at++) {
      if (some[low[at]! & SOME_BITS] === 0) continue;
      for (const each of wanted.get(low[at]!) ?? []) {
        if (each.high !== high[at]) continue;
        while (offsets[index + 1]! <= at) index++;
        let held = found.get(index);
        if (held === undefined) {
          held = new Array<number>(terms.length).fill(0);
          found.set(index, held);
        }
        held[each.term] = frequencies[at]!;
      }
    }
    return found;
  };
}

/** Where the highest values are, highest first; of equals the first. */
export function highest(values: Float32Array, count: number): number[] {
  const best: number[] = [];
  if (count === 0) return best;
  let least = Number.NEGATIVE_INFINITY;
  for (let at = 0; at < values.length; at++) {
    const value = values[at]!;
    if (best.length === count && value <= least) continue;
    const place = best.findIndex((other) => values[other]! < value);
    best.splice(place === -1 ? best.length : place, 0, at);
    if (best.length > count) best.pop();
    least = values[best.at(-1)!]!;
  }
  return best;
}
