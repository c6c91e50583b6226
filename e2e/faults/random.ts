/** Chance that can be repeated: the same seed gives the same numbers. */
export interface Chance {
  /** From 0 (included) to 1 (excluded). */
  next(): number;
  /** Whole number from `least` to `most`, both included. */
  between(least: number, most: number): number;
}

/** Mulberry32 (Tommy Ettinger, public domain): 32 bits of state, plenty for choosing moments. */
export function chanceOf(seed: number): Chance {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return { next, between: (least, most) => least + Math.floor(next() * (most - least + 1)) };
}
