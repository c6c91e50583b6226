import { SpeakrError } from '@speakr/contracts/problem';
import type { Gap, Moment, Receipt, Recording } from '@speakr/contracts/recording';
import type { Updateable } from 'kysely';
import { publishMessage } from './outbox.ts';
import {
  cipherOf,
  demandUser,
  loadCipher,
  newRecordingKey,
  noSuchRecording,
  type OwnerContext,
} from './owner-context.ts';
import {
  openRecording,
  type RecordingDetails,
  type RecordingRow,
  recordingColumns,
  toRecording,
} from './recording-row.ts';
import { byReference } from './reference.ts';
import { repeatedQuery } from './repeated-query.ts';
import type { Tables } from './schema.ts';
import type { NewRecording, OwnerStore, RecordingPatch } from './store.ts';

const emptyReceipt: Receipt = {
  capturedMs: 0,
  spooledMs: 0,
  acknowledgedMs: 0,
  transcribedMs: 0,
  gaps: [],
};

/** Local date and time to the minute, the name of a recording until something better is known. */
function timeTitle(startedAt: number): string {
  const time = new Date(startedAt);
  const two = (value: number) => String(value).padStart(2, '0');
  const date = `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())}`;
  return `Recording ${date} ${two(time.getHours())}:${two(time.getMinutes())}`;
}

function detailsOf(recording: NewRecording): RecordingDetails {
  return {
    title: recording.title ?? timeTitle(recording.startedAt),
    titleSource: recording.title === undefined ? 'time' : 'user',
    tags: recording.tags,
    template: recording.template,
    source: recording.source,
    tracks: recording.tracks,
    moments: [],
    ...(recording.vocabulary === undefined ? {} : { vocabulary: recording.vocabulary }),
  };
}

function patchDetails(details: RecordingDetails, patch: RecordingPatch): RecordingDetails {
  return {
    ...details,
    title: patch.title ?? details.title,
    titleSource: patch.titleSource ?? details.titleSource,
    tags: patch.tags ?? details.tags,
    template: patch.template ?? details.template,
    tracks: patch.tracks ?? details.tracks,
    ...(patch.speakers === undefined ? {} : { speakers: patch.speakers }),
  };
}

const sameMoment = (a: Moment, b: Moment) => a.atMs === b.atMs && a.kind === b.kind && a.text === b.text;
const sameGap = (a: Gap, b: Gap) => a.track === b.track && a.startMs === b.startMs;

const recordingsById = repeatedQuery((db, owner: string, id: string) =>
  db.selectFrom('recordings').select(recordingColumns).where('user_id', '=', owner).where('id', '=', id),
);

type RecordingQueries = Pick<
  OwnerStore,
  | 'createRecording'
  | 'getRecording'
  | 'resolveRecording'
  | 'updateRecording'
  | 'getTemplateText'
  | 'addMoment'
  | 'addGap'
  | 'deleteRecording'
  | 'dataKey'
  | 'listRecordingIds'
  | 'userSince'
>;

export function recordingQueries(context: OwnerContext): RecordingQueries {
  const { db, owner, clock } = context;
  const rows = () => db.selectFrom('recordings').select(recordingColumns).where('user_id', '=', owner);
  const findRow = async (id: string): Promise<RecordingRow | undefined> =>
    (await recordingsById(db, owner, id))[0];
  const row = async (id: string) => {
    const found = await findRow(id);
    if (!found) throw noSuchRecording(id);
    return found;
  };
  const write = async (id: string, values: Updateable<Tables['recordings']>) => {
    await update(id).set(values).execute();
  };
  const update = (id: string) =>
    db.updateTable('recordings').where('user_id', '=', owner).where('id', '=', id);

  const getRecording = async (id: string): Promise<Recording | undefined> => {
    const found = await findRow(id);
    return found && openRecording(context, found).recording;
  };

  return {
    getRecording,

    async createRecording(recording) {
      const known = await getRecording(recording.id);
      if (known) return known;
      await demandUser(context);
      const { cipher, wrappedKey } = newRecordingKey(context, recording.id);
      const details = detailsOf(recording);
      const now = clock.now();
      const created = {
        user_id: owner,
        id: recording.id,
        wrapped_key: wrappedKey,
        state: 'recording',
        mode: recording.mode,
        language: recording.language,
        model: recording.model,
        started_at: recording.startedAt,
        created_at: now,
        updated_at: now,
        cancelled_at: null,
        duration_ms: 0,
        revision: 0,
        failure: null,
        receipt: JSON.stringify(emptyReceipt),
        details: cipher.sealJson('details', details),
      };
      const text = recording.templateText;
      const template_text = text === undefined ? null : cipher.seal('template', Buffer.from(text));
      await db
        .insertInto('recordings')
        .values({ ...created, template_text })
        .execute();
      return toRecording(created, details);
    },

    async resolveRecording(reference) {
      if (reference === 'last') {
        const last = await rows()
          .where('cancelled_at', 'is', null)
          .orderBy('started_at', 'desc')
          .orderBy('id', 'desc')
          .limit(1)
          .executeTakeFirst();
        if (!last) throw new SpeakrError('not_found', 'There is no recording yet.');
        return openRecording(context, last).recording;
      }
      const found = await byReference(reference, ({ operator, value }) =>
        operator === '='
          ? recordingsById(db, owner, value)
          : rows().where('id', operator, value).limit(2).execute(),
      );
      return openRecording(context, found).recording;
    },

    async updateRecording(id, patch) {
      const found = await row(id);
      const cipher = cipherOf(context, id, found.wrapped_key);
      const details = patchDetails(cipher.unsealJson('details', found.details), patch);
      const changed = {
        state: patch.state ?? found.state,
        model: patch.model ?? found.model,
        language: patch.language ?? found.language,
        failure: patch.failure === undefined ? found.failure : patch.failure,
        cancelled_at: patch.cancelledAt === undefined ? found.cancelled_at : patch.cancelledAt,
        duration_ms: patch.durationMs ?? found.duration_ms,
        receipt: patch.receipt ? JSON.stringify(patch.receipt) : found.receipt,
        details: cipher.sealJson('details', details),
        updated_at: clock.now(),
      };
      const { templateText } = patch;
      await write(id, {
        ...changed,
        ...(templateText === undefined
          ? {}
          : { template_text: cipher.seal('template', Buffer.from(templateText)) }),
      });
      return toRecording({ ...found, ...changed }, details);
    },

    async getTemplateText(id) {
      const cipher = await loadCipher(context, id);
      const { template_text } = await db
        .selectFrom('recordings')
        .select('template_text')
        .where('user_id', '=', owner)
        .where('id', '=', id)
        .executeTakeFirstOrThrow();
      return template_text === null ? undefined : cipher.unseal('template', template_text).toString();
    },

    async addMoment(id, moment) {
      const found = await row(id);
      const cipher = cipherOf(context, id, found.wrapped_key);
      const details = cipher.unsealJson<RecordingDetails>('details', found.details);
      // A client that reconnects says again what it is not sure of.
      if (details.moments.some((known) => sameMoment(known, moment))) return;
      const moments = [...details.moments, moment].sort((a, b) => a.atMs - b.atMs);
      await write(id, {
        details: cipher.sealJson('details', { ...details, moments }),
        updated_at: clock.now(),
      });
    },

    async addGap(id, gap) {
      const found = await row(id);
      const receipt: Receipt = JSON.parse(found.receipt);
      const others = receipt.gaps.filter((known) => !sameGap(known, gap));
      const gaps = [...others, gap].sort((a, b) => a.startMs - b.startMs || a.track - b.track);
      await write(id, { receipt: JSON.stringify({ ...receipt, gaps }), updated_at: clock.now() });
    },

    async deleteRecording(id) {
      await row(id);
      // Messages go too, and with them what consumers still had to do; all other tables follow the recording.
      await db.deleteFrom('outbox').where('user_id', '=', owner).where('recording_id', '=', id).execute();
      await db.deleteFrom('recordings').where('user_id', '=', owner).where('id', '=', id).execute();
      context.ciphers.delete(id);
      context.deleted ??= new Set();
      context.deleted.add(id);
      await publishMessage(context, 'recording.deleted.v1', { recordingId: id });
    },

    async userSince() {
      const user = await db
        .selectFrom('users')
        .select('created_at')
        .where('id', '=', owner)
        .executeTakeFirst();
      return user?.created_at;
    },

    async listRecordingIds({ after = '', limit }) {
      const rows = await db
        .selectFrom('recordings')
        .select('id')
        .where('user_id', '=', owner)
        .where('id', '>', after)
        .orderBy('id')
        .limit(limit)
        .execute();
      return rows.map(({ id }) => id);
    },

    async dataKey(id) {
      return (await loadCipher(context, id)).dataKey;
    },
  };
}
