import type { Selectable } from 'kysely';
import type { OwnerContext } from './owner-context.ts';
import type { Tables } from './schema.ts';
import type { OwnerStore, Passage } from './store.ts';
import { currentRevision } from './transcripts.ts';

type IndexRow = Selectable<Tables['passage_indexes']>;

/** Passages that may be written. */
export interface PassageChange {
  /** How many passages there were. */
  readonly there: number;
  readonly model: string;
  readonly dimensions: number;
}

/** What is indexed of each recording: the same in every dialect, however the passages themselves lie. */
export function passageIndexes({ db, owner }: OwnerContext) {
  const row = (id: string, model: string) =>
    db
      .selectFrom('passage_indexes')
      .selectAll()
      .where('user_id', '=', owner)
      .where('recording_id', '=', id)
      .where('model', '=', model)
      .executeTakeFirst();

  const segmentsOf = async (id: string, revision: number): Promise<number> => {
    const found = await db
      .selectFrom('revisions')
      .select('segments')
      .where('user_id', '=', owner)
      .where('recording_id', '=', id)
      .where('revision', '=', revision)
      .executeTakeFirst();
    return found?.segments ?? 0;
  };

  return {
    row,

    /** @throws RangeError when the passages would leave a hole, or mix models */
    async plan(
      id: string,
      fromIndex: number,
      passages: readonly Passage[],
      named?: string,
    ): Promise<PassageChange> {
      const model = passages[0]?.model ?? named ?? '';
      if (passages.some((passage) => passage.model !== model))
        throw new RangeError('Passages that are written together have vectors of one model.');
      const before = await row(id, model);
      const there = before?.passages ?? 0;
      if (fromIndex < 0 || fromIndex > there) {
        throw new RangeError(`Passages cannot go on at ${fromIndex}: there are ${there}.`);
      }
      const dimensions = passages[0]?.vector.length ?? before?.dimensions ?? 0;
      if (fromIndex > 0 && before?.dimensions !== dimensions) {
        throw new RangeError('Vectors of one model are of one length.');
      }
      return { there, model, dimensions };
    },

    /** Notes what is indexed now. */
    async note(
      id: string,
      indexed: Omit<IndexRow, 'user_id' | 'recording_id' | 'segments' | 'stamp'> & {
        segments?: number;
        stamp?: number;
      },
    ): Promise<void> {
      const changed = { ...indexed, segments: indexed.segments ?? (await segmentsOf(id, indexed.revision)) };
      await db
        .insertInto('passage_indexes')
        .values({ user_id: owner, recording_id: id, ...changed })
        .onConflict((conflict) => conflict.columns(['user_id', 'recording_id', 'model']).doUpdateSet(changed))
        .execute();
    },

    queries: {
      async indexState(id, model) {
        const found = await row(id, model);
        return found && { revision: found.revision, passages: found.passages, endMs: found.end_ms };
      },

      async staleIndexes(model) {
        const revisions = await db
          .selectFrom('revisions')
          .innerJoin('recordings', (join) =>
            join
              .onRef('recordings.user_id', '=', 'revisions.user_id')
              .onRef('recordings.id', '=', 'revisions.recording_id'),
          )
          .leftJoin('passage_indexes', (join) =>
            join
              .onRef('passage_indexes.user_id', '=', 'revisions.user_id')
              .onRef('passage_indexes.recording_id', '=', 'revisions.recording_id')
              .on('passage_indexes.model', '=', model),
          )
          .select([
            'revisions.recording_id as id',
            'revisions.revision',
            'revisions.complete',
            'revisions.segments',
            'passage_indexes.revision as indexed_revision',
            'passage_indexes.segments as indexed_segments',
            'passage_indexes.passages',
          ])
          .where('revisions.user_id', '=', owner)
          .where('recordings.cancelled_at', 'is', null)
          .execute();
        const stale: string[] = [];
        for (const [id, rows] of Map.groupBy(revisions, (row) => row.id)) {
          const current = currentRevision(rows)!;
          const isIndexed =
            current.indexed_revision === current.revision && current.indexed_segments! >= current.segments;
          const hasNothing = current.segments === 0 && current.indexed_revision === null;
          if (!isIndexed && !hasNothing) stale.push(id);
        }
        return stale;
      },
    } satisfies Pick<OwnerStore, 'indexState' | 'staleIndexes'>,
  };
}
