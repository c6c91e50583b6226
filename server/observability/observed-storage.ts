import type { ObjectStorage } from '../storage/storage.ts';
import type { Instruments } from './instruments.ts';

/** The object storage, measured. */
export function observedStorage(storage: ObjectStorage, { metrics, tracing }: Instruments): ObjectStorage {
  const measured = async <T>(operation: string, work: () => Promise<T>): Promise<T> => {
    const began = performance.now();
    let outcome = 'failed';
    try {
      const result = await tracing.span(`storage ${operation}`, { kind: 'client' }, work);
      outcome = 'done';
      return result;
    } finally {
      const seconds = (performance.now() - began) / 1000;
      metrics.observe('speakr_storage_seconds', { operation, outcome }, seconds);
    }
  };
  return {
    create: (...asked) => measured('create', () => storage.create(...asked)),
    size: (...asked) => measured('size', () => storage.size(...asked)),
    async *read(...asked) {
      const bytes = storage.read(...asked)[Symbol.asyncIterator]();
      // How fast the rest is read is up to the reader.
      const first = await measured('read', () => bytes.next());
      try {
        for (let part = first; !part.done; part = await bytes.next()) yield part.value;
      } finally {
        await bytes.return?.();
      }
    },
    list: storage.list,
    remove: (...asked) => measured('remove', () => storage.remove(...asked)),
    removeAll: (...asked) => measured('remove', () => storage.removeAll(...asked)),
  };
}
