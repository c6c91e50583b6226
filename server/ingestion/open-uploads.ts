import type { ObjectStorage } from '../storage/storage.ts';
import type { Store } from '../store/store.ts';
import { openBytes } from './sealed-object.ts';
import { partContext } from './uploads.ts';

/** Uploads whose recordings are not made yet, with their parts; each part is read when it is asked for. */
export async function openUploads(
  { store, storage }: { store: Pick<Store, 'read'>; storage: Pick<ObjectStorage, 'read'> },
  owner: string,
  signal: AbortSignal,
) {
  const uploads = await store.read(owner, async (own) => {
    const all = await own.listUploadObjects();
    return Promise.all(all.map(({ id }) => own.getUpload(id)));
  });
  return uploads
    .filter((upload) => upload?.state === 'open' || upload?.state === 'complete')
    .map((found) => {
      const { id, key, parts, recordingId, state, createdAt, about } = found!;
      return {
        upload: { id, recordingId, state, createdAt, about },
        parts: parts.map(({ part, bytes, object }) => ({
          part,
          bytes,
          content: () =>
            openBytes({ key, context: partContext(id, part) }, storage.read(object, 0, undefined, signal)),
        })),
      };
    });
}
