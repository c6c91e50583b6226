import type { Log } from '../observability/log.ts';
import type { AccessEntry, Store } from '../store/store.ts';

/** Writes down that content was read, before it is given out. */
export type NoteAccess = (entries: readonly AccessEntry[]) => Promise<void>;

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
