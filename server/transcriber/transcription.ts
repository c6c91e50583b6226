import type { Message } from '@speakr/contracts/events';
import type { Segment, Transcript } from '@speakr/contracts/transcript';
import type { LogChunk } from '../audio-log/audio-log.ts';
import type { Captions } from '../captions/captions.ts';
import type { Clock } from '../clock.ts';
import type { Store } from '../store/store.ts';
import { transcribeBatch } from './batch-session.ts';
import { transcribeLive } from './live-session.ts';
import type { Recognizer } from './recognizer.ts';
import { FRAME_SAMPLES } from './silero-frames.ts';
import { SAMPLES_PER_MS } from './speech-policy.ts';
import { createStateReporter, type StateReporter, type TrackProgress } from './state-reporter.ts';
import type { VoiceActivity } from './voice-activity.ts';

/** One run of `transcription.run.v1`: all tracks of one revision of one recording. */
export interface TranscriptionOptions {
  readonly owner: string;
  readonly run: Message<'transcription.run.v1'>['data'];
  readonly tracks: readonly number[];
  readonly recognizer: Recognizer;
  readonly voiceActivity: VoiceActivity;
  readonly store: Store;
  readonly captions: Captions;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** A track from a sample on; ends when the recording has ended and all of it is read. */
  readonly openAudio: (track: number, fromSample: number) => AsyncIterable<LogChunk>;
  /** Samples of each track that are there by now; undefined when unknown. */
  readonly available: () => Promise<ReadonlyMap<number, number> | undefined>;
}

/**
 * Transcribes what is not in the store yet: goes on at the end of each track's last kept segment. Keeps finals in the
 * order of the audio, and publishes captions.
 * @returns how many samples of each track were read in all
 */
export async function transcribe(options: TranscriptionOptions): Promise<Map<number, number>> {
  const { run, owner, store } = options;
  const transcript = await store.transaction(owner, (tx) => tx.getTranscript(run.recordingId, run.revision));
  const progress = new Map<number, TrackProgress>();
  for (const track of options.tracks) progress.set(track, whereToGoOn(transcript, track));
  const state = createStateReporter(options, progress);
  const keep = createKeeper(options, progress, state);
  const transcribeTrack = run.mode === 'live' ? transcribeLiveTrack : transcribeBatchTrack;
  const failed = new AbortController();
  const signal = AbortSignal.any([options.signal, failed.signal]);
  await Promise.all(
    options.tracks.map((track) =>
      transcribeTrack({ ...options, signal }, track, progress.get(track) as TrackProgress, keep, state).catch(
        (error) => {
          // The other tracks shall not run on for a session that failed.
          failed.abort(error);
          throw error;
        },
      ),
    ),
  );
  return new Map([...progress].map(([track, { readSamples }]) => [track, readSamples]));
}

type Keep = (track: number, segments: readonly Segment[], throughSample: number) => Promise<void>;

function whereToGoOn(transcript: Transcript | undefined, track: number): TrackProgress {
  const segments = transcript?.segments.filter((segment) => segment.track === track) ?? [];
  const endMs = Math.max(0, ...segments.map((segment) => segment.endMs));
  const next = Math.max(-1, ...segments.map((segment) => Number(segment.id.split('.')[2]))) + 1;
  const fromSample = Math.floor((endMs * SAMPLES_PER_MS) / FRAME_SAMPLES) * FRAME_SAMPLES;
  return { readSamples: fromSample, throughSample: fromSample, segments: next };
}

/** Writes finals, their receipt and their event in one transaction, then tells the socket. */
function createKeeper(
  { store, owner, run, captions }: TranscriptionOptions,
  progress: ReadonlyMap<number, TrackProgress>,
  state: StateReporter,
): Keep {
  const { recordingId, revision } = run;
  return async (track, segments, throughSample) => {
    const of = progress.get(track) as TrackProgress;
    of.throughSample = Math.max(of.throughSample, throughSample);
    if (segments.length > 0) {
      await store.transaction(owner, async (tx) => {
        await tx.putSegments(recordingId, revision, segments);
        const count = [...progress.values()].reduce((sum, { segments }) => sum + segments, 0);
        await tx.publish('segments.finalized.v1', { recordingId, revision, segments: count });
      });
      for (const { id, startMs, endMs, text } of segments)
        captions.publish(recordingId, {
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
  };
}

async function transcribeBatchTrack(
  options: TranscriptionOptions,
  track: number,
  progress: TrackProgress,
  keep: Keep,
  state: StateReporter,
): Promise<void> {
  const { run, recognizer, voiceActivity, signal } = options;
  const fromSample = progress.readSamples;
  const results = transcribeBatch({
    chunks: counted(options.openAudio(track, fromSample), progress),
    fromSample,
    recognizer,
    voiceActivity,
    language: run.language,
    session: run.recordingId,
    signal,
    onRead: () => state.changed(),
  });
  for await (const { sentences, throughSample, decodeSeconds } of results) {
    state.decoded(decodeSeconds);
    const segments = sentences.map((sentence) => ({
      ...sentence,
      id: `${run.revision}.${track}.${progress.segments++}`,
      track,
    }));
    await keep(track, segments, throughSample);
  }
  progress.throughSample = progress.readSamples;
  state.ended();
}

async function transcribeLiveTrack(
  options: TranscriptionOptions,
  track: number,
  progress: TrackProgress,
  keep: Keep,
  state: StateReporter,
): Promise<void> {
  const { run, recognizer, voiceActivity, signal, clock, captions } = options;
  const { recordingId, revision } = run;
  const fromSample = progress.readSamples;
  const firstSegment = progress.segments;
  const idOf = (segment: number) => `${revision}.${track}.${firstSegment + segment}`;
  await transcribeLive({
    chunks: counted(options.openAudio(track, fromSample), progress),
    fromSample,
    available: () => state.available(track),
    recognizer,
    voiceActivity,
    language: run.language,
    session: recordingId,
    clock,
    signal,
    onPartial({ segment, ...shown }) {
      captions.publish(recordingId, { type: 'partial', segmentId: idOf(segment), track, ...shown });
    },
    async onFinal({ segment, text, startMs, endMs, words, throughSample, shown }) {
      progress.segments = firstSegment + segment + 1;
      const final = { id: idOf(segment), track, startMs, endMs, text, words };
      await keep(track, text === '' ? [] : [final], throughSample);
      // What was shown and came to nothing is taken back.
      if (text === '' && shown)
        captions.publish(recordingId, {
          type: 'final',
          segmentId: final.id,
          track,
          startMs,
          endMs,
          text,
          stable: '',
        });
    },
    onState({ mode, lagMs, throughSample }) {
      progress.throughSample = Math.max(progress.throughSample, throughSample);
      state.live(track, mode, lagMs);
    },
  });
  progress.throughSample = progress.readSamples;
}

async function* counted(chunks: AsyncIterable<LogChunk>, progress: TrackProgress): AsyncGenerator<LogChunk> {
  for await (const chunk of chunks) {
    progress.readSamples += 'pcm' in chunk ? chunk.pcm.byteLength >> 1 : chunk.gapSamples;
    yield chunk;
  }
}
