import type { OwnerKeys } from './owner-keys.ts';

/** Owners whose keys are held at once, and for how long, ms: who comes again costs the key service one question. */
const MOST_OWNERS = 5000;
const HELD_MS = 60 * 60_000;

/**
 * Holds the keys of owners who were here lately; several who want them at once load them once.
 * @param load gets them from the key service
 */
export function createOwnerKeyCache<K extends OwnerKeys>(
  load: (owner: string) => Promise<K>,
  { most = MOST_OWNERS, heldMs = HELD_MS, monotonic = () => performance.now() } = {},
): { of(owner: string): Promise<K>; forget(owner: string): void } {
  const held = new Map<string, { keys: Promise<K>; until: number }>();
  const of = (owner: string) => {
    const known = held.get(owner);
    // The newest are last: when there are too many the first is the one that was not asked for the longest.
    held.delete(owner);
    if (known !== undefined && monotonic() < known.until) {
      held.set(owner, known);
      return known.keys;
    }
    const entry = { keys: load(owner), until: monotonic() + heldMs };
    if (held.size >= most) held.delete(held.keys().next().value ?? '');
    held.set(owner, entry);
    entry.keys.catch(() => {
      if (held.get(owner) === entry) held.delete(owner);
    });
    return entry.keys;
  };
  return { of, forget: (owner) => void held.delete(owner) };
}
