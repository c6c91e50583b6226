import { SpeakrError } from '@speakr/contracts/problem';
import type { Recording } from '@speakr/contracts/recording';
import type { OwnerContext } from './owner-context.ts';
import { openRecording, recordingColumns } from './recording-row.ts';
import type { OwnerStore, RecordingFilter } from './store.ts';

/** Rows read at once while tags are looked for: they can be compared only after decryption. */
const BATCH = 500;

interface Position {
  startedAt: number;
  id: string;
}

function encodeCursor({ startedAt, id }: Position): string {
  return Buffer.from(JSON.stringify([startedAt, id])).toString('base64url');
}

function decodeCursor(cursor: string): Position {
  try {
    const [startedAt, id] = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    if (Number.isInteger(startedAt) && typeof id === 'string') return { startedAt, id };
  } catch {
    // Told below.
  }
  throw new SpeakrError('invalid_request', 'The cursor is not one that a list gave.');
}

/** Tags are the same when they look the same: composed or not, in any case. */
export const tagKey = (tag: string) => tag.normalize('NFKC').toLowerCase();

export function hasTags(recording: Pick<Recording, 'tags'>, wanted: readonly string[] = []): boolean {
  if (wanted.length === 0) return true;
  const tags = new Set(recording.tags.map(tagKey));
  return wanted.every((tag) => tags.has(tagKey(tag)));
}

/** Recordings in pages, newest first. */
export function recordingList(context: OwnerContext): Pick<OwnerStore, 'listRecordings'> {
  const { db, owner } = context;

  const batch = async (filter: RecordingFilter, after: Position | undefined, limit: number) => {
    let query = db
      .selectFrom('recordings')
      .select(recordingColumns)
      .where('user_id', '=', owner)
      .where('cancelled_at', filter.cancelled ? 'is not' : 'is', null);
    const { since, until, states } = filter;
    if (since !== undefined) query = query.where('started_at', '>=', since);
    if (until !== undefined) query = query.where('started_at', '<', until);
    if (states) query = query.where('state', 'in', [...states]);
    if (after) {
      query = query.where((where) =>
        where(where.refTuple('started_at', 'id'), '<', where.tuple(after.startedAt, after.id)),
      );
    }
    return query.orderBy('started_at', 'desc').orderBy('id', 'desc').limit(limit).execute();
  };

  return {
    async listRecordings(filter) {
      const recordings: Recording[] = [];
      let position = filter.cursor === undefined ? undefined : decodeCursor(filter.cursor);
      for (;;) {
        const size = filter.tags?.length ? BATCH : filter.limit + 1;
        const rows = await batch(filter, position, size);
        for (const row of rows) {
          const { recording } = openRecording(context, row);
          if (!hasTags(recording, filter.tags)) continue;
          if (recordings.length === filter.limit) {
            const last = recordings.at(-1);
            return last ? { recordings, nextCursor: encodeCursor(last) } : { recordings };
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
