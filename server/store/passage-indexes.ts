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
  const row = (id: string) =>
    db
      .selectFrom('passage_indexes')
      .selectAll()
      .where('user_id', '=', owner)
      .where('recording_id', '=', id)
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
    async plan(id: string, fromIndex: number, passages: readonly Passage[]): Promise<PassageChange> {
      const before = await row(id);
      const there = before?.passages ?? 0;
      if (fromIndex < 0 || fromIndex > there) {
        throw new RangeError(`Passages cannot go on at ${fromIndex}: there are ${there}.`);
      }
      const dimensions = passages[0]?.vector.length ?? before?.dimensions ?? 0;
      const model = passages[0]?.model ?? before?.model ?? '';
      if (fromIndex > 0 && (before?.model !== model || before.dimensions !== dimensions)) {
        throw new RangeError('Passages of one recording have vectors of one model.');
      }
      return { there, model, dimensions };
    },

    /** Notes what is indexed now. */
    async note(
      id: string,
      indexed: Omit<IndexRow, 'user_id' | 'recording_id' | 'segments'> & { segments?: number },
    ): Promise<void> {
      const changed = { ...indexed, segments: indexed.segments ?? (await segmentsOf(id, indexed.revision)) };
      await db
        .insertInto('passage_indexes')
        .values({ user_id: owner, recording_id: id, ...changed })
        .onConflict((conflict) => conflict.columns(['user_id', 'recording_id']).doUpdateSet(changed))
        .execute();
    },

    queries: {
      async indexState(id) {
        const found = await row(id);
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
              .onRef('passage_indexes.recording_id', '=', 'revisions.recording_id'),
          )
          .select([
            'revisions.recording_id as id',
            'revisions.revision',
            'revisions.complete',
            'revisions.segments',
            'passage_indexes.revision as indexed_revision',
            'passage_indexes.segments as indexed_segments',
            'passage_indexes.passages',
            'passage_indexes.model',
          ])
          .where('revisions.user_id', '=', owner)
          .where('recordings.cancelled_at', 'is', null)
          .execute();
        const stale: string[] = [];
        for (const [id, rows] of Map.groupBy(revisions, (row) => row.id)) {
          const current = currentRevision(rows)!;
          const isIndexed =
            current.indexed_revision === current.revision &&
            current.indexed_segments! >= current.segments &&
            (current.passages === 0 || current.model === model);
          const hasNothing = current.segments === 0 && current.indexed_revision === null;
          if (!isIndexed && !hasNothing) stale.push(id);
        }
        return stale;
      },
    } satisfies Pick<OwnerStore, 'indexState' | 'staleIndexes'>,
  };
}
