import type { Subscription } from '@nats-io/transport-node';
import type { Nats } from '../nats/nats.ts';
import { ownerToken } from '../owner-token.ts';
import type { Caption, Captions } from './captions.ts';

const subjectOf = (owner: string, recordingId: string) =>
  `speakr.captions.${ownerToken(owner)}.${recordingId}`;

/** Captions on core NATS: a subject for each recording, nothing is kept. */
export function createNatsCaptions(nats: Pick<Nats, 'connection' | 'connected' | 'onReconnect'>): Captions {
  const { connection } = nats;
  const listeners = new Map<string, { all: Set<(caption: Caption) => void>; subscription: Subscription }>();

  const listen = (subject: string) => {
    const all = new Set<(caption: Caption) => void>();
    const subscription = connection.subscribe(subject, {
      callback(error, message) {
        if (error) return;
        const caption = message.json<Caption>();
        for (const listener of all) listener(caption);
      },
    });
    const entry = { all, subscription };
    listeners.set(subject, entry);
    return entry;
  };

  return {
    publish(owner, recordingId, caption) {
      // A connection that is broken would keep them all, and what is late is of no use: finals come from the store.
      if (nats.connected) connection.publish(subjectOf(owner, recordingId), JSON.stringify(caption));
    },
    subscribe(owner, recordingId, listener, onMissed) {
      const subject = subjectOf(owner, recordingId);
      const entry = listeners.get(subject) ?? listen(subject);
      // A wrapper of its own, so that the same function can subscribe twice.
      const mine = (caption: Caption) => listener(caption);
      entry.all.add(mine);
      const unwatch = onMissed === undefined ? () => {} : nats.onReconnect(onMissed);
      return () => {
        unwatch();
        entry.all.delete(mine);
        if (entry.all.size > 0 || listeners.get(subject) !== entry) return;
        entry.subscription.unsubscribe();
        listeners.delete(subject);
      };
    },
  };
}
