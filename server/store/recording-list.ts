import type { Recording } from '@speakr/contracts/recording';
import { decodeCursor, encodeCursor } from './cursor.ts';
import type { OwnerContext } from './owner-context.ts';
import { openRecording, recordingColumns } from './recording-row.ts';
import { repeatedQuery } from './repeated-query.ts';
import type { OwnerStore, RecordingFilter } from './store.ts';

/** Rows read at once while tags are looked for: they can be compared only after decryption. */
const BATCH = 500;

interface Position {
  startedAt: number;
  id: string;
}

const positionOf = (cursor: string): Position => {
  const [startedAt, id] = decodeCursor(cursor, ['number', 'string']);
  return { startedAt, id };
};

/** Tags are the same when they look the same: composed or not, in any case. */
export const tagKey = (tag: string) => tag.normalize('NFKC').toLowerCase();

export function hasTags(recording: Pick<Recording, 'tags'>, wanted: readonly string[] = []): boolean {
  if (wanted.length === 0) return true;
  const tags = new Set(recording.tags.map(tagKey));
  return wanted.every((tag) => tags.has(tagKey(tag)));
}

/** A page of them, newest first. */
const page = (cancelled: 'is' | 'is not') =>
  repeatedQuery(
    (
      db,
      owner: string,
      limit: number,
      since: number | undefined,
      until: number | undefined,
      afterStartedAt: number | undefined,
      afterId: string | undefined,
      states: RecordingFilter['states'],
    ) => {
      let query = db
        .selectFrom('recordings')
        .select(recordingColumns)
        .where('user_id', '=', owner)
        .where('cancelled_at', cancelled, null);
      if (since !== undefined) query = query.where('started_at', '>=', since);
      if (until !== undefined) query = query.where('started_at', '<', until);
      if (states !== undefined) query = query.where('state', 'in', [...states]);
      if (afterStartedAt !== undefined && afterId !== undefined)
        query = query.where((where) =>
          where(where.refTuple('started_at', 'id'), '<', where.tuple(afterStartedAt, afterId)),
        );
      return query.orderBy('started_at', 'desc').orderBy('id', 'desc').limit(limit);
    },
  );
const kept = page('is');
const discarded = page('is not');

/** Recordings in pages, newest first. */
export function recordingList(context: OwnerContext): Pick<OwnerStore, 'listRecordings' | 'countRunning'> {
  const { db, owner } = context;

  const batch = (
    { cancelled, since, until, states }: RecordingFilter,
    after: Position | undefined,
    limit: number,
  ) => (cancelled ? discarded : kept)(db, owner, limit, since, until, after?.startedAt, after?.id, states);

  return {
    async countRunning() {
      const { count } = await db
        .selectFrom('recordings')
        .select(({ fn }) => fn.countAll<number>().as('count'))
        .where('user_id', '=', owner)
        .where('state', '=', 'recording')
        .executeTakeFirstOrThrow();
      return Number(count);
    },

    async listRecordings(filter) {
      const recordings: Recording[] = [];
      let position = filter.cursor === undefined ? undefined : positionOf(filter.cursor);
      for (;;) {
        const size = filter.tags?.length ? BATCH : filter.limit + 1;
        const rows = await batch(filter, position, size);
        for (const row of rows) {
          const { recording } = openRecording(context, row);
          if (!hasTags(recording, filter.tags)) continue;
          if (recordings.length === filter.limit) {
            const last = recordings.at(-1);
            return last
              ? { recordings, nextCursor: encodeCursor([last.startedAt, last.id]) }
              : { recordings };
          }
          recordings.push(recording);
        }
        const last = rows.at(-1);
        if (!last || rows.length < size) return { recordings };
        position = { startedAt: last.started_at, id: last.id };
      }
    },
  };
}
