import type { Segment } from '@speakr/contracts/transcript';
import type { OwnerStore } from '../store/store.ts';
import type { SpokenSentence } from './decode-window.ts';
import type { StateReporter, TrackProgress } from './state-reporter.ts';
import type { TranscriptionOptions } from './transcription.ts';

/** Writes segments with their receipt and event in one transaction, then tells the socket. One after the other. */
export interface TranscriptKeeper {
  /** Adds finals of a track. Echoes are counted in the receipt and left out. */
  keep(
    track: number,
    segments: readonly Segment[],
    throughSample: number,
    echoes?: readonly Pick<Segment, 'startMs' | 'endMs'>[],
  ): Promise<void>;
  /**
   * Replaces live segments of a track in the revision of the second pass, which begins with the first call as a copy of
   * the live one. It is whole at any moment: what was not revised is there as it was heard live, with its id.
   */
  revise(track: number, replaced: readonly Segment[], sentences: readonly SpokenSentence[]): Promise<void>;
}

export interface TranscriptKeeperOptions
  extends Pick<TranscriptionOptions, 'store' | 'owner' | 'run' | 'lease' | 'captions'> {
  readonly progress: ReadonlyMap<number, TrackProgress>;
  readonly state: StateReporter;
}

/** The revision that a live recording's second pass writes. */
export const secondPassRevision = (liveRevision: number) => liveRevision + 1;

export function createTranscriptKeeper(options: TranscriptKeeperOptions): TranscriptKeeper {
  const { store, owner, lease, captions, progress, state } = options;
  const { recordingId, revision, language } = options.run;
  const second = secondPassRevision(revision);
  let before: Promise<unknown> = Promise.resolve();

  /** Both revisions must see everything: no call begins before the one before has ended. */
  const inTurn = <Result>(work: (own: OwnerStore) => Promise<Result>): Promise<Result> => {
    const leased = async (own: OwnerStore) => {
      await own.demandLease(recordingId, revision, lease);
      return work(own);
    };
    const result = before.then(() => store.transaction(owner, leased));
    before = result.catch(() => {});
    return result;
  };
  const hasBegun = async (own: OwnerStore) =>
    (await own.listRevisions(recordingId)).some((each) => each.revision === second);
  const begin = async (own: OwnerStore) => {
    const live = await own.getTranscript(recordingId, revision);
    if (live === undefined) throw new Error('there is no live revision');
    const { model, segments } = live;
    await own.beginRevision(recordingId, { revision: second, origin: 'second-pass', language, model });
    await own.putSegments(recordingId, second, segments);
  };
  const count = () => [...progress.values()].reduce((sum, { segments }) => sum + segments, 0);

  const countEchoes = async (own: OwnerStore, echoes: readonly Pick<Segment, 'startMs' | 'endMs'>[]) => {
    const recording = await own.getRecording(recordingId);
    if (recording === undefined) return;
    const { segments, durationMs } = recording.receipt.echo ?? { segments: 0, durationMs: 0 };
    const length = echoes.reduce((sum, { startMs, endMs }) => sum + endMs - startMs, 0);
    const echo = { segments: segments + echoes.length, durationMs: durationMs + length };
    await own.updateRecording(recordingId, { receipt: { ...recording.receipt, echo } });
  };

  return {
    async keep(track, segments, throughSample, echoes = []) {
      const of = progress.get(track) as TrackProgress;
      of.throughSample = Math.max(of.throughSample, throughSample);
      if (echoes.length > 0) await inTurn((own) => countEchoes(own, echoes));
      if (segments.length > 0) {
        await inTurn(async (own) => {
          await own.putSegments(recordingId, revision, segments);
          const revised = await hasBegun(own);
          if (revised) await own.putSegments(recordingId, second, segments);
          await own.publish('segments.finalized.v1', {
            recordingId,
            revision: revised ? second : revision,
            segments: count(),
          });
        });
        for (const { id, startMs, endMs, text } of segments)
          captions.publish(owner, recordingId, {
            type: 'final',
            segmentId: id,
            track,
            startMs,
            endMs,
            text,
            stable: text,
          });
      }
      state.changed();
    },

    async revise(track, replaced, sentences) {
      const of = progress.get(track) as TrackProgress;
      const segments = sentences.map((sentence) => ({
        ...sentence,
        id: `${second}.${track}.${of.revised++}`,
        track,
      }));
      const ids = replaced.map(({ id }) => id);
      await inTurn(async (own) => {
        if (!(await hasBegun(own))) await begin(own);
        await own.replaceSegments(recordingId, second, ids, segments);
        await own.publish('segments.finalized.v1', { recordingId, revision: second, segments: count() });
      });
      captions.publish(owner, recordingId, {
        type: 'revised',
        revision: second,
        replaces: ids,
        segments: segments.map(({ words: _, ...shown }) => shown),
      });
    },
  };
}
