import type { Continuation } from './beam-search.ts';
import type { Layers, Seen } from './moonshine-layers.ts';
import { FLOAT, type NetworkMemory } from './moonshine-memory.ts';
import { LAYERS } from './moonshine-weights.ts';

/** What each hypothesis has said so far, as the decoder's layers look at it. */
export interface Pasts {
  /** Places for keys and values of one layer. */
  readonly room: number;
  /** Lets hypotheses go on; those with the same parent get a past each. @returns `[hypotheses][layers]` */
  continue(hypotheses: readonly Continuation[]): readonly (readonly Seen[])[];
}

/** @param count hypotheses at once, of up to `maxTokens` */
export function createPasts(memory: NetworkMemory, layers: Layers, count: number, maxTokens: number): Pasts {
  const pasts = Array.from({ length: count }, () => {
    const start = memory.used / FLOAT;
    const seen = Array.from({ length: LAYERS }, () => layers.see(maxTokens));
    return { start, end: memory.used / FLOAT, seen };
  });
  type Past = (typeof pasts)[number];
  let current: readonly Past[] = pasts.slice(0, 1);
  return {
    room: (pasts[0] as Past).seen[0]!.room,
    continue(hypotheses) {
      const taken = new Set<Past>();
      const own = hypotheses.map(({ parent }) => {
        const past = current[parent] as Past;
        if (taken.has(past)) return undefined;
        taken.add(past);
        return past;
      });
      const free = pasts.filter((past) => !taken.has(past));
      current = own.map((past, row) => {
        if (past !== undefined) return past;
        const copy = free.pop() as Past;
        const from = current[(hypotheses[row] as Continuation).parent] as Past;
        memory.floats.copyWithin(copy.start, from.start, from.end);
        return copy;
      });
      return current.map(({ seen }) => seen);
    },
  };
}
