import { loadCipher, type OwnerContext } from './owner-context.ts';
import {
  encodeSearchPage,
  PAGE_PASSAGES,
  type PassageText,
  pageEntries,
  toPageEntry,
  viewSearchPage,
} from './passage-page.ts';
import type { RecordingCipher } from './recording-cipher.ts';
import { openRecording, recordingColumns } from './recording-row.ts';
import type { OwnerStore, Passage, PassageMatch } from './store.ts';
import { currentRevision } from './transcripts.ts';

export const searchField = (page: number) => `passages/${page}/search`;
const textsField = (page: number) => `passages/${page}/texts`;

type PassageQueries = Pick<OwnerStore, 'putPassages' | 'indexState' | 'staleIndexes' | 'loadPassages'>;

export function passageQueries(context: OwnerContext): PassageQueries {
  const { db, owner, keys } = context;

  const indexRow = (id: string) =>
    db
      .selectFrom('passage_indexes')
      .selectAll()
      .where('user_id', '=', owner)
      .where('recording_id', '=', id)
      .executeTakeFirst();

  const openPage = (
    cipher: RecordingCipher,
    row: { page: number; search: Uint8Array; texts: Uint8Array },
  ) => ({
    search: viewSearchPage(cipher.unseal(searchField(row.page), row.search)),
    texts: cipher.unsealJson<PassageText[]>(textsField(row.page), row.texts),
  });

  const pageRows = (id: string, pages: readonly number[]) =>
    db
      .selectFrom('passage_pages')
      .select(['page', 'search', 'texts'])
      .where('user_id', '=', owner)
      .where('recording_id', '=', id)
      .where('page', 'in', [...pages])
      .execute();

  /** What stays of the page in which the new passages begin. */
  const keptOf = async (id: string, cipher: RecordingCipher, fromIndex: number) => {
    const kept = fromIndex % PAGE_PASSAGES;
    if (kept === 0) return { entries: [], texts: [] };
    const [row] = await pageRows(id, [Math.floor(fromIndex / PAGE_PASSAGES)]);
    const page = openPage(cipher, row!);
    return { entries: pageEntries(page.search).slice(0, kept), texts: page.texts.slice(0, kept) };
  };

  /** End of the last passage before a page. */
  const endBefore = async (id: string, cipher: RecordingCipher, page: number) => {
    if (page === 0) return 0;
    const [row] = await pageRows(id, [page - 1]);
    return openPage(cipher, row!).texts.at(-1)!.endMs;
  };

  return {
    async putPassages(id, revision, fromIndex, passages, segments) {
      const cipher = await loadCipher(context, id);
      const before = await indexRow(id);
      const there = before?.revision === revision ? before.passages : 0;
      if (fromIndex < 0 || fromIndex > there) {
        throw new RangeError(
          `Passages cannot go on at ${fromIndex}: there are ${there} of revision ${revision}.`,
        );
      }
      const dimensions = passages[0]?.vector.length ?? before?.dimensions ?? 0;
      const model = passages[0]?.model ?? before?.model ?? '';
      if (fromIndex > 0 && (before?.model !== model || before.dimensions !== dimensions)) {
        throw new RangeError('Passages of one recording have vectors of one model.');
      }
      const kept = await keptOf(id, cipher, fromIndex);
      const entries = [...kept.entries, ...passages.map((passage) => toPageEntry(keys.blindKey, passage))];
      const texts: PassageText[] = [
        ...kept.texts,
        ...passages.map(({ startMs, endMs, text, speaker }) => ({ startMs, endMs, text, speaker })),
      ];
      const firstPage = Math.floor(fromIndex / PAGE_PASSAGES);
      await db
        .deleteFrom('passage_pages')
        .where('user_id', '=', owner)
        .where('recording_id', '=', id)
        .where('page', '>=', there === 0 ? 0 : firstPage)
        .execute();
      for (let start = 0; start < entries.length; start += PAGE_PASSAGES) {
        const page = firstPage + start / PAGE_PASSAGES;
        const end = start + PAGE_PASSAGES;
        const search = cipher.seal(
          searchField(page),
          encodeSearchPage(entries.slice(start, end), dimensions),
        );
        await db
          .insertInto('passage_pages')
          .values({
            user_id: owner,
            recording_id: id,
            page,
            search,
            texts: cipher.sealJson(textsField(page), texts.slice(start, end)),
          })
          .execute();
      }
      const changed = {
        revision,
        model,
        dimensions,
        passages: fromIndex + passages.length,
        end_ms: texts.at(-1)?.endMs ?? (await endBefore(id, cipher, firstPage)),
        segments: segments ?? (await segmentsOf(id, revision)),
      };
      await db
        .insertInto('passage_indexes')
        .values({ user_id: owner, recording_id: id, ...changed })
        .onConflict((conflict) => conflict.columns(['user_id', 'recording_id']).doUpdateSet(changed))
        .execute();
    },

    async indexState(id) {
      const row = await indexRow(id);
      return row && { revision: row.revision, passages: row.passages, endMs: row.end_ms };
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

    async loadPassages(refs) {
      const found = new Map<string, PassageMatch>();
      for (const [id, wanted] of Map.groupBy(refs, (ref) => ref.recordingId)) {
        const index = await indexRow(id);
        const row = await db
          .selectFrom('recordings')
          .select(recordingColumns)
          .where('user_id', '=', owner)
          .where('id', '=', id)
          .executeTakeFirst();
        if (!index || !row) continue;
        const { recording, cipher } = openRecording(context, row);
        const pages = [...new Set(wanted.map((ref) => Math.floor(ref.index / PAGE_PASSAGES)))];
        for (const pageRow of await pageRows(id, pages)) {
          const { search, texts } = openPage(cipher, pageRow);
          for (const [position, text] of texts.entries()) {
            const passage: Passage = {
              recordingId: id,
              revision: index.revision,
              index: pageRow.page * PAGE_PASSAGES + position,
              ...text,
              vector: search.vectors.subarray(
                position * search.dimensions,
                (position + 1) * search.dimensions,
              ),
              model: index.model,
              terms: [],
            };
            found.set(`${id}/${passage.index}`, {
              ...passage,
              title: recording.title,
              tags: recording.tags,
              startedAt: recording.startedAt,
            });
          }
        }
      }
      return refs.flatMap((ref) => found.get(`${ref.recordingId}/${ref.index}`) ?? []);
    },
  };

  async function segmentsOf(id: string, revision: number): Promise<number> {
    const row = await db
      .selectFrom('revisions')
      .select('segments')
      .where('user_id', '=', owner)
      .where('recording_id', '=', id)
      .where('revision', '=', revision)
      .executeTakeFirst();
    return row?.segments ?? 0;
  }
}
