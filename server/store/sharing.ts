import { randomBytes } from 'node:crypto';
import { SpeakrError } from '@speakr/contracts/problem';
import { SALT_BYTES } from './audit-log.ts';
import { decodeCursor, encodeCursor } from './cursor.ts';
import { notesQueries } from './notes.ts';
import { loadCipher, noSuchRecording, type OwnerContext } from './owner-context.ts';
import type { OwnerKeys } from './owner-keys.ts';
import { openRecording, recordingColumns } from './recording-row.ts';
import { byReference, noneEndsIn } from './reference.ts';
import { seal, unseal } from './sealed-value.ts';
import type { AuditEntry, OwnerStore, Page, ReadableRecording, Share, SharedRecording } from './store.ts';
import { transcriptQueries } from './transcripts.ts';

const sharedKeyContext = (reader: string, owner: string, recordingId: string) =>
  `${reader}/${owner}/${recordingId}/shared-key`;

/** The field of an entry that says with or to whom or what it was done. */
export function subjectOf(
  action: string,
  subject: string | null,
): Pick<AuditEntry, 'key' | 'reader' | 'about'> {
  if (subject === null) return {};
  if (action.startsWith('key.')) return { key: subject };
  return action.startsWith('recording.') ? { reader: subject } : { about: subject };
}

/** Writes down who did what, in the log of the data's owner. */
export async function audit(
  { db, clock }: OwnerContext,
  entry: {
    user_id: string;
    actor: string;
    action: AuditEntry['action'];
    recording_id: string;
    subject?: string;
  },
): Promise<void> {
  await db
    .insertInto('audit_log')
    .values({ subject: null, ...entry, at: clock.now(), salt: randomBytes(SALT_BYTES) })
    .execute();
}

/**
 * Wraps the data key of a recording for somebody else.
 * @throws SpeakrError `not_found`, `invalid_request`
 */
export async function shareRecording(
  context: OwnerContext,
  recordingId: string,
  { reader, keys }: { reader: string; keys: OwnerKeys },
): Promise<Share> {
  const { db, owner, clock } = context;
  if (reader === owner)
    throw new SpeakrError('invalid_request', 'A recording is its owner’s without sharing.');
  const { dataKey } = await loadCipher(context, recordingId);
  const before = await db
    .selectFrom('shares')
    .select('created_at')
    .where('user_id', '=', owner)
    .where('recording_id', '=', recordingId)
    .where('shared_with', '=', reader)
    .executeTakeFirst();
  if (before) return { reader, sharedAt: before.created_at };
  const created_at = clock.now();
  const wrapped_key = seal(keys.userKey, sharedKeyContext(reader, owner, recordingId), dataKey);
  await db
    .insertInto('shares')
    .values({ user_id: owner, recording_id: recordingId, shared_with: reader, wrapped_key, created_at })
    .execute();
  await audit(context, {
    user_id: owner,
    actor: owner,
    action: 'recording.shared',
    recording_id: recordingId,
    subject: reader,
  });
  return { reader, sharedAt: created_at };
}

/** The context in which a reader sees the one recording of somebody else. @throws SpeakrError `key_missing` */
function readersContext(
  context: OwnerContext,
  share: { user_id: string; recording_id: string; wrapped_key: Uint8Array },
): OwnerContext {
  const { user_id: owner, recording_id: recordingId } = share;
  const sealed = sharedKeyContext(context.owner, owner, recordingId);
  const dataKey = unseal(context.keys.userKey, sealed, share.wrapped_key);
  if (!dataKey) throw new SpeakrError('key_missing', `The key of recording ${recordingId} does not open.`);
  return { ...context, owner, ciphers: new Map(), shared: { recordingId, dataKey } };
}

async function recordingOf({ db, owner, shared }: OwnerContext) {
  return db
    .selectFrom('recordings')
    .select(recordingColumns)
    .where('user_id', '=', owner)
    .where('id', '=', shared!.recordingId)
    .where('cancelled_at', 'is', null)
    .executeTakeFirst();
}

/**
 * Opens a recording that was shared with the owner of `context`, and notes that it was read.
 * @throws SpeakrError `not_found`, `ambiguous_id`
 */
export async function openShared(context: OwnerContext, reference: string): Promise<ReadableRecording> {
  const { db, owner: reader } = context;
  const share = await byReference(reference, (condition) =>
    db
      .selectFrom('shares')
      .select(['user_id', 'recording_id', 'wrapped_key'])
      .where('shared_with', '=', reader)
      .where('recording_id', condition.operator, condition.value)
      .limit(2)
      .execute(),
  );
  const readers = readersContext(context, share);
  const row = await recordingOf(readers);
  if (!row) throw noneEndsIn(reference);
  const { recording } = openRecording(readers, row);
  await audit(context, {
    user_id: share.user_id,
    actor: reader,
    action: 'recording.read',
    recording_id: recording.id,
  });
  const transcripts = transcriptQueries(readers);
  return {
    owner: share.user_id,
    recording,
    getTranscript: (revision) => transcripts.getTranscript(recording.id, revision),
    listRevisions: () => transcripts.listRevisions(recording.id),
    getNotes: () => notesQueries(readers).getNotes(recording.id),
  };
}

type SharingQueries = Pick<
  OwnerStore,
  'listShares' | 'unshareRecording' | 'listAudit' | 'listAccountAudit' | 'listShared' | 'noteAudit'
>;

export function sharingQueries(context: OwnerContext): SharingQueries {
  const { db, owner } = context;

  /** @param recordingId of everything when absent */
  async function auditPage({ limit, cursor }: Page, recordingId?: string) {
    let query = db
      .selectFrom('audit_log')
      .select(['seq', 'at', 'actor', 'action', 'subject', 'recording_id'])
      .where('user_id', '=', owner);
    if (recordingId !== undefined) query = query.where('recording_id', '=', recordingId);
    if (cursor !== undefined) query = query.where('seq', '<', decodeCursor(cursor, ['number'])[0]);
    const rows = await query
      .orderBy('seq', 'desc')
      .limit(limit + 1)
      .execute();
    const entries = rows.slice(0, limit).map(({ at, actor, action, subject, recording_id }) => ({
      at,
      actor,
      action: action as AuditEntry['action'],
      // Who asks about one recording knows which.
      ...(recordingId !== undefined || recording_id === '' ? {} : { recordingId: recording_id }),
      ...subjectOf(action, subject),
    }));
    const last = rows[limit - 1];
    return rows.length > limit && last ? { entries, nextCursor: encodeCursor([last.seq]) } : { entries };
  }

  return {
    async listShares(id) {
      await loadCipher(context, id);
      const rows = await db
        .selectFrom('shares')
        .select(['shared_with', 'created_at'])
        .where('user_id', '=', owner)
        .where('recording_id', '=', id)
        .orderBy('created_at')
        .orderBy('shared_with')
        .execute();
      return rows.map(({ shared_with, created_at }) => ({ reader: shared_with, sharedAt: created_at }));
    },

    async unshareRecording(id, reader) {
      const { numDeletedRows } = await db
        .deleteFrom('shares')
        .where('user_id', '=', owner)
        .where('recording_id', '=', id)
        .where('shared_with', '=', reader)
        .executeTakeFirst();
      if (numDeletedRows === 0n) throw noSuchRecording(id);
      await audit(context, {
        user_id: owner,
        actor: owner,
        action: 'recording.unshared',
        recording_id: id,
        subject: reader,
      });
    },

    noteAudit: (action, { subject, recordingId = '' } = {}) =>
      audit(context, {
        user_id: owner,
        actor: owner,
        action,
        recording_id: recordingId,
        ...(subject === undefined ? {} : { subject }),
      }),
    listAudit: (id, page) => auditPage(page, id),
    listAccountAudit: (page) => auditPage(page),

    async listShared() {
      const shares = await db
        .selectFrom('shares')
        .select(['user_id', 'recording_id', 'wrapped_key'])
        .where('shared_with', '=', owner)
        .execute();
      const found: SharedRecording[] = [];
      for (const share of shares) {
        const readers = readersContext(context, share);
        const row = await recordingOf(readers);
        if (row) found.push({ owner: share.user_id, recording: openRecording(readers, row).recording });
      }
      return found.sort((a, b) => b.recording.startedAt - a.recording.startedAt);
    },
  };
}
