import { setTimeout as sleep } from 'node:timers/promises';
import { SpeakrError } from '@speakr/contracts/problem';
import { type ServerMessage, STREAM_PROTOCOL, samplesToMs } from '@speakr/contracts/stream';
import { v7 as uuidv7 } from 'uuid';
import type { Clock } from '../clock.ts';
import { CHUNK_BYTES } from '../recorder/capture.ts';
import { impatience } from '../recorder/patience.ts';
import { findTranscript } from '../recording-output.ts';
import type { BenchEngine } from './bench-engine.ts';
import type { ShownText } from './scoring/live-score.ts';

const CHUNK_MS = 100;

/** What a clip that was played in real time showed. */
export interface PlayedClip {
  readonly recordingId: string;
  readonly shown: readonly ShownText[];
  /** Stop → last final, and → notes, ms; undefined when none came. */
  readonly stopToFinalMs?: number;
  readonly stopToNotesMs?: number;
  /** The transcript that is kept. */
  readonly text: string;
}

interface PlayOptions {
  readonly engine: BenchEngine;
  readonly language: string;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/**
 * Streams a clip as a microphone would: each 100 ms when they have been spoken. Times count from its first sample.
 * @param pcm PCM16LE mono at `SAMPLE_RATE`
 * @throws SpeakrError what the server says
 */
export async function playClip(pcm: Uint8Array, options: PlayOptions): Promise<PlayedClip> {
  const { engine, language, clock, signal } = options;
  const recordingId = uuidv7();
  const samples = pcm.byteLength / 2;
  const spoken = Promise.withResolvers<void>();
  const shown: ShownText[] = [];
  let origin: number | undefined;
  let stoppedAt: number | undefined;
  let lastFinalAt: number | undefined;
  let notesAt: number | undefined;
  let problem: SpeakrError | undefined;

  async function* read(track: number, fromSample: number, aborted: AbortSignal) {
    origin ??= clock.monotonic();
    const start = origin;
    for (let at = fromSample * 2; at < pcm.byteLength; at += CHUNK_BYTES) {
      const chunk = pcm.subarray(at, at + CHUNK_BYTES);
      const due = start + ((at + chunk.byteLength) / CHUNK_BYTES) * CHUNK_MS;
      await sleep(Math.max(0, due - clock.monotonic()), undefined, { signal: aborted });
      yield { track, offset: at / 2, pcm: chunk };
    }
    spoken.resolve();
  }

  const hear = (message: ServerMessage) => {
    const now = clock.monotonic();
    if (message.type === 'partial' || message.type === 'final') {
      shown.push({
        atMs: now - (origin ?? now),
        segment: Number(message.segmentId.split('.').at(-1)),
        text: message.text,
        final: message.type === 'final',
      });
      if (message.type === 'final') lastFinalAt = now;
    }
    if (message.type === 'notes') notesAt ??= now;
    if (message.type === 'error') problem = SpeakrError.fromProblem(message.problem);
  };

  const upload = engine.backend.startUpload({
    start: {
      type: 'start',
      protocol: STREAM_PROTOCOL,
      recordingId,
      mode: 'live',
      language,
      ...(engine.model === undefined ? {} : { model: engine.model }),
      startedAt: clock.now(),
      source: 'bench',
      tags: [],
      template: 'meeting',
      tracks: [{ track: 0, label: 'me' }],
    },
    read,
    onMessage: hear,
    onConnection: impatience(() => upload.abandon()),
  });
  upload.done.catch(() => undefined);
  const leave = () => upload.abandon();
  signal.addEventListener('abort', leave, { once: true });
  try {
    await Promise.race([spoken.promise, upload.done]);
    stoppedAt = clock.monotonic();
    const capturedMs = samplesToMs(samples);
    upload.finish({ tracks: [{ track: 0, samples }], capturedMs, spooledMs: capturedMs });
    await upload.done;
    if (problem !== undefined) throw problem;
  } finally {
    signal.removeEventListener('abort', leave);
  }
  const since = (at: number | undefined) =>
    at === undefined ? undefined : Math.max(0, at - (stoppedAt ?? at));
  const [stopToFinalMs, stopToNotesMs] = [since(lastFinalAt), since(notesAt)];
  const transcript = await findTranscript(engine.api, recordingId);
  return {
    recordingId,
    shown,
    text: (transcript?.segments ?? []).map((segment) => segment.text).join(' '),
    ...(stopToFinalMs === undefined ? {} : { stopToFinalMs }),
    ...(stopToNotesMs === undefined ? {} : { stopToNotesMs }),
  };
}
