import { totalmem } from 'node:os';
import type { ComparedPage } from './page-comparison.ts';

/** Opened pages in memory, so that a question reads again only what has changed since the one before. */
export interface HeldPages {
  /** @param stamp that the index of the recording has now: pages of another one are old */
  get(owner: string, model: string, recordingId: string, stamp: number): readonly ComparedPage[] | undefined;
  /** Holds them where there is room: what was not asked for the longest, of other owners or models, goes first. */
  put(owner: string, model: string, recordingId: string, stamp: number, pages: readonly ComparedPage[]): void;
  /** Forgets all recordings of an owner but these. */
  keepOnly(owner: string, model: string, recordingIds: ReadonlySet<string>): void;
  /** Forgets recordings of an owner; all of them when absent. */
  forget(owner: string, recordingIds?: Iterable<string>): void;
  readonly bytes: number;
  close(): void;
}

/** 140,000 passages with vectors of 384 values; less on small machines. Further ones are read for each question. */
const MOST_BYTES = Math.min(256 * 2 ** 20, totalmem() / 16);
/** What nobody asks for is not kept readable for long, ms. */
const IDLE_MS = 10 * 60_000;

export function createHeldPages({ mostBytes = MOST_BYTES, idleMs = IDLE_MS } = {}): HeldPages {
  interface Shelf {
    readonly owner: string;
    readonly recordings: Map<string, { stamp: number; pages: readonly ComparedPage[]; bytes: number }>;
  }
  /** Of each owner and model; the one that was asked for last is last. */
  const shelves = new Map<string, Shelf>();
  let bytes = 0;
  let timer: NodeJS.Timeout | undefined;

  const nameOf = (owner: string, model: string) => JSON.stringify([owner, model]);
  const take = ({ recordings }: Shelf, id: string) => {
    bytes -= recordings.get(id)?.bytes ?? 0;
    recordings.delete(id);
  };
  const drop = (name: string, shelf: Shelf) => {
    for (const id of [...shelf.recordings.keys()]) take(shelf, id);
    shelves.delete(name);
  };
  const touch = (owner: string, model: string): Shelf => {
    const name = nameOf(owner, model);
    const shelf = shelves.get(name) ?? { owner, recordings: new Map() };
    shelves.delete(name);
    shelves.set(name, shelf);
    clearTimeout(timer);
    timer = setTimeout(() => {
      for (const [name, shelf] of [...shelves]) drop(name, shelf);
    }, idleMs);
    timer.unref();
    return shelf;
  };

  return {
    get bytes() {
      return bytes;
    },
    get(owner, model, recordingId, stamp) {
      const found = shelves.get(nameOf(owner, model))?.recordings.get(recordingId);
      return found?.stamp === stamp ? found.pages : undefined;
    },
    put(owner, model, recordingId, stamp, pages) {
      const shelf = touch(owner, model);
      take(shelf, recordingId);
      const more = pages.reduce((sum, page) => sum + page.bytes, 0);
      for (const [name, other] of [...shelves]) {
        if (bytes + more <= mostBytes) break;
        if (other !== shelf) drop(name, other);
      }
      if (bytes + more > mostBytes) return;
      shelf.recordings.set(recordingId, { stamp, pages, bytes: more });
      bytes += more;
    },
    keepOnly(owner, model, recordingIds) {
      const shelf = touch(owner, model);
      for (const id of [...shelf.recordings.keys()]) if (!recordingIds.has(id)) take(shelf, id);
    },
    forget(owner, recordingIds) {
      for (const [name, shelf] of [...shelves]) {
        if (shelf.owner !== owner) continue;
        if (recordingIds === undefined) drop(name, shelf);
        else for (const id of recordingIds) take(shelf, id);
      }
    },
    close() {
      clearTimeout(timer);
      for (const [name, shelf] of [...shelves]) drop(name, shelf);
    },
  };
}
