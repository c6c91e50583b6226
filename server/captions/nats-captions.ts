import type { Subscription } from '@nats-io/transport-node';
import type { Nats } from '../nats/nats.ts';
import type { Caption, Captions } from './captions.ts';

const subjectOf = (recordingId: string) => `speakr.captions.${recordingId}`;

/** Captions on core NATS: a subject for each recording, nothing is kept. */
export function createNatsCaptions(nats: Pick<Nats, 'connection' | 'connected' | 'onReconnect'>): Captions {
  const { connection } = nats;
  const listeners = new Map<string, { all: Set<(caption: Caption) => void>; subscription: Subscription }>();

  const listen = (recordingId: string) => {
    const all = new Set<(caption: Caption) => void>();
    const subscription = connection.subscribe(subjectOf(recordingId), {
      callback(error, message) {
        if (error) return;
        const caption = message.json<Caption>();
        for (const listener of all) listener(caption);
      },
    });
    const entry = { all, subscription };
    listeners.set(recordingId, entry);
    return entry;
  };

  return {
    publish(recordingId, caption) {
      // A connection that is broken would keep them all, and what is late is of no use: finals come from the store.
      if (nats.connected) connection.publish(subjectOf(recordingId), JSON.stringify(caption));
    },
    subscribe(recordingId, listener, onMissed) {
      const entry = listeners.get(recordingId) ?? listen(recordingId);
      // A wrapper of its own, so that the same function can subscribe twice.
      const mine = (caption: Caption) => listener(caption);
      entry.all.add(mine);
      const unwatch = onMissed === undefined ? () => {} : nats.onReconnect(onMissed);
      return () => {
        unwatch();
        entry.all.delete(mine);
        if (entry.all.size > 0 || listeners.get(recordingId) !== entry) return;
        entry.subscription.unsubscribe();
        listeners.delete(recordingId);
      };
    },
  };
}
