import type { Transcript } from '@speakr/contracts/transcript';
import type { Bus, Delivery } from '../bus/bus.ts';
import type { Embedder } from '../embedder/embedder.ts';
import type { Log } from '../observability/log.ts';
import type { OwnerStore, Passage, PassageMatch, Store } from '../store/store.ts';
import { type PassageDraft, toPassages } from './passages.ts';
import { termsOf } from './terms.ts';

export interface IndexerOptions {
  readonly store: Store;
  readonly embedder: Embedder;
  readonly log: Log;
}

export interface IndexOptions {
  /** Leaves out the last passage, which further segments may still change. */
  readonly closedOnly?: boolean;
  readonly delivery?: Pick<Delivery, 'signal' | 'working'>;
}

export interface Indexer {
  /** Brings the search index of one recording up to its newest segments. Idempotent. */
  index(owner: string, recordingId: string, options?: IndexOptions): Promise<void>;
  /** The same for all recordings of an owner that lag behind: search calls it first. */
  indexPending(owner: string): Promise<void>;
}

/** Passages that are embedded and stored in one go; what is stored survives a crash. */
const PASSAGES_PER_STEP = 32;

/** Another process may index the same recording meanwhile; whoever comes second plans again. */
const ATTEMPTS = 3;

export function createIndexer({ store, embedder, log }: IndexerOptions): Indexer {
  async function carryOut(
    owner: string,
    { recordingId, transcript, drafts, from, segments }: Plan,
    delivery?: Pick<Delivery, 'signal' | 'working'>,
  ): Promise<void> {
    for (let first = from; first === from || first < drafts.length; first += PASSAGES_PER_STEP) {
      delivery?.signal.throwIfAborted();
      delivery?.working();
      const step = drafts.slice(first, first + PASSAGES_PER_STEP);
      const vectors = await embedder.embed(step.map(({ text }) => text));
      const passages = step.map(
        ({ startMs, endMs, text, speaker }, offset): Passage => ({
          recordingId,
          revision: transcript.revision,
          index: first + offset,
          startMs,
          endMs,
          text,
          speaker,
          vector: vectors[offset]!,
          model: embedder.model,
          terms: termsOf(text, transcript.language),
        }),
      );
      const isLast = first + PASSAGES_PER_STEP >= drafts.length;
      const covered = isLast ? segments : countSegments(drafts.slice(0, first + step.length));
      await store.transaction(owner, async (writer) => {
        // It may have been deleted meanwhile.
        if ((await writer.getRecording(recordingId)) === undefined) return;
        await writer.putPassages(recordingId, transcript.revision, first, passages, covered);
        if (!isLast) return;
        const { revision } = transcript;
        await writer.publish('embeddings.created.v1', { recordingId, revision, model: embedder.model });
      });
    }
    log.debug({ recordingId, passages: drafts.length - from }, 'indexed');
  }

  async function index(
    owner: string,
    recordingId: string,
    { closedOnly = false, delivery }: IndexOptions = {},
  ): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      const plan = await store.read(owner, (reader) =>
        planOf(reader, recordingId, embedder.model, closedOnly),
      );
      if (plan === undefined) return;
      try {
        return await carryOut(owner, plan, delivery);
      } catch (error) {
        if (!(error instanceof RangeError) || attempt === ATTEMPTS) throw error;
      }
    }
  }

  return {
    index,
    async indexPending(owner) {
      const stale = await store.read(owner, (reader) => reader.staleIndexes(embedder.model));
      for (const recordingId of stale) await index(owner, recordingId);
    },
  };
}

/**
 * Keeps the search index up to date from the bus. While a recording grows, its last passage is still open: it is left
 * out until the recording is complete, or a question needs it (`indexPending`).
 */
export function registerIndexer({ bus, ...options }: IndexerOptions & { readonly bus: Bus }): Indexer {
  const indexer = createIndexer(options);
  bus.consume({
    name: 'indexer',
    types: ['segments.finalized.v1', 'transcription.completed.v1'],
    concurrency: 1,
    handle: (delivery) => {
      const { owner, type, data } = delivery.message;
      return indexer.index(owner, data.recordingId, {
        closedOnly: type === 'segments.finalized.v1',
        delivery,
      });
    },
  });
  return indexer;
}

interface Plan {
  readonly recordingId: string;
  readonly transcript: Transcript;
  readonly drafts: readonly PassageDraft[];
  /** First passage that is not stored as it should be. */
  readonly from: number;
  /** Segments that are indexed when the plan is carried out. */
  readonly segments: number;
}

/** `undefined` when there is nothing to do. */
async function planOf(
  reader: OwnerStore,
  recordingId: string,
  model: string,
  closedOnly: boolean,
): Promise<Plan | undefined> {
  const transcript = await reader.getTranscript(recordingId);
  if (transcript === undefined) return undefined;
  const all = toPassages(transcript.segments);
  const drafts = closedOnly ? all.slice(0, -1) : all;
  const state = await reader.indexState(recordingId);
  const stored =
    state?.revision === transcript.revision
      ? await reader.loadPassages(
          Array.from({ length: state.passages }, (_, index) => ({ recordingId, index })),
        )
      : [];
  const different = drafts.findIndex((draft, index) => !isSame(stored[index], draft, model));
  if (closedOnly && different < 0) return undefined;
  const from = different < 0 ? drafts.length : different;
  const segments = closedOnly ? countSegments(drafts) : transcript.segments.length;
  return { recordingId, transcript, drafts, from, segments };
}

const countSegments = (drafts: readonly PassageDraft[]) =>
  drafts.reduce((sum, { segments }) => sum + segments, 0);

function isSame(stored: PassageMatch | undefined, draft: PassageDraft, model: string): boolean {
  return (
    stored !== undefined &&
    stored.model === model &&
    stored.text === draft.text &&
    stored.startMs === draft.startMs &&
    stored.endMs === draft.endMs
  );
}
