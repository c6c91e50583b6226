import type { Message } from '@speakr/contracts/events';
import type { Recording } from '@speakr/contracts/recording';
import type { Segment } from '@speakr/contracts/transcript';
import type { LogChunk } from '../audio-log/audio-log.ts';
import type { Captions } from '../captions/captions.ts';
import type { Clock } from '../clock.ts';
import type { Log } from '../observability/log.ts';
import type { OwnerStore, RevisionLease, Store } from '../store/store.ts';
import { transcribeBatch } from './batch-session.ts';
import { transcribeLive } from './live-session.ts';
import type { Recognizer } from './recognizer.ts';
import { createSecondPass } from './second-pass.ts';
import { FRAME_SAMPLES } from './silero-frames.ts';
import { SAMPLES_PER_MS } from './speech-policy.ts';
import { createStateReporter, type StateReporter, type TrackProgress } from './state-reporter.ts';
import { createTrackEchoes, type TrackEcho } from './track-echoes.ts';
import { createTranscriptKeeper, secondPassRevision, type TranscriptKeeper } from './transcript-keeper.ts';
import type { VoiceActivity } from './voice-activity.ts';

/** One run of `transcription.run.v1`: all tracks of one revision of one recording. */
export interface TranscriptionOptions {
  readonly owner: string;
  readonly run: Message<'transcription.run.v1'>['data'];
  /** The right to write the revision, and that of its second pass. */
  readonly lease: RevisionLease;
  readonly tracks: Recording['tracks'];
  readonly recognizer: Recognizer;
  readonly voiceActivity: VoiceActivity;
  readonly store: Store;
  readonly captions: Captions;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly log: Pick<Log, 'warn'>;
  /** A track from a sample on; ends when the recording has ended and all of it is read. */
  readonly openAudio: (track: number, fromSample: number) => AsyncIterable<LogChunk>;
  /** Samples of each track that are there by now; undefined when unknown. */
  readonly available: () => Promise<ReadonlyMap<number, number> | undefined>;
  /** Whether nothing else is transcribed here at the moment. */
  readonly isAlone: () => boolean;
  /** Told the share of a file that is transcribed. */
  readonly onProgress?: (share: number) => void;
}

/**
 * Transcribes what is not in the store yet: goes on at the end of each track's last kept segment. Keeps finals in the
 * order of the audio, and publishes captions. Live, a second pass follows behind.
 * @throws SpeakrError `lease_lost`, `conflict` when somebody else writes the revision now
 * @returns how many samples of each track were read in all
 */
export async function transcribe(options: TranscriptionOptions): Promise<Map<number, number>> {
  const { run, owner, store } = options;
  const { recordingId, revision, mode } = run;
  const segmentsOf = async (own: OwnerStore, number: number) =>
    (await own.getTranscript(recordingId, number))?.segments ?? [];
  const kept = await store.transaction(owner, async (own) => ({
    live: await segmentsOf(own, revision),
    second: mode === 'live' ? await segmentsOf(own, secondPassRevision(revision)) : [],
  }));
  const progress = new Map<number, TrackProgress>();
  for (const { track } of options.tracks) progress.set(track, whereToGoOn(kept, run, track));
  const state = createStateReporter(options, progress);
  const keeper = createTranscriptKeeper({ ...options, progress, state });
  const failed = new AbortController();
  const signal = AbortSignal.any([options.signal, failed.signal]);
  const echoes = createTrackEchoes(options.tracks, kept.live);
  const startTrack = (track: number) => {
    const own = { track, progress: progress.get(track)!, echo: echoes(track) };
    const parts = { options: { ...options, signal }, ...own, keeper, state };
    if (mode === 'batch') return transcribeBatchTrack(parts);
    const earlier = notRevised(kept, run, track);
    return transcribeLiveTrack(parts, earlier, spokenBefore(kept, track, earlier));
  };
  const transcribeTrack = ({ track }: { track: number }) =>
    startTrack(track).catch((error) => {
      // The other tracks shall not run on for a session that failed.
      failed.abort(error);
      throw error;
    });
  // A file is read as fast as it goes: what was played must be known before what the microphone heard of it.
  const isFirst = ({ kind }: { kind?: string }) => mode === 'live' || kind === 'system';
  await Promise.all(options.tracks.filter(isFirst).map(transcribeTrack));
  await Promise.all(options.tracks.filter((track) => !isFirst(track)).map(transcribeTrack));
  return new Map([...progress].map(([track, { readSamples }]) => [track, readSamples]));
}

interface TrackParts {
  readonly options: TranscriptionOptions;
  readonly track: number;
  readonly progress: TrackProgress;
  readonly echo: TrackEcho;
  readonly keeper: TranscriptKeeper;
  readonly state: StateReporter;
}

/** Ids are revision.track.index; one that was taken over from the live revision keeps its own. */
const revisionOf = ({ id }: Segment) => Number(id.split('.')[0]);
const indexOf = ({ id }: Segment) => Number(id.split('.')[2]);

interface KeptSegments {
  readonly live: readonly Segment[];
  /** The revision of the second pass as it stands. */
  readonly second: readonly Segment[];
}

/** What the second pass itself has written of a track. */
const revisedSegments = ({ second }: KeptSegments, { revision }: { revision: number }, track: number) =>
  second.filter((segment) => segment.track === track && revisionOf(segment) !== revision);

function whereToGoOn(kept: KeptSegments, run: { revision: number }, track: number): TrackProgress {
  const segments = kept.live.filter((segment) => segment.track === track);
  const endMs = Math.max(0, ...segments.map((segment) => segment.endMs));
  const fromSample = Math.floor((endMs * SAMPLES_PER_MS) / FRAME_SAMPLES) * FRAME_SAMPLES;
  return {
    readSamples: fromSample,
    throughSample: fromSample,
    segments: Math.max(-1, ...segments.map(indexOf)) + 1,
    revised: Math.max(-1, ...revisedSegments(kept, run, track).map(indexOf)) + 1,
  };
}

/** Live segments that the second pass has not come to. */
function notRevised(kept: KeptSegments, run: { revision: number }, track: number): Segment[] {
  const throughMs = Math.max(0, ...revisedSegments(kept, run, track).map(({ endMs }) => endMs));
  const taken = new Set(kept.second.map(({ id }) => id));
  return kept.live.filter(
    ({ id, startMs, track: of }) =>
      of === track && startMs >= throughMs && (taken.size === 0 || taken.has(id)),
  );
}

/** End of a track's speech that others than these segments hold, ms. */
const spokenBefore = ({ live }: KeptSegments, track: number, later: readonly Segment[]) =>
  Math.max(
    0,
    ...live
      .filter((segment) => segment.track === track && !later.includes(segment))
      .map(({ endMs }) => endMs),
  );

async function transcribeBatchTrack(parts: TrackParts): Promise<void> {
  const { options, track, progress, echo, keeper, state } = parts;
  const { run, recognizer, voiceActivity, signal } = options;
  const fromSample = progress.readSamples;
  const results = transcribeBatch({
    chunks: echo.overhear(counted(options.openAudio(track, fromSample), progress)),
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
    const isEcho = await Promise.all(sentences.map(echo.isEcho));
    const segments = sentences
      .filter((_, index) => !isEcho[index])
      .map((sentence) => ({ ...sentence, id: `${run.revision}.${track}.${progress.segments++}`, track }));
    const left = sentences.filter((_, index) => isEcho[index]);
    await keeper.keep(track, segments, throughSample, left);
  }
  echo.ended();
  progress.throughSample = progress.readSamples;
  state.ended();
}

/**
 * @param earlier kept segments that the second pass has not come to
 * @param spokenMs end of the speech before them
 */
async function transcribeLiveTrack(
  parts: TrackParts,
  earlier: readonly Segment[],
  spokenMs: number,
): Promise<void> {
  const { options, track, progress, echo, keeper, state } = parts;
  const { owner, run, recognizer, voiceActivity, signal, clock, captions, log } = options;
  const { recordingId, revision, language } = run;
  const fromSample = progress.readSamples;
  const firstSegment = progress.segments;
  const idOf = (segment: number) => `${revision}.${track}.${firstSegment + segment}`;
  const secondPass = createSecondPass({
    openAudio: (fromSample) => options.openAudio(track, fromSample),
    recognizer,
    voiceActivity,
    language,
    session: recordingId,
    spokenMs,
    signal,
    isAlone: options.isAlone,
    log,
    async onRevised({ replaced, sentences }) {
      // Its windows reach over what was left out between two segments.
      const own = sentences.filter((sentence) => !echo.wasEcho(sentence));
      if (own.length > 0) await keeper.revise(track, replaced, own);
    },
  });
  for (const segment of earlier) secondPass.add(segment);
  let endedAt = clock.monotonic();
  const chunks = untilEnd(echo.overhear(counted(options.openAudio(track, fromSample), progress)), () => {
    endedAt = clock.monotonic();
  });
  await transcribeLive({
    chunks,
    fromSample,
    available: () => state.available(track),
    recognizer,
    voiceActivity,
    language,
    session: recordingId,
    clock,
    signal,
    onPartial({ segment, ...shown }) {
      if (echo.hides(shown)) return;
      captions.publish(owner, recordingId, { type: 'partial', segmentId: idOf(segment), track, ...shown });
    },
    async onFinal({ segment, text, startMs, endMs, words, throughSample, shown, ...decoded }) {
      progress.segments = firstSegment + segment + 1;
      const final = { id: idOf(segment), track, startMs, endMs, text, words };
      const isEcho = await echo.isEcho(final);
      const isKept = text !== '' && !isEcho;
      await keeper.keep(track, isKept ? [final] : [], throughSample, isEcho ? [final] : []);
      if (isKept) secondPass.add(final, decoded);
      // What was shown and came to nothing is taken back.
      else if (shown)
        captions.publish(owner, recordingId, {
          type: 'final',
          segmentId: final.id,
          track,
          startMs,
          endMs,
          text: '',
          stable: '',
        });
    },
    onState({ mode, lagMs, throughSample }) {
      echo.through(throughSample);
      progress.throughSample = Math.max(progress.throughSample, throughSample);
      secondPass.quietUntil(throughSample / SAMPLES_PER_MS);
      state.live(track, mode, lagMs);
    },
    // Not before: somebody waits for the last final, which would find the workers taken.
    onEnded: () => secondPass.audioEnded(progress.readSamples / SAMPLES_PER_MS),
  });
  echo.ended();
  progress.throughSample = progress.readSamples;
  await secondPass.finish(patienceMs(clock.monotonic() - endedAt));
}

/**
 * How long the second pass may go on when the last final is there, ms: what is not revised then stays as it was heard.
 * Somebody waits for notes; who has waited long for the finals of a file that was read fast bears a little more.
 */
const patienceMs = (waitedMs: number) => Math.max(150, 650 - waitedMs, waitedMs / 4);

async function* counted(chunks: AsyncIterable<LogChunk>, progress: TrackProgress): AsyncGenerator<LogChunk> {
  for await (const chunk of chunks) {
    progress.readSamples += 'pcm' in chunk ? chunk.pcm.byteLength >> 1 : chunk.gapSamples;
    yield chunk;
  }
}

async function* untilEnd<Item>(items: AsyncIterable<Item>, onEnd: () => void): AsyncGenerator<Item> {
  yield* items;
  onEnd();
}
