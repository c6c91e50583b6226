import type { Segment, Transcript } from '@speakr/contracts/transcript';
import type { Bus } from '../bus/bus.ts';
import type { Log } from '../observability/log.ts';
import type { OwnerStore, Store } from '../store/store.ts';
import { sentenceCase } from '../written/sentence-case.ts';
import { writtenSegment } from '../written/written-form.ts';

export interface NlpOptions {
  readonly bus: Bus;
  readonly store: Store;
  readonly log: Log;
  /** Else messages are taken and nothing is done. */
  readonly enabled: boolean;
}

/** What a machine has heard. What people wrote, or brought along, is theirs. */
const heard: ReadonlySet<Transcript['origin']> = new Set(['live', 'batch', 'second-pass', 'retranscription']);

/**
 * Writes transcripts as people write: numbers, dates, amounts and units in digits, sentences where the engine gives
 * none. It comes after the transcript, as the consumer `nlp`, and makes a revision of its own, so that it can neither
 * delay nor change what was heard; where nothing is to be written otherwise, it makes none.
 */
export function registerNlp({ bus, store, log, enabled }: NlpOptions): void {
  bus.consume({
    name: 'nlp',
    types: ['transcription.completed.v1'],
    concurrency: 2,
    async handle({ message: { owner, data, correlationid } }) {
      if (!enabled) return;
      const { recordingId } = data;
      const found = await store.read(owner, async (own) => ({
        transcript: await current(own, data),
        names: await own.keyTerms(recordingId),
      }));
      if (found.transcript === undefined) return;
      const segments = written(found.transcript, found.names);
      const revision = await store.transaction(owner, async (own) => {
        // Somebody may have edited it, or asked for another transcription, meanwhile.
        const transcript = await current(own, data);
        if (transcript === undefined) return undefined;
        const next = segments === undefined ? transcript.revision : await put(own, transcript, segments);
        await own.publish('nlp.postprocessed.v1', { recordingId, revision: next }, correlationid);
        return next;
      });
      if (revision !== undefined) log.debug({ recordingId, revision }, 'written out');
    },
  });
}

/** The transcript a message speaks of, as long as it is the newest and nothing is about to replace it. */
async function current(
  own: OwnerStore,
  { recordingId, revision }: { recordingId: string; revision: number },
): Promise<Transcript | undefined> {
  const recording = await own.getRecording(recordingId);
  if (recording?.state !== 'ready') return undefined;
  const transcript = await own.getTranscript(recordingId);
  const isIt = transcript?.revision === revision && transcript.complete && heard.has(transcript.origin);
  return isIt ? transcript : undefined;
}

/** @returns undefined when it is written so already */
function written({ segments, language }: Transcript, names: readonly string[]): Segment[] | undefined {
  const sentences = sentenceCase(segments, language, names);
  const result = sentences.map((segment) => writtenSegment(segment, language));
  return result.some((segment, index) => segment !== segments[index]) ? result : undefined;
}

async function put(
  own: OwnerStore,
  { recordingId, revision, language, model }: Transcript,
  segments: readonly Segment[],
): Promise<number> {
  const next = revision + 1;
  await own.beginRevision(recordingId, { revision: next, origin: 'post-processing', language, model });
  await own.putSegments(recordingId, next, segments);
  await own.completeRevision(recordingId, next);
  return next;
}
