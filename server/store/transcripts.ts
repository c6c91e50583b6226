import { SpeakrError } from '@speakr/contracts/problem';
import type { Segment, Transcript } from '@speakr/contracts/transcript';
import type { Selectable } from 'kysely';
import { loadCipher, type OwnerContext } from './owner-context.ts';
import { repeatedQuery } from './repeated-query.ts';
import type { Tables } from './schema.ts';
import type { OwnerStore } from './store.ts';

/** Rows of one insert: SQLite takes 32,766 values in a statement. */
const INSERT_ROWS = 500;

type RevisionRow = Selectable<Tables['revisions']>;
type SegmentContent = Pick<Segment, 'text' | 'speaker' | 'words'>;

const segmentField = (revision: number, id: string) => `segment/${revision}/${id}`;

function toRevision(row: RevisionRow): Omit<Transcript, 'segments'> {
  return {
    recordingId: row.recording_id,
    revision: row.revision,
    origin: row.origin as Transcript['origin'],
    complete: row.complete === 1,
    language: row.language,
    model: row.model,
    createdAt: row.created_at,
  };
}

/** The revision that is shown: the newest complete one, before that the newest. */
export function currentRevision<R extends { revision: number; complete: number }>(
  revisions: readonly R[],
): R | undefined {
  const newest = (some: readonly R[]) =>
    some.reduce<R | undefined>(
      (best, next) => (best && best.revision > next.revision ? best : next),
      undefined,
    );
  return newest(revisions.filter((row) => row.complete === 1)) ?? newest(revisions);
}

const revisionsOf = repeatedQuery((db, owner: string, id: string) =>
  db
    .selectFrom('revisions')
    .selectAll()
    .where('user_id', '=', owner)
    .where('recording_id', '=', id)
    .orderBy('revision'),
);

const segmentsFrom = repeatedQuery((db, owner: string, id: string, revision: number, fromMs: number) =>
  db
    .selectFrom('segments')
    .select(['id', 'track', 'start_ms', 'end_ms', 'content'])
    .where('user_id', '=', owner)
    .where('recording_id', '=', id)
    .where('revision', '=', revision)
    .where('start_ms', '>=', fromMs)
    .orderBy('start_ms')
    .orderBy('track')
    .orderBy('end_ms')
    .orderBy('id'),
);

type TranscriptQueries = Pick<
  OwnerStore,
  | 'beginRevision'
  | 'leaseRevision'
  | 'demandLease'
  | 'putSegments'
  | 'replaceSegments'
  | 'completeRevision'
  | 'getTranscript'
  | 'listRevisions'
>;

export function transcriptQueries(context: OwnerContext): TranscriptQueries {
  const { db, owner, clock } = context;
  const revisionRow = async (id: string, revision: number) => {
    const row = (await revisionsOf(db, owner, id)).find((each) => each.revision === revision);
    if (!row) throw new SpeakrError('not_found', `Recording ${id} has no revision ${revision}.`);
    return row;
  };
  const segmentRows = (id: string, revision: number) =>
    db
      .selectFrom('segments')
      .where('user_id', '=', owner)
      .where('recording_id', '=', id)
      .where('revision', '=', revision);
  const updateRevision = (id: string, revision: number) =>
    db
      .updateTable('revisions')
      .where('user_id', '=', owner)
      .where('recording_id', '=', id)
      .where('revision', '=', revision);

  const countSegments = async (id: string, revision: number) => {
    const { count } = await segmentRows(id, revision)
      .select(({ fn }) => fn.countAll<number>().as('count'))
      .executeTakeFirstOrThrow();
    return Number(count);
  };

  return {
    async beginRevision(id, { revision, origin, language, model }) {
      await loadCipher(context, id);
      await db
        .insertInto('revisions')
        .values({
          user_id: owner,
          recording_id: id,
          revision,
          origin,
          complete: 0,
          language,
          model,
          created_at: clock.now(),
          segments: 0,
          lease: 0,
          lease_holder: '',
        })
        .onConflict((conflict) => conflict.doNothing())
        .execute();
      await db
        .updateTable('recordings')
        .set({ revision, updated_at: clock.now() })
        .where('user_id', '=', owner)
        .where('id', '=', id)
        .where('revision', '<', revision)
        .execute();
    },

    async leaseRevision(id, revision, holder) {
      const lease = (await revisionRow(id, revision)).lease + 1;
      await updateRevision(id, revision).set({ lease, lease_holder: holder }).execute();
      return { holder, number: lease };
    },

    async demandLease(id, revision, { holder, number }) {
      const row = await revisionRow(id, revision);
      if (row.lease === number && row.lease_holder === holder) return;
      throw new SpeakrError(row.lease_holder === holder ? 'lease_lost' : 'conflict');
    },

    putSegments,

    async replaceSegments(id, revision, replaced, segments) {
      await revisionRow(id, revision);
      if (replaced.length > 0)
        await db
          .deleteFrom('segments')
          .where('user_id', '=', owner)
          .where('recording_id', '=', id)
          .where('revision', '=', revision)
          .where('id', 'in', [...replaced])
          .execute();
      await putSegments(id, revision, segments);
      await updateRevision(id, revision)
        .set({ segments: await countSegments(id, revision) })
        .execute();
      if (replaced.length > 0) await forgetIndexed(id, revision);
    },

    async completeRevision(id, revision) {
      await revisionRow(id, revision);
      await updateRevision(id, revision).set({ complete: 1 }).execute();
    },

    async getTranscript(id, revision, fromMs = 0) {
      const rows = await revisionsOf(db, owner, id);
      const row =
        revision === undefined ? currentRevision(rows) : rows.find((each) => each.revision === revision);
      if (!row) return undefined;
      const cipher = await loadCipher(context, id);
      const segments = await segmentsFrom(db, owner, id, row.revision, fromMs);
      return {
        ...toRevision(row),
        segments: segments.map((segment) => ({
          id: segment.id,
          track: segment.track,
          startMs: segment.start_ms,
          endMs: segment.end_ms,
          ...cipher.unsealJson<SegmentContent>(segmentField(row.revision, segment.id), segment.content),
        })),
      };
    },

    async listRevisions(id) {
      return (await revisionsOf(db, owner, id)).map(toRevision);
    },
  };

  async function putSegments(id: string, revision: number, segments: readonly Segment[]): Promise<void> {
    if (segments.length === 0) return;
    const cipher = await loadCipher(context, id);
    const before = (await revisionRow(id, revision)).segments;
    for (let start = 0; start < segments.length; start += INSERT_ROWS) {
      const values = segments.slice(start, start + INSERT_ROWS).map((segment) => {
        const content: SegmentContent = {
          text: segment.text,
          speaker: segment.speaker,
          words: segment.words,
        };
        return {
          user_id: owner,
          recording_id: id,
          revision,
          id: segment.id,
          track: segment.track,
          start_ms: segment.startMs,
          end_ms: segment.endMs,
          content: cipher.sealJson(segmentField(revision, segment.id), content),
        };
      });
      await db
        .insertInto('segments')
        .values(values)
        .onConflict((conflict) =>
          conflict.columns(['user_id', 'recording_id', 'revision', 'id']).doUpdateSet(({ ref }) => ({
            track: ref('excluded.track'),
            start_ms: ref('excluded.start_ms'),
            end_ms: ref('excluded.end_ms'),
            content: ref('excluded.content'),
          })),
        )
        .execute();
    }
    const after = await countSegments(id, revision);
    await updateRevision(id, revision).set({ segments: after }).execute();
    if (after < before + segments.length) await forgetIndexed(id, revision);
  }

  /** Segments were replaced, so what was indexed of this revision may be wrong. */
  async function forgetIndexed(id: string, revision: number): Promise<void> {
    await db
      .updateTable('passage_indexes')
      .set({ segments: 0 })
      .where('user_id', '=', owner)
      .where('recording_id', '=', id)
      .where('revision', '=', revision)
      .execute();
  }
}
