import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Notes } from '@speakr/contracts/notes';
import { SpeakrError } from '@speakr/contracts/problem';
import type { Receipt } from '@speakr/contracts/recording';
import { SAMPLE_RATE, type ServerMessage, STREAM_PROTOCOL, samplesToMs } from '@speakr/contracts/stream';
import { v7 as uuidv7 } from 'uuid';
import type { Clock } from '../clock.ts';
import { CANCEL_FILE } from './cancel-file.ts';
import { CHUNK_BYTES } from './capture.ts';
import { fileError, microphoneError, statedDurationMs } from './capture-error.ts';
import { levelOf, silenceAlarm } from './level.ts';
import { PATIENCE_MS } from './patience.ts';
import type { RecorderEvent } from './recorder-event.ts';
import { createSpool, type Spool, type SpoolEnvironment } from './spool.ts';
import { spoolDirectory } from './spool-meta.ts';
import { createTimeline } from './timeline.ts';
import { feedTrack, type TrackFeed, type TrackInput } from './track-feed.ts';
import type { StartUpload, Upload } from './uploader.ts';

/** A file may end this much earlier than its header says, ms. */
export const TRUNCATION_TOLERANCE_MS = 500;

/** Less than this holds no word: 0.1 s. */
export const SHORTEST_SAMPLES = SAMPLE_RATE / 10;

export interface RecordingOptions {
  /** What each track is filled from; the first is the microphone or the file. */
  readonly inputs: readonly TrackInput[];
  /** `microphone`, or the name of the file. */
  readonly source: string;
  readonly language: string;
  readonly model?: string;
  readonly template: string;
  readonly templateText?: string;
  /** Names and terms to expect. */
  readonly vocabulary?: string[];
  readonly title?: string;
  readonly tags: readonly string[];
  /** Address of a server elsewhere. */
  readonly server?: string;
  readonly spool: SpoolEnvironment;
  readonly startUpload: StartUpload;
  readonly clock: Clock;
  readonly patienceMs?: number;
  /** Takes the place of a microphone that has vanished and does not come back at once. */
  readonly fallback?: TrackInput;
  readonly deviceWaitMs?: number;
  onEvent(event: RecorderEvent): void;
}

/** How a recording ended. */
export type RecordingOutcome =
  | {
      readonly ending: 'finished';
      readonly receipt: Receipt;
      readonly notes?: Notes;
      readonly problem?: SpeakrError;
      /** Server that is still to get it: the one of this machine has finished it in its place. */
      readonly owedTo?: string;
    }
  | { readonly ending: 'discarded' }
  /** The audio is on this disk; `speakr recover` finishes it. `lostMs`: what could not be written there. */
  | { readonly ending: 'kept'; readonly why: SpeakrError; readonly lostMs: number };

export interface RunningRecording {
  readonly id: string;
  /** Ends capture; everything else follows. Idempotent. */
  stop(): void;
  /** Ends capture and throws the recording away, for 7 days in a way that can be undone. */
  discard(): void;
  /** Marks a moment, this one unless another is given, ms. */
  mark(text?: string, at?: number): void;
  /** Title and tags from now on, for when the server first hears of the recording later. */
  describe(described: { title: string; tags: readonly string[] }): void;
  /** Nothing is captured until `resume`; the time of the recording stands still. */
  pause(): void;
  resume(): void;
  readonly paused: boolean;
  /**
   * Fills a track from another input from now on; without a gap, because the one before goes on until the other is
   * heard. @throws SpeakrError `microphone_missing` when it gives no sound
   */
  switchInput(track: number, input: TrackInput): Promise<void>;
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
  const timeline = createTimeline();
  const feedFailed = Promise.withResolvers<never>();
  feedFailed.promise.catch(() => undefined);
  let stopping = false;
  let discarding = false;
  let leaving = false;
  let notes: Notes | undefined;
  let problem: SpeakrError | undefined;
  let serverProblem: SpeakrError | undefined;
  let lastTrouble: SpeakrError | undefined;
  let upload: Upload | undefined;
  let spool: Spool | undefined;

  const [main] = options.inputs;
  if (main === undefined) throw new Error('a recording needs an input');
  const isFile = main.kind === 'file';

  const atMs = () => Math.round(timeline.position(clock.monotonic()));
  const feeds = options.inputs.map((input, track) => {
    const silent = silenceAlarm();
    const level = (pcm: Uint8Array) => {
      const { rms, peak } = levelOf(pcm);
      onEvent({
        type: 'level',
        track,
        atMs: samplesToMs(trackOf(0).samples),
        rms,
        peak,
        silent: silent(peak, (pcm.byteLength / CHUNK_BYTES) * 100) && input.kind === 'microphone',
      });
    };
    const feed: TrackFeed = feedTrack({
      input,
      clock,
      timeline,
      track: () => trackOf(track),
      onFirst: begin,
      onAudio(pcm) {
        level(pcm);
      },
      onPaused: level,
      ...(track === 0 && options.fallback !== undefined ? { fallback: options.fallback } : {}),
      onLost: () =>
        onEvent({
          type: 'notice',
          text: `${input.kind === 'microphone' ? 'The microphone' : `Track "${input.label}"`} is gone. The recording goes on and waits for it; Enter stops.`,
        }),
      onFound: (from) =>
        onEvent({
          type: 'notice',
          text:
            from === feed.input && from !== options.fallback
              ? 'Sound is back.'
              : 'Recording from the default microphone now.',
        }),
      ...(options.deviceWaitMs === undefined ? {} : { deviceWaitMs: options.deviceWaitMs }),
    });
    return feed;
  });

  function begin(): void {
    if (spool !== undefined) return;
    const startedAt = clock.now() - atMs();
    const { language, model, template, templateText, vocabulary, title, tags, source, server } = options;
    const tracks = options.inputs.map(({ label, kind }, track) => ({ track, label, kind }));
    const optional = { ...(model === undefined ? {} : { model }) };
    const secret = {
      ...(title === undefined ? {} : { title }),
      ...(templateText === undefined ? {} : { templateText }),
      ...(vocabulary === undefined ? {} : { vocabulary }),
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
      onNotice: (text) => onEvent({ type: 'notice', text }),
      onTakeOver: () => void spool?.update({ here: 'started' }),
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
    if (message.type === 'error') serverProblem = SpeakrError.fromProblem(message.problem);
    // Whatever ended the connection before is over.
    if (message.type === 'ready') serverProblem = undefined;
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

  /** Until the first track has ended; the others end with it. */
  async function takeAudio(): Promise<void> {
    const [feed, ...others] = feeds;
    if (feed === undefined) return;
    for (const [index, other] of others.entries())
      void other.ended.then(() => endOther(other, index + 1)).catch((error) => feedFailed.reject(error));
    await Promise.race([feed.ended, feedFailed.promise]);
    for (const other of others) other.stop();
    await Promise.race([Promise.all(others.map(({ ended }) => ended)), feedFailed.promise]);
    if (!feed.capture.stopped) endMain(feed);
  }

  /** What the computer plays cannot be heard any more: the recording goes on without. */
  function endOther(feed: TrackFeed, track: number): void {
    if (feed.capture.stopped || stopping) return;
    const error = microphoneError(feed.capture.said, spool === undefined ? 0 : trackOf(track).samples);
    problem ??= error;
    onEvent({ type: 'notice', text: `Track "${feed.input.label}": ${error.message}` });
  }

  function endMain({ capture }: TrackFeed): void {
    const samples = spool === undefined ? 0 : trackOf(0).samples;
    if (!isFile) {
      const error = microphoneError(capture.said, samples);
      if (samples === 0) throw error;
      problem = error;
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
    if (isFile && trackOf(0).samples < SHORTEST_SAMPLES) {
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
    const { tracks } = spool;
    const patience = options.patienceMs ?? PATIENCE_MS;
    // What is in memory only when the recording stops will not reach a full disk any more; the claim says what did.
    await settled(() => tracks.every(({ spooledSamples, samples }) => spooledSamples === samples), 2000);
    const capturedMs = Math.max(
      ...tracks.map(({ samples, gapSamples }) => samplesToMs(samples) - samplesToMs(gapSamples)),
    );
    const unspooled = Math.max(...tracks.map(({ samples, spooledSamples }) => samples - spooledSamples));
    upload.finish({
      tracks: tracks.map(({ samples }, track) => ({ track, samples })),
      capturedMs,
      spooledMs: Math.max(0, capturedMs - samplesToMs(unspooled)),
    });
    try {
      const finished = await withPatience(upload, patience);
      const { receipt, owedTo } = finished;
      if (owedTo === undefined) await spool.remove();
      else {
        await spool.update({ here: 'finished' });
        await spool.close();
      }
      const trouble = serverProblem ?? problem;
      return {
        ending: 'finished',
        receipt,
        ...(owedTo === undefined ? {} : { owedTo }),
        ...(notes === undefined ? {} : { notes }),
        ...(trouble === undefined ? {} : { problem: trouble }),
      };
    } catch (error) {
      await spool.close();
      const why =
        error instanceof SpeakrError ? error : new SpeakrError('unreachable', undefined, { cause: error });
      const lost = Math.max(...tracks.map(({ samples, spooledSamples }) => samples - spooledSamples));
      return { ending: 'kept', why, lostMs: samplesToMs(lost) };
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

  function stop(): void {
    stopping = true;
    // A file waits for the end of a pause.
    timeline.resume(clock.monotonic());
    for (const feed of feeds) feed.stop();
  }

  async function settled(isSettled: () => boolean, limitMs: number): Promise<void> {
    for (let waited = 0; waited < limitMs && !isSettled(); waited += 10)
      await new Promise((resolve) => setTimeout(resolve, 10));
  }

  const running: RunningRecording = {
    id: recordingId,
    atMs,
    stop,
    discard() {
      discarding = true;
      stop();
    },
    mark(text, at) {
      if (timeline.begun) say({ type: 'mark', atMs: at ?? atMs(), ...(text ? { text } : {}) });
    },
    describe({ title, tags }) {
      if (spool === undefined) return;
      const { title: _, ...secret } = spool.meta().secret;
      void spool.update({ secret: { ...secret, tags, ...(title === '' ? {} : { title }) } });
    },
    pause() {
      if (!timeline.begun || timeline.paused || stopping) return;
      timeline.pause(clock.monotonic());
      say({ type: 'pause', atMs: atMs() });
      onEvent({ type: 'paused', paused: true });
    },
    resume() {
      if (!timeline.paused) return;
      timeline.resume(clock.monotonic());
      say({ type: 'resume', atMs: atMs() });
      onEvent({ type: 'paused', paused: false });
    },
    get paused() {
      return timeline.paused;
    },
    switchInput: (track, input) => feeds[track]!.switchTo(input),
    async abandon() {
      leaving = true;
      stop();
      upload?.abandon();
      for (const track of spool?.tracks ?? []) track.end();
      await spool?.close();
    },
    done: record().finally(() => onEvent({ type: 'phase', phase: 'done' })),
  };
  return running;
}
