import type { Recording } from '@speakr/contracts/recording';
import type { Clock } from '../clock.ts';
import type { Log } from '../observability/log.ts';
import type { Store } from './store.ts';

/** What may be kept. Without a limit nothing is deleted. */
export interface RetentionPolicy {
  /** Recordings that started longer ago than this are deleted, ms. */
  readonly maxAgeMs?: number;
  /** The oldest recordings are deleted until the audio of the others takes no more than this. */
  readonly maxBytes?: number;
}

/** What the decision needs of a recording. */
export interface RetainedRecording extends Pick<Recording, 'id' | 'startedAt' | 'state'> {
  readonly audioBytes: number;
}

/**
 * Which recordings the policy deletes, oldest first. One that is being recorded or worked on is never deleted; its
 * audio counts.
 */
export function expiredRecordings(
  recordings: readonly RetainedRecording[],
  { maxAgeMs, maxBytes }: RetentionPolicy,
  now: number,
): string[] {
  const oldestFirst = recordings.toSorted((a, b) => a.startedAt - b.startedAt);
  let bytes = oldestFirst.reduce((sum, { audioBytes }) => sum + audioBytes, 0);
  const expired: string[] = [];
  for (const { id, startedAt, state, audioBytes } of oldestFirst) {
    if (state === 'recording' || state === 'processing') continue;
    const isOld = maxAgeMs !== undefined && startedAt < now - maxAgeMs;
    const isTooMuch = maxBytes !== undefined && bytes > maxBytes && audioBytes > 0;
    if (!isOld && !isTooMuch) continue;
    expired.push(id);
    bytes -= audioBytes;
  }
  return expired;
}

const PAGE = 200;

async function allRecordings(store: Store, owner: string): Promise<Recording[]> {
  const all: Recording[] = [];
  let cursor: string | undefined;
  do {
    const page = await store.read(owner, (tx) => tx.listRecordings({ limit: PAGE, cursor }));
    all.push(...page.recordings);
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  return all;
}

/**
 * Deletes what the policy no longer keeps; discarded recordings go by their own rule.
 * @param audioBytes size of a recording's audio on disk
 * @returns ids of the deleted recordings
 */
export async function applyRetention({
  store,
  owner,
  policy,
  audioBytes,
  clock,
  log,
}: {
  store: Store;
  owner: string;
  policy: RetentionPolicy;
  audioBytes: (recordingId: string) => Promise<number>;
  clock: Clock;
  log: Log;
}): Promise<string[]> {
  if (policy.maxAgeMs === undefined && policy.maxBytes === undefined) return [];
  const recordings: RetainedRecording[] = [];
  for (const { id, startedAt, state } of await allRecordings(store, owner)) {
    recordings.push({ id, startedAt, state, audioBytes: await audioBytes(id) });
  }
  const expired = expiredRecordings(recordings, policy, clock.now());
  const deleted: string[] = [];
  for (const id of expired) {
    const isDeleted = await store.transaction(owner, async (tx) => {
      // It may have been taken up again, or deleted, since it was looked at.
      const recording = await tx.getRecording(id);
      if (!recording || recording.state === 'recording' || recording.state === 'processing') return false;
      await tx.noteAudit('recording.expired', { recordingId: id });
      await tx.deleteRecording(id);
      return true;
    });
    if (!isDeleted) continue;
    deleted.push(id);
    log.info({ recordingId: id }, 'recording deleted by the retention policy');
  }
  return deleted;
}
