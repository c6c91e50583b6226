import type { RouteName } from '@speakr/contracts/api';
import type { Log } from '../observability/log.ts';
import type { AccessEntry, Store } from '../store/store.ts';

/** Writes down that content was read, before it is given out. */
export type NoteAccess = (entries: readonly AccessEntry[]) => Promise<void>;

/** Answers with content that are kept under an Idempotency-Key; each says of which recording it is. */
const kept: { readonly [N in RouteName]?: AccessEntry['action'] } = {
  importTranscript: 'transcript.read',
  writeNotes: 'notes.read',
};

/** What is read when the kept answer of a route is given out again. */
export function readAgain(name: RouteName, owner: string, body: string): AccessEntry[] {
  const action = kept[name];
  if (action === undefined) return [];
  const { recordingId } = JSON.parse(body) as { recordingId: string };
  return [{ owner, actor: owner, action, recordingId }];
}

/**
 * @param mayFail whether content is given out all the same when that cannot be written down: on one's own machine a full
 *   disk must not keep anybody from their notes
 */
export function createAccessLog({
  store,
  mayFail,
  log,
}: {
  readonly store: Pick<Store, 'noteAccess'>;
  readonly mayFail: boolean;
  readonly log: Log;
}): NoteAccess {
  return async (entries) => {
    try {
      await store.noteAccess(entries);
    } catch (error) {
      if (!mayFail) throw error;
      log.warn({ error }, 'what was read could not be written into the audit log');
    }
  };
}
