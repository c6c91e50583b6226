import type { Caption, Captions } from './captions.ts';

/** Captions within one process: a listener hears what is published after it subscribed, in order. */
export function createInProcessCaptions(): Captions {
  const listeners = new Map<string, Set<(caption: Caption) => void>>();
  return {
    publish(owner, recordingId, caption) {
      for (const listener of listeners.get(`${owner}/${recordingId}`) ?? []) listener(caption);
    },
    subscribe(owner, recordingId, listener) {
      const key = `${owner}/${recordingId}`;
      const all = listeners.get(key) ?? new Set();
      // A wrapper of its own, so that the same function can subscribe twice.
      const entry = (caption: Caption) => listener(caption);
      all.add(entry);
      listeners.set(key, all);
      return () => {
        all.delete(entry);
        if (all.size === 0 && listeners.get(key) === all) listeners.delete(key);
      };
    },
  };
}
