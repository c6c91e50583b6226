import { SpeakrError } from '@speakr/contracts/problem';
import type { ReadableRecording, Store } from '../store/store.ts';

/**
 * Reads a recording of the user, or one that somebody shared with them.
 * @throws SpeakrError `not_found` when it is neither, `ambiguous_id`
 */
export type OpenReadable = <T>(
  user: string,
  reference: string,
  work: (recording: ReadableRecording) => Promise<T>,
) => Promise<T>;

export function openReadable(store: Store): OpenReadable {
  return async (user, reference, work) => {
    let isOwn = false;
    try {
      return await store.read(user, async (own) => {
        const recording = await own.resolveRecording(reference);
        isOwn = true;
        return work({
          owner: user,
          recording,
          getTranscript: (revision) => own.getTranscript(recording.id, revision),
          listRevisions: () => own.listRevisions(recording.id),
          getNotes: () => own.getNotes(recording.id),
        });
      });
    } catch (error) {
      const isMissing = error instanceof SpeakrError && error.code === 'not_found';
      // "last" is the last of one's own.
      if (isOwn || !isMissing || reference === 'last') throw error;
    }
    return store.readShared(user, reference, work);
  };
}
