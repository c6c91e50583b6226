import { randomInt } from 'node:crypto';
import { loadCipher, type OwnerContext } from './owner-context.ts';
import { passageIndexes } from './passage-indexes.ts';
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
import type { OwnerStore, PassageMatch } from './store.ts';

export const searchField = (page: number) => `passages/${page}/search`;
/** The widest `randomInt` makes. */
const MOST_STAMP = 2 ** 48 - 1;
const textsField = (page: number) => `passages/${page}/texts`;

/** Passages in sealed pages: nothing of them is readable in the database. */
export function pagePassages(
  context: OwnerContext,
): Pick<OwnerStore, 'putPassages' | 'loadPassages' | 'forgetPassages'> {
  const { db, owner, keys } = context;

  const indexes = passageIndexes(context);

  const openTexts = (cipher: RecordingCipher, row: { page: number; texts: Uint8Array }) =>
    cipher.unsealJson<PassageText[]>(textsField(row.page), row.texts);

  const pageRows = (id: string, model: string, pages: readonly number[]) =>
    db
      .selectFrom('passage_pages')
      .select(['page', 'search', 'texts'])
      .where('user_id', '=', owner)
      .where('recording_id', '=', id)
      .where('model', '=', model)
      .where('page', 'in', [...pages])
      .execute();

  /** What stays of the page in which the new passages begin. */
  const keptOf = async (id: string, model: string, cipher: RecordingCipher, fromIndex: number) => {
    const kept = fromIndex % PAGE_PASSAGES;
    if (kept === 0) return { entries: [], texts: [] };
    const [row] = await pageRows(id, model, [Math.floor(fromIndex / PAGE_PASSAGES)]);
    const search = viewSearchPage(cipher.unseal(searchField(row!.page), row!.search));
    return {
      entries: pageEntries(search).slice(0, kept),
      texts: openTexts(cipher, row!).slice(0, kept),
    };
  };

  /** End of the last passage before a page. */
  const endBefore = async (id: string, model: string, cipher: RecordingCipher, page: number) => {
    if (page === 0) return 0;
    const [row] = await pageRows(id, model, [page - 1]);
    return openTexts(cipher, row!).at(-1)!.endMs;
  };

  return {
    async putPassages(id, revision, fromIndex, passages, segments, named) {
      const cipher = await loadCipher(context, id);
      const { there, model, dimensions } = await indexes.plan(id, fromIndex, passages, named);
      const kept = await keptOf(id, model, cipher, fromIndex);
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
        .where('model', '=', model)
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
            model,
            page,
            search,
            texts: cipher.sealJson(textsField(page), texts.slice(start, end)),
          })
          .execute();
      }
      await indexes.note(id, {
        revision,
        model,
        dimensions,
        passages: fromIndex + passages.length,
        end_ms: texts.at(-1)?.endMs ?? (await endBefore(id, model, cipher, firstPage)),
        segments,
        stamp: randomInt(MOST_STAMP),
      });
    },

    async forgetPassages(keep) {
      for (const table of ['passage_pages', 'passage_indexes'] as const) {
        await db
          .deleteFrom(table)
          .where('user_id', '=', owner)
          .where('model', 'not in', [...keep])
          .execute();
      }
    },

    async loadPassages(refs, model) {
      const found = new Map<string, PassageMatch>();
      for (const [id, wanted] of Map.groupBy(refs, (ref) => ref.recordingId)) {
        const index = await indexes.row(id, model);
        const row = await db
          .selectFrom('recordings')
          .select(recordingColumns)
          .where('user_id', '=', owner)
          .where('id', '=', id)
          .executeTakeFirst();
        if (!index || !row) continue;
        const { recording, cipher } = openRecording(context, row);
        const pages = [...new Set(wanted.map((ref) => Math.floor(ref.index / PAGE_PASSAGES)))];
        for (const pageRow of await pageRows(id, model, pages)) {
          for (const [position, text] of openTexts(cipher, pageRow).entries()) {
            const match: PassageMatch = {
              recordingId: id,
              revision: index.revision,
              index: pageRow.page * PAGE_PASSAGES + position,
              ...text,
              model: index.model,
              title: recording.title,
              tags: recording.tags,
              startedAt: recording.startedAt,
              speakers: recording.speakers ?? {},
            };
            found.set(`${id}/${match.index}`, match);
          }
        }
      }
      return refs.flatMap((ref) => found.get(`${ref.recordingId}/${ref.index}`) ?? []);
    },
  };
}
