import { withSpeakerNames } from '@speakr/contracts/speakers';
import type { Segment, Transcript } from '@speakr/contracts/transcript';
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
  /**
   * Writes a segment as the transcript will have it after post-processing, so that nothing is embedded twice. As it was
   * heard when absent.
   */
  readonly write?: WriteSegment;
}

export type WriteSegment = (segment: Segment, language: string) => Segment;

export interface IndexOptions {
  /** Leaves out what further segments or a second pass may still change. */
  readonly closedOnly?: boolean;
  /** Takes what was indexed long ago for right. */
  readonly tailOnly?: boolean;
  readonly delivery?: Pick<Delivery, 'signal' | 'working' | 'job'>;
}

export interface Indexer {
  /** Brings the search index of one recording up to its newest segments. Idempotent. */
  index(owner: string, recordingId: string, options?: IndexOptions): Promise<void>;
  /** The same for all recordings of an owner that lag behind, some excepted: search calls it first. */
  indexPending(owner: string, except?: ReadonlySet<string>): Promise<void>;
}

/** Passages that are embedded and stored in one go; what is stored survives a crash. */
const PASSAGES_PER_STEP = 32;

/** Passages at the end of the index that are looked at again while a recording grows: about five minutes. */
const TAIL_PASSAGES = 40;
/** Live speech is settled when it is this old, ms: then the second pass has been over it. */
const UNSETTLED_MS = 20_000;

/** Another process may index the same recording meanwhile; whoever comes second plans again. */
const ATTEMPTS = 3;

export function createIndexer({
  store,
  embedder,
  log,
  write = (segment) => segment,
}: IndexerOptions): Indexer {
  async function carryOut(
    owner: string,
    { recordingId, transcript, drafts, firstIndex, from, segments, isNew }: Plan,
    delivery?: Pick<Delivery, 'signal' | 'working' | 'job'>,
  ): Promise<void> {
    for (let first = from; first === from || first < drafts.length; first += PASSAGES_PER_STEP) {
      delivery?.signal.throwIfAborted();
      delivery?.working();
      delivery?.job?.progress((first - from) / Math.max(1, drafts.length - from));
      const step = drafts.slice(first, first + PASSAGES_PER_STEP);
      const vectors = await embedder.embed(step.map(({ text }) => text));
      const passages = step.map(
        ({ startMs, endMs, text, speaker }, offset): Passage => ({
          recordingId,
          revision: transcript.revision,
          index: firstIndex + first + offset,
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
      const covered = isLast
        ? segments
        : firstIndex > 0
          ? 0
          : countSegments(drafts.slice(0, first + step.length));
      await store.transaction(owner, async (writer) => {
        // It may have been deleted meanwhile.
        if ((await writer.getRecording(recordingId)) === undefined) return;
        await writer.putPassages(
          recordingId,
          transcript.revision,
          firstIndex + first,
          passages,
          covered,
          embedder.model,
        );
        if (!isLast || !isNew) return;
        const { revision } = transcript;
        await writer.publish('embeddings.created.v1', { recordingId, revision, model: embedder.model });
      });
    }
    log.debug({ recordingId, passages: drafts.length - from }, 'indexed');
  }

  async function index(
    owner: string,
    recordingId: string,
    { closedOnly = false, tailOnly = false, delivery }: IndexOptions = {},
  ): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      const plan = await store.read(owner, (reader) =>
        planOf(reader, recordingId, { model: embedder.model, closedOnly, tailOnly, write }),
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
    async indexPending(owner, except) {
      const stale = await store.read(owner, (reader) => reader.staleIndexes(embedder.model));
      for (const recordingId of stale) if (!except?.has(recordingId)) await index(owner, recordingId);
    },
  };
}

/**
 * Keeps the search index up to date from the bus. While a recording grows, its end is still open: it is left out until
 * the recording is complete, or a question needs it (`indexPending`). Work does not grow with the recording; when its
 * notes are there, and nobody waits any more, all of it is compared once.
 * @param serving the indexer of the embedder that serves now
 */
export function registerIndexer({
  bus,
  serving,
}: {
  readonly bus: Bus;
  serving(): Promise<Pick<Indexer, 'index'>>;
}): void {
  bus.consume({
    name: 'indexer',
    types: [
      'segments.finalized.v1',
      'transcription.completed.v1',
      'nlp.postprocessed.v1',
      'notes.generated.v1',
    ],
    concurrency: 1,
    async handle(delivery) {
      const { owner, type, data } = delivery.message;
      await (await serving()).index(owner, data.recordingId, {
        closedOnly: type === 'segments.finalized.v1',
        tailOnly: type !== 'notes.generated.v1',
        delivery,
      });
    },
  });
}

interface Plan {
  readonly recordingId: string;
  readonly transcript: Transcript;
  readonly drafts: readonly PassageDraft[];
  /** Number of the first draft among the passages of the recording. */
  readonly firstIndex: number;
  /** First draft that is not stored as it should be. */
  readonly from: number;
  /** Segments that are indexed when the plan is carried out; all when absent. */
  readonly segments: number | undefined;
  /** False when everything is there already. */
  readonly isNew: boolean;
}

interface PlanOptions {
  readonly model: string;
  readonly closedOnly: boolean;
  readonly tailOnly: boolean;
  readonly write: WriteSegment;
}

/** `undefined` when there is nothing to do. */
async function planOf(
  reader: OwnerStore,
  recordingId: string,
  { model, closedOnly, tailOnly, write }: PlanOptions,
): Promise<Plan | undefined> {
  const recording = await reader.getRecording(recordingId);
  if (recording === undefined) return undefined;
  // Labels, not names: those are looked up when a passage is found, so that renaming needs no new index.
  const { speakers: _, ...unnamed } = recording;
  const state = await reader.indexState(recordingId, model);
  const there = state?.passages ?? 0;
  const load = (first: number) =>
    reader.loadPassages(
      Array.from({ length: there - first }, (_, offset) => ({ recordingId, index: first + offset })),
      model,
    );
  const planFrom = async (firstIndex: number): Promise<Plan | 'changed before' | undefined> => {
    const stored = await load(firstIndex);
    const fromMs = firstIndex === 0 ? 0 : stored[0]?.startMs;
    const transcript = await reader.getTranscript(recordingId, undefined, fromMs);
    if (transcript === undefined) return undefined;
    const segments = transcript.segments.map((segment) => write(segment, transcript.language));
    const all = toPassages(withSpeakerNames(segments, unnamed));
    const drafts = closedOnly ? all.slice(0, countClosed(all, transcript)) : all;
    const different = drafts.findIndex((draft, index) => !isSame(stored[index], draft, model));
    // The first of them is compared too: what comes before it counts as the same only then.
    if (firstIndex > 0 && (different === 0 || drafts.length === 0)) return 'changed before';
    if (closedOnly && different < 0) return undefined;
    const from = different < 0 ? drafts.length : different;
    // How many are before the tail is not known here: while it grows, the index counts as behind.
    const whole = closedOnly ? (firstIndex > 0 ? 0 : countSegments(drafts)) : undefined;
    const isNew =
      state?.revision !== transcript.revision ||
      firstIndex + from < Math.max(there, firstIndex + drafts.length);
    return { recordingId, transcript, drafts, firstIndex, from, segments: whole, isNew };
  };
  if (tailOnly && there > TAIL_PASSAGES) {
    const plan = await planFrom(there - TAIL_PASSAGES);
    if (plan !== 'changed before') return plan;
  }
  const plan = await planFrom(0);
  return plan === 'changed before' ? undefined : plan;
}

/** How many passages from the start nothing will change any more. */
function countClosed(passages: readonly PassageDraft[], { origin, segments }: Transcript): number {
  const endMs = Math.max(0, ...segments.map((segment) => segment.endMs));
  const isLive = origin === 'live' || origin === 'second-pass';
  const unsettled = passages.findIndex((passage) => passage.endMs > endMs - (isLive ? UNSETTLED_MS : 0));
  return Math.max(0, Math.min(passages.length - 1, unsettled < 0 ? passages.length : unsettled));
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
