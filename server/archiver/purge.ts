import type { Clock } from '../clock.ts';
import type { Log } from '../observability/log.ts';
import type { Store } from '../store/store.ts';

export interface PurgeOptions {
  readonly store: Store;
  readonly owner: string;
  readonly clock: Clock;
  readonly log: Log;
  /** How long a discarded recording can be restored, ms. */
  readonly restorableMs: number;
}

/** Deletes for good what was discarded too long ago to be restored. */
export async function purgeDiscarded({
  store,
  owner,
  clock,
  log,
  restorableMs,
}: PurgeOptions): Promise<void> {
  const expired = new Set<string>();
  let cursor: string | undefined;
  do {
    const page = await store.read(owner, (own) =>
      own.listRecordings({ limit: 200, cancelled: true, ...(cursor === undefined ? {} : { cursor }) }),
    );
    for (const { id, cancelledAt } of page.recordings)
      if (cancelledAt !== undefined && cancelledAt + restorableMs < clock.now()) expired.add(id);
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  for (const id of expired) {
    await store.transaction(owner, (own) => own.deleteRecording(id));
    log.info({ recordingId: id }, 'discarded recording deleted');
  }
}
