import type { KeyObject } from 'node:crypto';
import { sql } from 'kysely';
import { loadCipher, type OwnerContext } from './owner-context.ts';
import { passageIndexes } from './passage-indexes.ts';
import { termHash } from './passage-page.ts';
import { hasTags } from './recording-list.ts';
import { openRecording, recordingColumns } from './recording-row.ts';
import type { FoundPassage, OwnerStore, Passage, PassageMatch, SearchFilter } from './store.ts';

/** Rows of one insert: PostgreSQL takes 65,535 values in a statement. */
const INSERT_ROWS = 500;

/** What is sealed of a passage. */
type PassageContent = Pick<Passage, 'text' | 'speaker'>;

export const contentField = (position: number) => `passage/${position}`;
/** PostgreSQL has no unsigned numbers. */
export function signedHash(blindKey: KeyObject, term: string): string {
  const { low, high } = termHash(blindKey, term);
  return BigInt.asIntN(64, (BigInt(high) << 32n) | BigInt(low)).toString();
}

const vectorText = (vector: Float32Array) => `[${vector.join(',')}]`;

/** Passages as rows: vectors are readable, because the database compares them (docs/security.md). */
export function rowPassages(
  context: OwnerContext,
): Pick<OwnerStore, 'putPassages' | 'loadPassages' | 'scanPassages' | 'forgetPassages'> {
  const { db, owner, keys } = context;
  const indexes = passageIndexes(context);

  const hash = (term: string) => signedHash(keys.blindKey, term);

  const endBefore = async (id: string, model: string, position: number) => {
    const row = await db
      .selectFrom('passages')
      .select('end_ms')
      .where('user_id', '=', owner)
      .where('recording_id', '=', id)
      .where('model', '=', model)
      .where('position', '=', position - 1)
      .executeTakeFirst();
    return row?.end_ms ?? 0;
  };

  const chosen = (model: string, filter: SearchFilter) => {
    let query = db
      .selectFrom('recordings')
      .innerJoin('passage_indexes', (join) =>
        join
          .onRef('passage_indexes.user_id', '=', 'recordings.user_id')
          .onRef('passage_indexes.recording_id', '=', 'recordings.id'),
      )
      .where('recordings.user_id', '=', owner)
      .where('recordings.cancelled_at', 'is', null)
      .where('passage_indexes.model', '=', model)
      .where('passage_indexes.passages', '>', 0);
    if (filter.recordingId !== undefined) query = query.where('recordings.id', '=', filter.recordingId);
    if (filter.without?.length) query = query.where('recordings.id', 'not in', filter.without);
    if (filter.since !== undefined) query = query.where('recordings.started_at', '>=', filter.since);
    if (filter.until !== undefined) query = query.where('recordings.started_at', '<', filter.until);
    return query;
  };

  /** Tags are sealed: they can be compared only here. */
  const withTags = async (model: string, filter: SearchFilter) => {
    const rows = await chosen(model, filter)
      .select(recordingColumns.map((column) => `recordings.${column}` as const))
      .execute();
    return rows.flatMap((row) => {
      const { recording } = openRecording(context, row);
      return hasTags(recording, filter.tags) ? [row.id] : [];
    });
  };

  return {
    async putPassages(id, revision, fromIndex, passages, segments, named) {
      const cipher = await loadCipher(context, id);
      const { there, model, dimensions } = await indexes.plan(id, fromIndex, passages, named);
      await db
        .deleteFrom('passages')
        .where('user_id', '=', owner)
        .where('recording_id', '=', id)
        .where('model', '=', model)
        .where('position', '>=', there === 0 ? 0 : fromIndex)
        .execute();
      const rows = passages.map(({ startMs, endMs, text, speaker, vector, terms }, offset) => ({
        user_id: owner,
        recording_id: id,
        model,
        position: fromIndex + offset,
        start_ms: startMs,
        end_ms: endMs,
        vector: vectorText(vector),
        terms: terms.map(hash).sort(),
        content: cipher.sealJson(contentField(fromIndex + offset), {
          text,
          speaker,
        } satisfies PassageContent),
      }));
      for (let start = 0; start < rows.length; start += INSERT_ROWS) {
        await db
          .insertInto('passages')
          .values(rows.slice(start, start + INSERT_ROWS))
          .execute();
      }
      await indexes.note(id, {
        revision,
        model,
        dimensions,
        passages: fromIndex + passages.length,
        end_ms: passages.at(-1)?.endMs ?? (await endBefore(id, model, fromIndex)),
        segments,
      });
    },

    async loadPassages(refs, model) {
      const wanted = sql<{ recording_id: string; position: number }>`unnest(
        ${refs.map((ref) => ref.recordingId)}::text[], ${refs.map((ref) => ref.index)}::int[]
      )`.as<'wanted'>(sql`wanted (recording_id, position)`);
      const rows = await db
        .selectFrom('passages')
        .innerJoin(wanted, (join) =>
          join
            .onRef('wanted.recording_id', '=', 'passages.recording_id')
            .onRef('wanted.position', '=', 'passages.position'),
        )
        .innerJoin('recordings', (join) =>
          join
            .onRef('recordings.user_id', '=', 'passages.user_id')
            .onRef('recordings.id', '=', 'passages.recording_id'),
        )
        .innerJoin('passage_indexes', (join) =>
          join
            .onRef('passage_indexes.user_id', '=', 'passages.user_id')
            .onRef('passage_indexes.recording_id', '=', 'passages.recording_id')
            .onRef('passage_indexes.model', '=', 'passages.model'),
        )
        .select(recordingColumns.map((column) => `recordings.${column}` as const))
        .select(['passages.position', 'passages.start_ms', 'passages.end_ms', 'passages.content'])
        .select(['passage_indexes.revision as indexed', 'passage_indexes.model as embedder'])
        .where('passages.user_id', '=', owner)
        .where('passages.model', '=', model)
        .execute();
      const found = new Map<string, PassageMatch>();
      for (const row of rows) {
        const { recording, cipher } = openRecording(context, row);
        found.set(`${row.id}/${row.position}`, {
          recordingId: row.id,
          revision: row.indexed,
          index: row.position,
          startMs: row.start_ms,
          endMs: row.end_ms,
          ...cipher.unsealJson<PassageContent>(contentField(row.position), row.content),
          model: row.embedder,
          title: recording.title,
          tags: recording.tags,
          startedAt: recording.startedAt,
          speakers: recording.speakers ?? {},
        });
      }
      return refs.flatMap((ref) => found.get(`${ref.recordingId}/${ref.index}`) ?? []);
    },

    async forgetPassages(keep) {
      for (const table of ['passages', 'passage_indexes'] as const) {
        await db
          .deleteFrom(table)
          .where('user_id', '=', owner)
          .where('model', 'not in', [...keep])
          .execute();
      }
    },

    async scanPassages(model, filter) {
      const tagged = filter.tags?.length ? await withTags(model, filter) : undefined;
      const narrowed = () => {
        const query = chosen(model, filter);
        return tagged === undefined
          ? query
          : query.where('recordings.id', '=', sql<string>`any(${tagged}::text[])`);
      };
      const languages = await narrowed()
        .select((eb) => ['recordings.language', eb.fn.sum<number>('passage_indexes.passages').as('passages')])
        .groupBy('recordings.language')
        .execute();

      return {
        count: languages.reduce((sum, { passages }) => sum + Number(passages), 0),
        languages: languages.map(({ language }) => language),
        async find({ terms, vector, nearest }) {
          const hashes = terms.map(hash);
          const similarity = vector
            ? sql<number>`-(vector <#> ${vectorText(vector)}::halfvec)`
            : sql<number>`0::float8`;
          const frequencies = sql<number[]>`array[${sql.join(
            hashes.map((each) => sql`cardinality(array_positions(terms, ${each}::bigint))`),
          )}]::int[]`;
          const holds = sql<boolean>`terms && ${hashes}::bigint[]`;
          // One pass over the owner's rows does both halves of the search: see docs/adr/0013.
          const rows = await db
            .with(
              (cte) => cte('mine').materialized(),
              (query) =>
                query
                  .selectFrom('passages')
                  .select(['recording_id', 'position'])
                  .select([
                    similarity.as('similarity'),
                    sql<number>`cardinality(terms)`.as('length'),
                    sql<number[] | null>`case when ${holds} then ${frequencies} end`.as('frequencies'),
                  ])
                  .where('user_id', '=', owner)
                  .where('model', '=', model)
                  .where('recording_id', 'in', narrowed().select('recordings.id')),
            )
            .with('near', (query) =>
              query
                .selectFrom('mine')
                .selectAll()
                .where('frequencies', 'is', null)
                .orderBy('similarity', 'desc')
                .limit(nearest),
            )
            .with('mean', (query) =>
              query.selectFrom('mine').select(sql<number>`coalesce(avg(length), 0)::float8`.as('mean')),
            )
            .selectFrom('mean')
            .leftJoin(
              (query) =>
                query
                  .selectFrom('mine')
                  .selectAll()
                  .where('frequencies', 'is not', null)
                  .unionAll(query.selectFrom('near').selectAll())
                  .as('found'),
              (join) => join.onTrue(),
            )
            .select(['mean', 'recording_id', 'position', 'similarity', 'length', 'frequencies'])
            .execute();
          const passages = rows.flatMap((row): FoundPassage[] =>
            row.recording_id === null
              ? []
              : [
                  {
                    recordingId: row.recording_id,
                    index: row.position!,
                    similarity: row.similarity!,
                    length: row.length!,
                    frequencies: row.frequencies ?? terms.map(() => 0),
                  },
                ],
          );
          return { passages, meanLength: rows[0]?.mean ?? 0 };
        },
      };
    },
  };
}
