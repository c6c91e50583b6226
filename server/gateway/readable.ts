import { SpeakrError } from '@speakr/contracts/problem';
import type { AuditEntry, ReadableRecording, Store } from '../store/store.ts';
import type { NoteAccess } from './access-log.ts';

/**
 * Reads a recording of the user, or one that somebody shared with them.
 * @param content what of it is read; its owner finds that in the audit log, as every read of somebody else
 * @throws SpeakrError `not_found` when it is neither, `ambiguous_id`
 */
export type OpenReadable = <T>(
  user: string,
  reference: string,
  work: (recording: ReadableRecording) => Promise<T>,
  content?: AuditEntry['action'],
) => Promise<T>;

export function openReadable(store: Store, noteAccess: NoteAccess): OpenReadable {
  return async (user, reference, work, content) => {
    let isOwn = false;
    try {
      let recordingId = '';
      const result = await store.read(user, async (own) => {
        const recording = await own.resolveRecording(reference);
        isOwn = true;
        recordingId = recording.id;
        return work({
          owner: user,
          recording,
          getTranscript: (revision) => own.getTranscript(recording.id, revision),
          listRevisions: () => own.listRevisions(recording.id),
          getNotes: () => own.getNotes(recording.id),
        });
      });
      if (content !== undefined)
        await noteAccess([{ owner: user, actor: user, action: content, recordingId }]);
      return result;
    } catch (error) {
      const isMissing = error instanceof SpeakrError && error.code === 'not_found';
      // "last" is the last of one's own.
      if (isOwn || !isMissing || reference === 'last') throw error;
    }
    return store.readShared(user, reference, work);
  };
}
