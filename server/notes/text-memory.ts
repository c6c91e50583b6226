/** Entries of one memory; five hours of talk have about six thousand sentences. */
const most = 20_000;
const memories = new Set<Map<string, unknown>>();

/** Gives what is known under a key, or makes and keeps it. */
export type TextMemory<Value> = (key: string, make: () => Value) => Value;

/**
 * Keeps what was made of texts, so that a long recording can be read while it runs and its end only adds the tail.
 * Holds speech in memory until `forgetTexts`.
 */
export function textMemory<Value extends object>(): TextMemory<Value> {
  const known = new Map<string, Value>();
  memories.add(known);
  return (key, make) => {
    const before = known.get(key);
    if (before !== undefined) return before;
    if (known.size >= most) known.clear();
    const made = make();
    known.set(key, made);
    return made;
  };
}

/** Drops everything: a recording that was deleted must not live on here. */
export function forgetTexts(): void {
  for (const known of memories) known.clear();
}
