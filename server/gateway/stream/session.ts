import { decodeChunk } from '@speakr/contracts/chunk';
import { SpeakrError } from '@speakr/contracts/problem';
import type { Recording } from '@speakr/contracts/recording';
import { type ClientMessage, STREAM_PROTOCOL, samplesToMs } from '@speakr/contracts/stream';
import type { AudioLog } from '../../audio-log/audio-log.ts';
import type { Bus } from '../../bus/bus.ts';
import type { Captions } from '../../captions/captions.ts';
import { noTracing, type RunningSpan, type Tracing } from '../../observability/tracing.ts';
import type { Store } from '../../store/store.ts';
import type { NoteAccess } from '../access-log.ts';
import type { GatewayLimits } from '../gateway-limits.ts';
import type { Lifecycle, StartMessage } from '../lifecycle.ts';
import type { GatewayServices } from '../services.ts';
import { decodeClientMessage } from './client-message.ts';
import { createDurability, type Durability } from './durability.ts';
import type { LiveSessions } from './live-sessions.ts';
import { namedCaption } from './named-captions.ts';
import { awaitOutcome } from './outcome.ts';
import { createOutgoing, type Outgoing, type Transmit } from './outgoing.ts';
import { storedCaptions } from './stored-captions.ts';

/** How much more a client may send that was told to stop, ms of audio. */
const STOPPING_MS = 60_000;

type FinishMessage = Extract<ClientMessage, { type: 'finish' }>;

export interface StreamDependencies {
  readonly store: Store;
  readonly audioLog: AudioLog;
  readonly captions: Captions;
  readonly bus: Pick<Bus, 'observe' | 'idle'>;
  readonly lifecycle: Lifecycle;
  readonly liveSessions: LiveSessions;
  readonly noteAccess: NoteAccess;
  readonly services: Pick<GatewayServices, 'resolveModel' | 'localProcessing'>;
  readonly limits?: Pick<GatewayLimits, 'place' | 'recordingMs'> | undefined;
  readonly tracing?: Tracing;
}

export interface SessionOptions extends StreamDependencies {
  readonly owner: string;
  readonly transmit: Transmit;
  /** Told once: the session is over, well (no error) or not. */
  readonly onEnd: (error?: unknown) => void;
}

export interface Session {
  /** Handles one frame. @throws SpeakrError what ends the session */
  handle(frame: Buffer, isBinary: boolean): Promise<void>;
  /** Once it is started. */
  readonly recordingId: string | undefined;
  /** Says again what is durable: a sign of life when there is nothing else to say. */
  beat(): void;
  /** The connection is gone: what waits for it stops, the recording stays as it is. */
  disconnected(error?: unknown): void;
}

/** One connection to `/ws/transcribe`: what a client says, in order, and what it is told. */
export function createSession(options: SessionOptions): Session {
  const { owner, store, audioLog, captions, bus, lifecycle, liveSessions, services, limits, onEnd } = options;
  const { tracing = noTracing } = options;
  const gone = new AbortController();
  const cleanups: (() => void)[] = [];
  let recording: Recording | undefined;
  let outgoing: Outgoing | undefined;
  let durability: Durability | undefined;
  let finish: FinishMessage | undefined;
  /** Longest recording, ms. */
  let longestMs: number | undefined;
  let toldToStop = false;
  /** The end has begun; nothing the client says changes anything any more. */
  let ending = false;
  /** All of the session, from its `start` on. */
  let span: RunningSpan | undefined;

  const within = <T>(work: () => T): T => (span === undefined ? work() : span.run(work));

  function end(error?: unknown): void {
    if (gone.signal.aborted) return;
    disconnected(error);
    onEnd(error);
  }

  function disconnected(error?: unknown): void {
    gone.abort();
    span?.end(error === undefined ? undefined : ((error as { code?: string }).code ?? 'internal'));
    span = undefined;
    for (const cleanUp of cleanups.splice(0)) cleanUp();
  }

  /** What is given back at the end: at once where the client went while it was begun. */
  function hold(...giveBack: (() => void)[]): void {
    if (gone.signal.aborted) for (const each of giveBack) each();
    else cleanups.push(...giveBack);
  }

  const stored = async () => {
    const { finals, revised } = await store.read(owner, (own) => storedCaptions(own, recording?.id ?? ''));
    return {
      finals: finals.map((final) => namedCaption(final, recording)),
      revised: revised.map((revision) => namedCaption(revision, recording)),
    };
  };
  const storedFinals = async () => (await stored()).finals;

  async function start(message: StartMessage): Promise<void> {
    if (message.protocol !== STREAM_PROTOCOL)
      throw new SpeakrError(
        'protocol_unsupported',
        `The server speaks stream protocol ${STREAM_PROTOCOL}, the client ${message.protocol}.`,
      );
    const id = message.recordingId;
    longestMs = await limits?.recordingMs(owner);
    const giveBack = await limits?.place(owner, id);
    if (giveBack !== undefined) hold(giveBack);
    const known = await lifecycle.find(owner, id);
    // Audio of a known recording is taken whether or not its model is there at the moment.
    const model = known?.model ?? (await services.resolveModel(message.model, message.language));
    // Whoever has gone by now begins nothing.
    if (gone.signal.aborted) return;
    recording = known ?? (await lifecycle.create(owner, message, model));
    if (recording.state === 'cancelled') throw new SpeakrError('conflict', 'The recording was discarded.');

    await options.noteAccess([{ owner, actor: owner, action: 'captions.read', recordingId: id }]);

    outgoing = createOutgoing({ transmit: options.transmit, storedFinals, onError: end });
    const { send } = outgoing;
    const resumeFrom = await openAudio(recording, message.tracks);
    // Nor takes the place of the connection with which they came back.
    if (gone.signal.aborted) return;
    durability = createDurability(resumeFrom);
    hold(
      audioLog.onDurable(owner, id, (track, samples) => {
        durability?.durable(track, samples);
        send({ type: 'ack', track, samples });
        finishWhenComplete();
      }),
      captions.subscribe(
        owner,
        id,
        (caption) => send(namedCaption(caption, recording)),
        // What was lost on the way is in the store.
        () => outgoing?.resendFinals().catch(end),
      ),
      liveSessions.add(owner, id, {
        command: (command) => send({ type: 'command', ...command }),
        erased: () => end(new SpeakrError('not_found', 'The recording was deleted.')),
        replaced: () => end(new SpeakrError('conflict', 'Another connection feeds this recording now.')),
      }),
    );
    send({
      type: 'ready',
      protocol: STREAM_PROTOCOL,
      recordingId: id,
      model,
      resumeFrom: [...resumeFrom].map(([track, sample]) => ({ track, sample })),
      localProcessing: services.localProcessing,
    });
    if (known !== undefined) {
      await outgoing.resendFinals();
      for (const revised of (await stored()).revised) send(revised);
    }
    if (recording.state !== 'recording') conclude().catch(end);
  }

  async function openAudio({ id, state, tracks }: Recording, announced: StartMessage['tracks']) {
    if (state === 'recording') {
      const added = announced.filter(({ track }) => !tracks.some((each) => each.track === track));
      if (added.length > 0) await lifecycle.addTracks(owner, id, added);
      const all = new Set([...tracks, ...announced].map(({ track }) => track));
      const durable = await audioLog.open(owner, id, [...all]);
      await lifecycle.begin(owner, id);
      return durable;
    }
    const status = await audioLog.status(owner, id);
    return new Map(tracks.map(({ track, samples }) => [track, status?.samples.get(track) ?? samples]));
  }

  async function audio(frame: Buffer): Promise<void> {
    const chunk = decodeChunk(frame);
    mindLength(samplesToMs(chunk.offset + chunk.pcm.byteLength / 2));
    await durability?.room(chunk.track);
    await audioLog.append(owner, recording?.id ?? '', chunk);
    durability?.appended(chunk.track, chunk.offset + chunk.pcm.byteLength / 2);
    finishWhenComplete();
  }

  /** At the end of what may be recorded the client is told to stop; one that goes on all the same is cut off. */
  function mindLength(ms: number): void {
    if (longestMs === undefined || ms <= longestMs) return;
    if (ms > longestMs + STOPPING_MS) throw new SpeakrError('recording_too_long');
    if (!toldToStop) outgoing?.send({ type: 'command', command: 'stop' });
    toldToStop = true;
  }

  async function control(message: Exclude<ClientMessage, { type: 'start' }>, id: string): Promise<void> {
    switch (message.type) {
      case 'gap': {
        const { track, fromSample, samples, reason } = message;
        if (!durability?.tracks.has(track))
          throw new SpeakrError('stream_malformed', `Track ${track} was not announced.`);
        // First the receipt: a gap that is only in the audio would never be told.
        const gap = { track, startMs: samplesToMs(fromSample), durationMs: samplesToMs(samples), reason };
        await lifecycle.addGap(owner, id, gap);
        await audioLog.append(owner, id, { track, offset: fromSample, gapSamples: samples, reason });
        durability.appended(track, fromSample + samples);
        return finishWhenComplete();
      }
      case 'mark':
      case 'note':
        return lifecycle.addMoment(owner, id, {
          atMs: message.atMs,
          kind: message.type,
          text: message.text ?? '',
        });
      case 'pause':
      case 'resume':
        return lifecycle.addMoment(owner, id, { atMs: message.atMs, kind: message.type, text: '' });
      case 'finish':
        finish = message;
        return finishWhenComplete();
      case 'cancel':
        ending = true;
        await lifecycle.cancel(owner, id);
        return sendFinished();
    }
  }

  function finishWhenComplete(): void {
    if (ending || finish === undefined || !durability?.covers(finish.tracks)) return;
    ending = true;
    const { capturedMs, spooledMs } = finish;
    const finishing = () => lifecycle.finish(owner, recording?.id ?? '', { capturedMs, spooledMs });
    within(finishing).then(conclude).catch(end);
  }

  /** Waits for what becomes of the recording and tells it; `finished` is always last. */
  async function conclude(): Promise<void> {
    ending = true;
    const recordingId = recording?.id ?? '';
    const outcome = await awaitOutcome({ store, bus, owner, recordingId, signal: gone.signal });
    if (gone.signal.aborted || outgoing === undefined) return;
    if (outcome === undefined) return end(new SpeakrError('not_found', 'The recording was deleted.'));
    await outgoing.resendFinals();
    await outgoing.flushed();
    const { state, failure } = outcome.recording;
    if (outcome.notes !== undefined) {
      await options.noteAccess([{ owner, actor: owner, action: 'notes.read', recordingId }]);
      outgoing.send({ type: 'notes', notes: outcome.notes });
    } else if (state !== 'cancelled')
      outgoing.send({ type: 'error', problem: failureProblem(state, failure) });
    await sendFinished();
  }

  async function sendFinished(): Promise<void> {
    const id = recording?.id ?? '';
    const { receipt } = (await lifecycle.find(owner, id)) ?? {};
    if (receipt !== undefined) outgoing?.send({ type: 'finished', recordingId: id, receipt });
    await outgoing?.flushed();
    end();
  }

  return {
    get recordingId() {
      return recording?.id;
    },
    disconnected,
    beat() {
      for (const [track, samples] of durability?.tracks ?? [])
        outgoing?.send({ type: 'ack', track, samples });
    },
    async handle(frame, isBinary) {
      if (gone.signal.aborted) return;
      if (!isBinary) {
        const message = decodeClientMessage(frame);
        if (message.type === 'start') {
          if (recording !== undefined)
            throw new SpeakrError('stream_malformed', 'The recording is started already.');
          span = tracing.begin('live session', {
            kind: 'server',
            parent: message.traceparent,
            attributes: { 'speakr.recording': message.recordingId, 'speakr.mode': message.mode },
          });
          return within(() => start(message));
        }
        if (recording === undefined)
          throw new SpeakrError('stream_malformed', 'The first message must be start.');
        const { id } = recording;
        return ending ? undefined : within(() => control(message, id));
      }
      if (recording === undefined)
        throw new SpeakrError('stream_malformed', 'The first message must be start.');
      return ending ? undefined : within(() => audio(frame));
    },
  };
}

function failureProblem(state: Recording['state'], failure: string | undefined) {
  const code = state === 'failed' ? 'recognizer_failed' : 'internal';
  const detail = failure === undefined ? undefined : `Recognition stopped with ${failure}.`;
  return new SpeakrError(code, detail).toProblem();
}
