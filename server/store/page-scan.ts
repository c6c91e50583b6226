import { setImmediate as nextTurn } from 'node:timers/promises';
import type { HeldPages } from './held-pages.ts';
import { cipherOf, type OwnerContext } from './owner-context.ts';
import { type ComparedPage, comparedPage, highest, holderFinder } from './page-comparison.ts';
import { searchField } from './page-passages.ts';
import { PAGE_PASSAGES, viewSearchPage } from './passage-page.ts';
import { hasTags } from './recording-list.ts';
import { openRecording, recordingColumns } from './recording-row.ts';
import type { FoundPassage, OwnerStore, SearchFilter } from './store.ts';
import { dotProducts } from './vector-products.ts';

/** Recordings whose pages are read with one query: bounds how much ciphertext is in memory. */
const BATCH = 50;
/** Sockets and timers are not kept waiting longer than this by a question, ms. */
const TURN_MS = 10;

/** What is left of a page when it was compared. */
interface Compared {
  readonly recordingId: string;
  /** Number of its first passage in the recording. */
  readonly first: number;
  /** The same among all candidates. */
  readonly base: number;
  readonly lengths: Uint32Array;
}

/** Whether it lets everything of the owner through. */
const isWhole = ({ tags, since, until, recordingId, without }: SearchFilter) =>
  !tags?.length &&
  since === undefined &&
  until === undefined &&
  recordingId === undefined &&
  !without?.length;

/** Compares everything the owner has: the exact scan. Pages that were opened for an earlier question are not read. */
export function pageScan(context: OwnerContext, held: HeldPages): Pick<OwnerStore, 'scanPassages'> {
  const { db, owner, keys } = context;

  const indexed = async (model: string, filter: SearchFilter) => {
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
    const ordered = query.orderBy('recordings.started_at', 'desc').orderBy('recordings.id', 'desc');
    const needed = ['recordings.id', 'recordings.wrapped_key', 'recordings.language'] as const;
    const counted = ['passage_indexes.passages', 'passage_indexes.stamp'] as const;
    if (!filter.tags?.length) return ordered.select([...needed, ...counted]).execute();
    const rows = await ordered
      .select(recordingColumns.map((column) => `recordings.${column}` as const))
      .select(counted)
      .execute();
    return rows.filter((row) => hasTags(openRecording(context, row).recording, filter.tags));
  };
  type Indexed = Awaited<ReturnType<typeof indexed>>[number];

  /** The search halves of the pages of some recordings, by recording. */
  const readPages = async (model: string, ids: readonly string[]) => {
    if (ids.length === 0) return new Map<string, { page: number; search: Uint8Array }[]>();
    const rows = await db
      .selectFrom('passage_pages')
      .select(['recording_id', 'page', 'search'])
      .where('user_id', '=', owner)
      .where('model', '=', model)
      .where('recording_id', 'in', [...ids])
      .orderBy('page')
      .execute();
    return Map.groupBy(rows, (row) => row.recording_id);
  };

  /** The pages of all chosen recordings, one recording after the other. */
  async function* pagesOf(
    model: string,
    chosen: readonly Indexed[],
  ): AsyncGenerator<{ recordingId: string; page: ComparedPage }> {
    for (let start = 0; start < chosen.length; start += BATCH) {
      const batch = chosen.slice(start, start + BATCH).map((row) => ({
        ...row,
        pages: held.get(owner, model, row.id, row.stamp),
      }));
      const unread = batch.filter(({ pages }) => pages === undefined).map(({ id }) => id);
      const read = await readPages(model, unread);
      for (const { id, wrapped_key, stamp, pages } of batch) {
        const open = (): ComparedPage[] => {
          const cipher = cipherOf(context, id, wrapped_key);
          const opened = (read.get(id) ?? []).map(({ page, search }) =>
            comparedPage(page, viewSearchPage(cipher.unseal(searchField(page), search))),
          );
          held.put(owner, model, id, stamp, opened);
          return opened;
        };
        for (const page of pages ?? open()) yield { recordingId: id, page };
      }
    }
  }

  return {
    async scanPassages(model, filter) {
      const chosen = await indexed(model, filter);
      if (isWhole(filter)) held.keepOnly(owner, model, new Set(chosen.map(({ id }) => id)));
      const count = chosen.reduce((sum, { passages }) => sum + passages, 0);
      return {
        count,
        languages: [...new Set(chosen.map(({ language }) => language))],
        async find({ terms, vector, nearest }) {
          const holders = holderFinder(keys.blindKey, terms);
          const similarities = new Float32Array(count);
          const compared: Compared[] = [];
          const passages: FoundPassage[] = [];
          const holding = new Set<number>();
          let allTerms = 0;
          const choose = (
            { recordingId, first, base, lengths }: Compared,
            index: number,
            frequencies: readonly number[],
          ) =>
            passages.push({
              recordingId,
              index: first + index,
              similarity: similarities[base + index]!,
              length: lengths[index]!,
              frequencies,
            });

          let base = 0;
          let turnBegan = performance.now();
          for await (const { recordingId, page } of pagesOf(model, chosen)) {
            const { lengths } = page;
            const place = { recordingId, first: page.page * PAGE_PASSAGES, base, lengths };
            compared.push(place);
            if (vector) dotProducts(page.vectors, vector, similarities.subarray(base, base + page.count));
            for (const [index, frequencies] of holders(page)) {
              holding.add(base + index);
              choose(place, index, frequencies);
            }
            allTerms += page.terms;
            base += page.count;
            if (performance.now() - turnBegan < TURN_MS) continue;
            await nextTurn();
            turnBegan = performance.now();
          }
          if (vector) {
            const none = terms.map(() => 0);
            for (const at of highest(similarities.subarray(0, base), nearest)) {
              if (holding.has(at)) continue;
              const place = compared.findLast((each) => each.base <= at)!;
              choose(place, at - place.base, none);
            }
          }
          return { passages, meanLength: allTerms / Math.max(1, base) };
        },
      };
    },
  };
}
