import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Notes } from '@speakr/contracts/notes';
import { SpeakrError } from '@speakr/contracts/problem';
import type { Receipt } from '@speakr/contracts/recording';
import { SAMPLE_RATE, type ServerMessage, STREAM_PROTOCOL } from '@speakr/contracts/stream';
import { v7 as uuidv7 } from 'uuid';
import type { Clock } from '../clock.ts';
import { CANCEL_FILE } from './cancel-file.ts';
import { type Capture, CHUNK_BYTES } from './capture.ts';
import { fileError, microphoneError, statedDurationMs } from './capture-error.ts';
import { levelOf, silenceAlarm } from './level.ts';
import { PATIENCE_MS } from './patience.ts';
import type { RecorderEvent } from './recorder-event.ts';
import { createSpool, type Spool, type SpoolEnvironment } from './spool.ts';
import { spoolDirectory } from './spool-meta.ts';
import { samplesToMs } from './spool-track.ts';
import type { StartUpload, Upload } from './uploader.ts';

/** A file may end this much earlier than its header says, ms. */
export const TRUNCATION_TOLERANCE_MS = 500;

/** Less than this holds no word: 0.1 s. */
export const SHORTEST_SAMPLES = SAMPLE_RATE / 10;

export interface RecordingOptions {
  /** Starts ffmpeg at once; audio is taken before anything else is up. */
  capture(onFirst: () => void): Capture;
  /** `microphone`, or the name of the file. */
  readonly source: string;
  readonly microphone: boolean;
  readonly language: string;
  readonly model?: string;
  readonly template: string;
  readonly templateText?: string;
  readonly title?: string;
  readonly tags: readonly string[];
  /** Address of a server elsewhere. */
  readonly server?: string;
  readonly spool: SpoolEnvironment;
  readonly startUpload: StartUpload;
  readonly clock: Clock;
  readonly patienceMs?: number;
  onEvent(event: RecorderEvent): void;
}

/** How a recording ended. */
export type RecordingOutcome =
  | {
      readonly ending: 'finished';
      readonly receipt: Receipt;
      readonly notes?: Notes;
      readonly problem?: SpeakrError;
    }
  | { readonly ending: 'discarded' }
  /** The audio is on this disk; `speakr recover` finishes it. */
  | { readonly ending: 'kept'; readonly why: SpeakrError };

export interface RunningRecording {
  readonly id: string;
  /** Ends capture; everything else follows. Idempotent. */
  stop(): void;
  /** Ends capture and throws the recording away, for 7 days in a way that can be undone. */
  discard(): void;
  /** Marks this moment. */
  mark(): void;
  /** Makes durable what there is and lets go of the server. */
  abandon(): Promise<void>;
  /** ms since the first captured sample. */
  atMs(): number;
  /** @throws SpeakrError when nothing could be captured */
  readonly done: Promise<RecordingOutcome>;
}

/** Records: capture → spool → upload, none of which waits for the one behind it. */
export function startRecording(options: RecordingOptions): RunningRecording {
  const { clock, onEvent } = options;
  const recordingId = uuidv7();
  let firstAt: number | undefined;
  let discarding = false;
  let leaving = false;
  let notes: Notes | undefined;
  let problem: SpeakrError | undefined;
  let lastTrouble: SpeakrError | undefined;
  let upload: Upload | undefined;
  let spool: Spool | undefined;

  const atMs = () => (firstAt === undefined ? 0 : Math.max(0, Math.round(clock.monotonic() - firstAt)));
  const capture = options.capture(() => {
    // A chunk is handed over when it is full: what it holds began before.
    firstAt = clock.monotonic() - (options.microphone ? 100 : 0);
    begin();
  });

  function begin(): void {
    const startedAt = clock.now() - (options.microphone ? 100 : 0);
    const { language, model, template, templateText, title, tags, source, server } = options;
    const tracks = [{ track: 0, label: 'me' }];
    const optional = { ...(model === undefined ? {} : { model }) };
    const secret = {
      ...(title === undefined ? {} : { title }),
      ...(templateText === undefined ? {} : { templateText }),
    };
    spool = createSpool({
      ...options.spool,
      meta: {
        recordingId,
        startedAt,
        language,
        template,
        source,
        tracks,
        pid: process.pid,
        ...optional,
        ...(server === undefined ? {} : { server }),
        secret: { ...secret, tags, moments: [] },
      },
      onDisk: (trouble) => {
        if (trouble === undefined) return onEvent({ type: 'disk' });
        const what =
          trouble instanceof SpeakrError
            ? trouble.message
            : `The spool cannot be written (${(trouble as Error).message}).`;
        onEvent({
          type: 'disk',
          trouble: `${what} The recording goes on in memory, for about half an hour.`,
        });
      },
    });
    upload = options.startUpload({
      start: {
        type: 'start',
        protocol: STREAM_PROTOCOL,
        recordingId,
        mode: 'live',
        language,
        startedAt,
        source,
        template,
        tracks,
        tags: [...tags],
        ...optional,
        ...secret,
      },
      read: (track, fromSample, signal) => trackOf(track).read(fromSample, signal),
      onMessage: hear,
      onConnection: (state, cause) => {
        lastTrouble = state === 'connected' ? undefined : (cause ?? lastTrouble);
        onEvent({ type: 'connection', state, ...(cause === undefined ? {} : { detail: cause.message }) });
      },
    });
    // The end is awaited below; until then a failure must not count as unhandled.
    upload.done.catch(() => undefined);
  }

  const trackOf = (track: number) => {
    const found = spool?.tracks[track];
    if (found === undefined) throw new Error(`there is no track ${track}`);
    return found;
  };

  function hear(message: ServerMessage): void {
    if (message.type === 'notes') notes = message.notes;
    if (message.type === 'error') problem = SpeakrError.fromProblem(message.problem);
    if (message.type === 'command') obey(message);
    else onEvent({ type: 'server', atMs: atMs(), message });
  }

  function obey({ command, text }: Extract<ServerMessage, { type: 'command' }>): void {
    if (command === 'stop') running.stop();
    else if (command === 'cancel') running.discard();
    else if (text !== undefined) {
      say({ type: 'note', atMs: atMs(), text });
      onEvent({ type: 'notice', text: 'Noted from another terminal.' });
    }
  }

  function say(moment: Parameters<Upload['say']>[0]): void {
    void spool?.addMoment(moment);
    upload?.say(moment);
  }

  async function takeAudio(): Promise<void> {
    const silent = silenceAlarm();
    let lastAt = clock.monotonic();
    for await (const pcm of capture.chunks) {
      const track = trackOf(0);
      track.append(pcm);
      lastAt = clock.monotonic();
      const { rms, peak } = levelOf(pcm);
      const chunkMs = (pcm.byteLength / CHUNK_BYTES) * 100;
      onEvent({
        type: 'level',
        atMs: samplesToMs(track.samples),
        rms,
        peak,
        silent: silent(peak, chunkMs) && options.microphone,
      });
      if (!options.microphone) await track.room();
    }
    const samples = spool === undefined ? 0 : trackOf(0).samples;
    if (capture.stopped) return;
    if (options.microphone) {
      const error = microphoneError(capture.said, samples);
      if (samples === 0) throw error;
      problem = error;
      // At least one chunk was on its way when the device went.
      const missing = Math.max(
        SAMPLE_RATE / 10,
        Math.round(((clock.monotonic() - lastAt) * SAMPLE_RATE) / 1000),
      );
      trackOf(0).appendGap(missing, 'device_lost');
      onEvent({ type: 'notice', text: error.message });
      return;
    }
    if (samples === 0) throw fileError(options.source, capture.said);
    const missingMs = (statedDurationMs(capture.said) ?? 0) - samplesToMs(samples);
    if (missingMs > TRUNCATION_TOLERANCE_MS) {
      problem = new SpeakrError(
        'file_truncated',
        `${options.source} ends ${(missingMs / 1000).toFixed(1)} s early.`,
      );
      trackOf(0).appendGap(Math.round((missingMs * SAMPLE_RATE) / 1000), 'source_truncated');
      onEvent({ type: 'notice', text: problem.message });
    }
  }

  async function record(): Promise<RecordingOutcome> {
    onEvent({ type: 'phase', phase: 'recording' });
    await takeAudio();
    if (spool === undefined || upload === undefined)
      throw new SpeakrError('audio_too_short', 'It was stopped before there was any audio.', {
        hint: 'Start again.',
      });
    const cancelFile = join(spoolDirectory(options.spool.spoolDir, recordingId), CANCEL_FILE);
    for (const track of spool.tracks) track.end();
    if (!options.microphone && trackOf(0).samples < SHORTEST_SAMPLES) {
      await upload.cancel();
      await spool.remove();
      throw new SpeakrError('audio_too_short', `${options.source} is too short to hold a word.`);
    }
    if (discarding || existsSync(cancelFile)) {
      await upload.cancel();
      await spool.update({ state: 'discarded', discardedAt: clock.now() });
      await spool.close();
      return { ending: 'discarded' };
    }
    if (leaving) throw new SpeakrError('interrupted');
    onEvent({ type: 'phase', phase: 'finishing' });
    return finish(spool, upload);
  }

  async function finish(spool: Spool, upload: Upload): Promise<RecordingOutcome> {
    void spool.update({ state: 'captured' });
    const [track] = spool.tracks;
    const patience = options.patienceMs ?? PATIENCE_MS;
    // What is in memory only when the recording stops will not reach a full disk any more; the claim says what did.
    await settled(() => track?.spooledSamples === track?.samples, 2000);
    const gaps = track?.gapSamples ?? 0;
    upload.finish({
      tracks: spool.tracks.map(({ samples }, index) => ({ track: index, samples })),
      capturedMs: samplesToMs((track?.samples ?? 0) - gaps),
      spooledMs: Math.max(0, samplesToMs((track?.spooledSamples ?? 0) - gaps)),
    });
    try {
      const finished = await withPatience(upload, patience);
      await spool.remove();
      const trouble = problem === undefined ? {} : { problem };
      return {
        ending: 'finished',
        receipt: finished.receipt,
        ...(notes === undefined ? {} : { notes }),
        ...trouble,
      };
    } catch (error) {
      await spool.close();
      const why =
        error instanceof SpeakrError ? error : new SpeakrError('unreachable', undefined, { cause: error });
      return { ending: 'kept', why };
    }
  }

  /** Waits for `finished` as long as there is a connection, and a while for one. */
  async function withPatience(upload: Upload, patienceMs: number) {
    let waitedMs = 0;
    const timer = setInterval(() => {
      waitedMs = lastTrouble === undefined ? 0 : waitedMs + 100;
      if (waitedMs >= patienceMs) upload.abandon();
    }, 100);
    try {
      return await upload.done;
    } finally {
      clearInterval(timer);
    }
  }

  async function settled(isSettled: () => boolean, limitMs: number): Promise<void> {
    for (let waited = 0; waited < limitMs && !isSettled(); waited += 10)
      await new Promise((resolve) => setTimeout(resolve, 10));
  }

  const running: RunningRecording = {
    id: recordingId,
    atMs,
    stop: () => capture.stop(),
    discard() {
      discarding = true;
      capture.stop();
    },
    mark() {
      if (firstAt !== undefined) say({ type: 'mark', atMs: atMs() });
    },
    async abandon() {
      leaving = true;
      capture.stop();
      upload?.abandon();
      for (const track of spool?.tracks ?? []) track.end();
      await spool?.close();
    },
    done: record().finally(() => onEvent({ type: 'phase', phase: 'done' })),
  };
  return running;
}
