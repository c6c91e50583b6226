import type { KeyObject } from 'node:crypto';
import type { OwnerContext } from './owner-context.ts';
import { searchField } from './page-passages.ts';
import { PAGE_PASSAGES, type SearchPage, termHash, termsOfPage, viewSearchPage } from './passage-page.ts';
import type { RecordingCipher } from './recording-cipher.ts';
import { hasTags } from './recording-list.ts';
import { openRecording, recordingColumns } from './recording-row.ts';
import type { OwnerStore, PassageRef, SearchFilter } from './store.ts';

/** Recordings whose pages are read with one query: bounds how much ciphertext is in memory. */
const BATCH = 50;

/** The terms of a page, and the number its first passage has among all candidates. */
interface PlacedPage extends Omit<SearchPage, 'vectors' | 'dimensions'> {
  readonly base: number;
}

/** Frequencies of the terms in each passage that holds one. */
function holders(pages: readonly PlacedPage[], blindKey: KeyObject, terms: readonly string[]) {
  const wanted = new Map<number, { high: number; term: number }[]>();
  for (const [term, text] of terms.entries()) {
    const { low, high } = termHash(blindKey, text);
    wanted.set(low, [...(wanted.get(low) ?? []), { high, term }]);
  }
  const found = new Map<number, number[]>();
  for (const page of pages) {
    for (let index = 0; index < page.count; index++) {
      for (let at = page.offsets[index]!; at < page.offsets[index + 1]!; at++) {
        for (const { high, term } of wanted.get(page.low[at]!) ?? []) {
          if (high !== page.high[at]) continue;
          const frequencies = found.get(page.base + index) ?? terms.map(() => 0);
          frequencies[term] = page.frequencies[at]!;
          found.set(page.base + index, frequencies);
        }
      }
    }
  }
  return found;
}

/** Dot product of every vector with `question`. */
function similarities(vectors: Float32Array, question: Float32Array, count: number): Float32Array {
  const found = new Float32Array(count);
  for (let passage = 0, offset = 0; passage < count; passage++, offset += question.length) {
    let sum = 0;
    for (let d = 0; d < question.length; d++) sum += vectors[offset + d]! * question[d]!;
    found[passage] = sum;
  }
  return found;
}

/** Where the highest values are, highest first; of equals the first. */
function highest(values: Float32Array, count: number): number[] {
  const best: number[] = [];
  for (let at = 0; at < values.length; at++) {
    const value = values[at]!;
    if (best.length === count && (count === 0 || value <= values[best.at(-1)!]!)) continue;
    const place = best.findIndex((other) => values[other]! < value);
    best.splice(place === -1 ? best.length : place, 0, at);
    if (best.length > count) best.pop();
  }
  return best;
}

/** Reads everything the owner has, and compares it all: the exact scan. */
export function pageScan(context: OwnerContext): Pick<OwnerStore, 'scanPassages'> {
  const { db, owner, keys } = context;

  const indexed = async (model: string, filter: SearchFilter) => {
    let query = db
      .selectFrom('recordings')
      .innerJoin('passage_indexes', (join) =>
        join
          .onRef('passage_indexes.user_id', '=', 'recordings.user_id')
          .onRef('passage_indexes.recording_id', '=', 'recordings.id'),
      )
      .select(recordingColumns.map((column) => `recordings.${column}` as const))
      .select(['passage_indexes.passages', 'passage_indexes.dimensions'])
      .where('recordings.user_id', '=', owner)
      .where('recordings.cancelled_at', 'is', null)
      .where('passage_indexes.model', '=', model)
      .where('passage_indexes.passages', '>', 0);
    if (filter.recordingId !== undefined) query = query.where('recordings.id', '=', filter.recordingId);
    if (filter.without?.length) query = query.where('recordings.id', 'not in', filter.without);
    if (filter.since !== undefined) query = query.where('recordings.started_at', '>=', filter.since);
    if (filter.until !== undefined) query = query.where('recordings.started_at', '<', filter.until);
    return query.orderBy('recordings.started_at', 'desc').orderBy('recordings.id', 'desc').execute();
  };

  return {
    async scanPassages(model, filter) {
      const chosen: { id: string; cipher: RecordingCipher; passages: number }[] = [];
      const languages = new Set<string>();
      let dimensions = 0;
      let total = 0;
      for (const row of await indexed(model, filter)) {
        const { recording, cipher } = openRecording(context, row);
        if (!hasTags(recording, filter.tags)) continue;
        chosen.push({ id: row.id, cipher, passages: row.passages });
        languages.add(recording.language);
        dimensions = row.dimensions;
        total += row.passages;
      }

      const refs: PassageRef[] = [];
      const vectors = new Float32Array(total * dimensions);
      const lengths = new Uint32Array(total);
      const pages: PlacedPage[] = [];
      for (let start = 0; start < chosen.length; start += BATCH) {
        const batch = chosen.slice(start, start + BATCH);
        const rows = await db
          .selectFrom('passage_pages')
          .select(['recording_id', 'page', 'search'])
          .where('user_id', '=', owner)
          .where('model', '=', model)
          .where(
            'recording_id',
            'in',
            batch.map(({ id }) => id),
          )
          .orderBy('page')
          .execute();
        const byRecording = Map.groupBy(rows, (row) => row.recording_id);
        for (const { id, cipher } of batch) {
          for (const row of byRecording.get(id) ?? []) {
            const page = viewSearchPage(cipher.unseal(searchField(row.page), row.search));
            const base = refs.length;
            vectors.set(page.vectors, base * dimensions);
            for (let index = 0; index < page.count; index++) {
              refs.push({ recordingId: id, index: row.page * PAGE_PASSAGES + index });
              for (let at = page.offsets[index]!; at < page.offsets[index + 1]!; at++) {
                lengths[base + index]! += page.frequencies[at]!;
              }
            }
            pages.push({ ...termsOfPage(page), count: page.count, base });
          }
        }
      }
      return {
        count: refs.length,
        languages: [...languages],
        async find({ terms, vector, nearest }) {
          const held = holders(pages, keys.blindKey, terms);
          const near = vector && similarities(vectors, vector, refs.length);
          const chosen = new Set([...held.keys(), ...(near ? highest(near, nearest) : [])]);
          const passages = [...chosen].map((passage) => ({
            ...refs[passage]!,
            similarity: near?.[passage] ?? 0,
            length: lengths[passage]!,
            frequencies: held.get(passage) ?? terms.map(() => 0),
          }));
          const all = lengths.reduce((sum, length) => sum + length, 0);
          return { passages, meanLength: all / Math.max(1, lengths.length) };
        },
      };
    },
  };
}
