import type { Store } from '../store/store.ts';
import type { Instruments } from './instruments.ts';

/** The store, measured. */
export function observedStore(store: Store, { metrics, tracing }: Instruments): Store {
  const measured = async <T>(kind: 'read' | 'write', work: () => Promise<T>): Promise<T> => {
    const began = performance.now();
    let outcome = 'failed';
    try {
      const result = await tracing.span(`store ${kind}`, { kind: 'client' }, work);
      outcome = 'done';
      return result;
    } finally {
      const seconds = (performance.now() - began) / 1000;
      metrics.observe('speakr_transaction_seconds', { kind, outcome }, seconds);
    }
  };
  return {
    ...store,
    transaction: (owner, work) => measured('write', () => store.transaction(owner, work)),
    read: (owner, work) => measured('read', () => store.read(owner, work)),
    erase: (owner) => measured('write', () => store.erase(owner)),
    share: (...share) => measured('write', () => store.share(...share)),
    readShared: (reader, reference, work) =>
      measured('write', () => store.readShared(reader, reference, work)),
  };
}
