import type { Message } from '@speakr/contracts/events';
import { SpeakrError } from '@speakr/contracts/problem';
import type { AudioLog, LogChunk } from '../audio-log/audio-log.ts';
import type { Bus, Delivery } from '../bus/bus.ts';
import type { Captions } from '../captions/captions.ts';
import type { Clock } from '../clock.ts';
import type { Log } from '../observability/log.ts';
import type { RevisionLease, Store } from '../store/store.ts';
import { expecting } from './recognizer.ts';
import type { Recognizers } from './recognizers.ts';
import { SAMPLES_PER_MS } from './speech-policy.ts';
import { secondPassRevision } from './transcript-keeper.ts';
import { type TranscriptionOptions, transcribe } from './transcription.ts';
import type { VoiceActivity } from './voice-activity.ts';

/** Reads a track that is no longer in the log, from a sample on. */
export type OpenAudio = (
  owner: string,
  recordingId: string,
  track: number,
  fromSample: number,
  signal: AbortSignal,
) => AsyncIterable<LogChunk>;

export interface TranscriberOptions {
  readonly bus: Bus;
  readonly store: Store;
  readonly audioLog: Pick<AudioLog, 'follow' | 'status'>;
  /** Where audio is that the log has no more: the archive. */
  readonly openAudio: OpenAudio;
  readonly captions: Captions;
  readonly recognizers: Recognizers;
  readonly voiceActivity: VoiceActivity;
  readonly clock: Clock;
  readonly log: Log;
  /** Sessions at once; more of them only share the same workers. */
  readonly concurrency?: number;
}

type Run = Message<'transcription.run.v1'>['data'];
type RunOptions = TranscriberOptions & Pick<TranscriptionOptions, 'isAlone'>;

/** Deliveries of one message until its failure counts as final. */
const MAX_ATTEMPTS = 3;
/** How soon another process takes over where this one stands still, ms. */
const LEASE_MS = 10_000;
const HEARTBEAT_MS = 2500;

/**
 * Transcribes recordings: handles `transcription.run.v1` from the first sample to the completed revision. Redelivered
 * after a crash, it goes on where the kept segments end. A recording that is cancelled or deleted meanwhile is left.
 */
export function registerTranscriber(options: TranscriberOptions): void {
  const { bus, concurrency = 16 } = options;
  const running = new Map<string, AbortController>();
  const runOptions: RunOptions = { ...options, isAlone: () => running.size <= 1 };
  bus.observe(['recording.cancelled.v1', 'recording.deleted.v1'], ({ data }) => {
    running.get(data.recordingId)?.abort(new Gone());
  });
  bus.consume({
    name: 'transcriber',
    types: ['transcription.run.v1'],
    concurrency,
    leaseMs: LEASE_MS,
    async handle(delivery) {
      const { recordingId } = delivery.message.data;
      // Nobody speaks for hours and the session is well: the lease must not depend on what is heard.
      const heartbeat = setInterval(delivery.working, HEARTBEAT_MS);
      delivery.working();
      try {
        // Word of a cancellation may come after the recording was taken back: then it is looked at again.
        while (!(await runUntilCancelled(recordingId, delivery)));
      } finally {
        clearInterval(heartbeat);
      }
    },
  });

  /** @returns false when told that the recording is gone */
  async function runUntilCancelled(
    recordingId: string,
    delivery: Delivery<'transcription.run.v1'>,
  ): Promise<boolean> {
    const controller = new AbortController();
    running.set(recordingId, controller);
    try {
      await handleRun(runOptions, delivery, AbortSignal.any([delivery.signal, controller.signal]));
      return true;
    } catch (error) {
      if (!(error instanceof Gone)) throw error;
      return false;
    } finally {
      if (running.get(recordingId) === controller) running.delete(recordingId);
    }
  }
}

/** The recording was cancelled or deleted: nothing is left to do. */
class Gone extends Error {
  override readonly name = 'Gone';
}

async function handleRun(
  options: RunOptions,
  delivery: Delivery<'transcription.run.v1'>,
  signal: AbortSignal,
): Promise<void> {
  const { store } = options;
  const { message, attempt } = delivery;
  const { owner, data: run, correlationid } = message;
  const log = options.log.child({
    recordingId: run.recordingId,
    revision: run.revision,
    correlationId: correlationid,
  });
  const recording = await store.transaction(owner, (tx) => tx.getRecording(run.recordingId));
  if (recording === undefined || recording.state === 'cancelled') return;
  const revisions = await store.transaction(owner, (tx) => tx.listRevisions(run.recordingId));
  if (revisions.some(({ revision, complete }) => revision === run.revision && complete)) return;
  try {
    let done: Transcribed;
    do {
      done = await transcribeRecording(options, delivery, recording.id, signal);
    } while (!(await complete(store, owner, run, done, correlationid)));
    log.info({ mode: run.mode }, 'transcription completed');
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    // Its code or name only: what an engine or a server says may quote speech.
    const code = error instanceof SpeakrError ? error.code : (error as Error).name;
    // The same run goes on in another process: the bus must hear nothing of this one.
    if (code === 'lease_lost') throw error;
    if (code === 'conflict') {
      log.info({}, 'another run writes this revision now');
      return;
    }
    // A service that is away says nothing of the recording: the bus waits for it.
    const isAway = code === 'unavailable';
    const isHopeless = error instanceof SpeakrError && !error.definition.retryable;
    const final = !isAway && (attempt >= MAX_ATTEMPTS || isHopeless);
    log.error({ code, attempt, final }, 'transcription failed');
    if (!final) throw error;
    const failure = await fail(options, owner, run, error, correlationid);
    delivery.job?.failed(failure);
  }
}

interface Transcribed {
  readonly lease: RevisionLease;
  /** Of each track that was read. */
  readonly samples: ReadonlyMap<number, number>;
}

async function transcribeRecording(
  { store, audioLog, openAudio, captions, recognizers, voiceActivity, clock, log, isAlone }: RunOptions,
  { message, job }: Delivery<'transcription.run.v1'>,
  recordingId: string,
  signal: AbortSignal,
): Promise<Transcribed> {
  const { owner, data: run } = message;
  const { revision, model, language } = run;
  const keyTerms = await store.read(owner, (own) => own.keyTerms(recordingId));
  const recognizer = expecting(await recognizers.for(model, language), keyTerms);
  await Promise.all([recognizer.warm(), voiceActivity.warm()]);
  const origin = revision > 1 ? 'retranscription' : run.mode;
  const lease = await store.transaction(owner, async (tx) => {
    await tx.beginRevision(recordingId, { revision, origin, language, model: recognizer.model });
    return tx.leaseRevision(recordingId, revision, message.id);
  });
  // A client that comes back may have announced more tracks since.
  const recording = await store.transaction(owner, (tx) => tx.getRecording(recordingId));
  if (recording === undefined) throw new Gone();
  const logged = await audioLog.status(owner, recordingId);
  const samples = await transcribe({
    owner,
    run,
    lease,
    tracks: recording.tracks,
    recognizer,
    voiceActivity,
    store,
    captions,
    clock,
    log,
    signal,
    isAlone,
    openAudio: (track, fromSample) =>
      logged === undefined
        ? openAudio(owner, recordingId, track, fromSample, signal)
        : audioLog.follow(owner, recordingId, track, fromSample, signal),
    available: async () => (await audioLog.status(owner, recordingId))?.samples,
    onProgress: job?.progress,
  });
  return { lease, samples };
}

/**
 * The revision is whole, and with it that of its second pass: one transaction for transcript, recording and event.
 * @returns false when there is a track that has not been read
 */
function complete(
  store: Store,
  owner: string,
  { recordingId, revision, language, mode }: Run,
  { lease, samples }: Transcribed,
  correlation: string,
): Promise<boolean> {
  return store.transaction(owner, async (tx) => {
    const recording = await tx.getRecording(recordingId);
    if (recording === undefined || recording.state === 'cancelled') throw new Gone();
    if (recording.tracks.some(({ track }) => !samples.has(track))) return false;
    const transcribedMs = Math.floor(Math.max(0, ...samples.values()) / SAMPLES_PER_MS);
    const revisions = await tx.listRevisions(recordingId);
    const second = mode === 'live' ? secondPassRevision(revision) : revision;
    const written = revisions.filter((each) => each.revision === revision || each.revision === second);
    await tx.demandLease(recordingId, revision, lease);
    for (const { revision: each } of written) await tx.completeRevision(recordingId, each);
    const newest = written.at(-1);
    await tx.updateRecording(recordingId, {
      state: 'ready',
      failure: null,
      language,
      model: newest?.model ?? recording.model,
      durationMs: Math.max(recording.durationMs, transcribedMs),
      receipt: { ...recording.receipt, transcribedMs },
    });
    const completed = { recordingId, revision: newest?.revision ?? revision, language };
    await tx.publish('transcription.completed.v1', completed, correlation);
    return true;
  });
}

async function fail(
  { store, captions }: TranscriberOptions,
  owner: string,
  { recordingId }: Run,
  error: unknown,
  correlation: string,
): Promise<string> {
  const problem =
    error instanceof SpeakrError ? error : new SpeakrError('recognizer_failed', undefined, { cause: error });
  await store.transaction(owner, async (tx) => {
    const recording = await tx.getRecording(recordingId);
    if (recording === undefined || recording.state === 'cancelled') return;
    // A recording that has a transcript keeps it when a second one fails.
    const isUsable = (await tx.listRevisions(recordingId)).some(({ complete }) => complete);
    await tx.updateRecording(recordingId, { state: isUsable ? 'ready' : 'failed', failure: problem.code });
    await tx.publish('transcription.failed.v1', { recordingId, code: problem.code }, correlation);
  });
  captions.publish(owner, recordingId, { type: 'error', problem: problem.toProblem() });
  return problem.code;
}
