import type { RecordingCipher } from './recording-cipher.ts';

/** Recordings whose keys are held at once; and for how long at the most, ms: others may have deleted them meanwhile. */
const MOST_RECORDINGS = 5000;
const HELD_MS = 60_000;

export interface CipherCache {
  /** @param wrappedKey as it is stored by now: a key of another recording that had this id does not count */
  of(owner: string, recordingId: string, wrappedKey: Uint8Array): RecordingCipher | undefined;
  hold(owner: string, recordingId: string, wrappedKey: Uint8Array, cipher: RecordingCipher): void;
  forget(owner: string, recordingIds: Iterable<string>): void;
}

/** Ciphers of recordings that were opened a moment ago: unwrapping a key costs more than opening what it seals. */
export function createCipherCache({
  most = MOST_RECORDINGS,
  heldMs = HELD_MS,
  monotonic = () => performance.now(),
} = {}): CipherCache {
  const held = new Map<string, { wrappedKey: Uint8Array; cipher: RecordingCipher; until: number }>();
  let isSweeping = false;
  const keyOf = (owner: string, recordingId: string) => `${owner}/${recordingId}`;

  /** Nothing stays because nobody asks any more. */
  function sweepLater(): void {
    if (isSweeping || held.size === 0) return;
    isSweeping = true;
    setTimeout(sweep, heldMs).unref();
  }

  function sweep(): void {
    isSweeping = false;
    const now = monotonic();
    // The oldest are first.
    for (const [key, { until }] of held) {
      if (until > now) break;
      held.delete(key);
    }
    sweepLater();
  }

  return {
    of(owner, recordingId, wrappedKey) {
      const known = held.get(keyOf(owner, recordingId));
      if (known === undefined || monotonic() >= known.until) return undefined;
      return Buffer.compare(known.wrappedKey, wrappedKey) === 0 ? known.cipher : undefined;
    },
    hold(owner, recordingId, wrappedKey, cipher) {
      const key = keyOf(owner, recordingId);
      held.delete(key);
      if (held.size >= most) held.delete(held.keys().next().value ?? '');
      held.set(key, { wrappedKey, cipher, until: monotonic() + heldMs });
      sweepLater();
    },
    forget(owner, recordingIds) {
      for (const recordingId of recordingIds) held.delete(keyOf(owner, recordingId));
    },
  };
}
