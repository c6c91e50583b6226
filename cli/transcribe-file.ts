import { basename } from 'node:path';
import type { TranscribeResult } from '@speakr/contracts/cli-json';
import { SpeakrError } from '@speakr/contracts/problem';
import { SAMPLE_RATE, STREAM_PROTOCOL, samplesToMs } from '@speakr/contracts/stream';
import { v7 as uuidv7 } from 'uuid';
import type { Context } from './context.ts';
import type { LogChunk } from './embedded.ts';
import { type Capture, startCapture } from './recorder/capture.ts';
import { fileArguments } from './recorder/capture-arguments.ts';
import { fileError, statedDurationMs } from './recorder/capture-error.ts';
import { audioStdin, checkFile } from './recorder/file-source.ts';
import { impatience } from './recorder/patience.ts';
import { SHORTEST_SAMPLES, TRUNCATION_TOLERANCE_MS } from './recorder/recording.ts';
import { createReplayBuffer } from './recorder/replay-buffer.ts';
import { startStdinCapture } from './recorder/stdin-capture.ts';
import { findTranscript } from './recording-output.ts';

/** What is wished for the recording that a file becomes. */
export interface FileWishes {
  readonly language: string;
  readonly model?: string;
  readonly template: string;
  readonly templateText?: string;
  /** Names and terms to expect. */
  readonly vocabulary?: string[];
  readonly title?: string;
  readonly tags: readonly string[];
}

interface TranscribeFileOptions extends FileWishes {
  readonly context: Pick<Context, 'backend' | 'ffmpeg' | 'io' | 'clock' | 'api'>;
  /** Id of the recording; a new one unless given. */
  readonly recordingId?: string;
  readonly signal: AbortSignal;
  /** Start of the command on the monotonic clock. */
  readonly startedAt: number;
  /** Called with 0 … 1 when the length of the file is known. */
  onProgress(fraction: number): void;
}

/**
 * Decodes a file (or stdin, `-`), has it transcribed and stored, and gives back what was said.
 * @throws SpeakrError what is wrong with the file, the models or the server
 */
export async function transcribeFile(
  file: string,
  options: TranscribeFileOptions,
): Promise<TranscribeResult> {
  const { context, signal } = options;
  const { io, clock } = context;
  const stdin = file === '-' ? audioStdin(io.stdin) : undefined;
  const path = stdin === undefined ? await checkFile(file, io.cwd) : '-';
  const backend = await context.backend();
  const from = { ffmpeg: context.ffmpeg(), env: io.env };
  const capture =
    stdin === undefined
      ? startCapture({ ...from, arguments: fileArguments(path) })
      : startStdinCapture({ ...from, stdin });
  const totals = { captured: 0, gap: 0 };
  const buffer = createReplayBuffer(await demandSound(file, decoded(file, capture, totals)));

  const { recordingId = uuidv7() } = options;
  let problem: SpeakrError | undefined;
  let decodeMs = 0;
  const patience = impatience(() => upload.abandon());
  const upload = backend.startUpload({
    start: {
      type: 'start',
      protocol: STREAM_PROTOCOL,
      recordingId,
      mode: 'batch',
      language: options.language,
      ...(options.model === undefined ? {} : { model: options.model }),
      startedAt: clock.now(),
      source: file === '-' ? 'stdin' : basename(file),
      ...(options.title === undefined ? {} : { title: options.title }),
      tags: [...options.tags],
      template: options.template,
      ...(options.templateText === undefined ? {} : { templateText: options.templateText }),
      ...(options.vocabulary === undefined ? {} : { vocabulary: options.vocabulary }),
      tracks: [{ track: 0, label: 'me' }],
    },
    read: (_track, fromSample, aborted) => buffer.read(fromSample, aborted),
    onMessage: (message) => {
      if (message.type === 'state') decodeMs = message.decodeMs ?? decodeMs;
      if (message.type === 'ack') buffer.acknowledge(message.samples);
      if (message.type === 'error') problem = SpeakrError.fromProblem(message.problem);
      const totalMs = statedDurationMs(capture.said);
      if (message.type === 'state' && totalMs) options.onProgress(message.transcribedMs / totalMs);
    },
    onConnection(state, failure) {
      // A recording goes on when there is room again; a file can wait, and somebody waits for it.
      if (failure?.code === 'disk_full') upload.abandon();
      patience(state, failure);
    },
  });
  upload.done.catch(() => undefined);
  const interrupted = () => {
    capture.stop();
    void upload.cancel().then(() => upload.abandon());
  };
  signal.addEventListener('abort', interrupted, { once: true });

  try {
    // A server that refuses the recording ends the upload long before the source.
    await Promise.race([buffer.ended, upload.done]);
    const capturedMs = samplesToMs(totals.captured);
    upload.finish({ tracks: [{ track: 0, samples: buffer.samples }], capturedMs, spooledMs: capturedMs });
    const { receipt } = await upload.done;
    if (problem !== undefined) throw problem;
    const transcript = await findTranscript(await backend.api('read'), recordingId);
    const segments = transcript?.segments ?? [];
    const totalMs = Math.round(clock.monotonic() - options.startedAt);
    return {
      recordingId,
      file,
      language: transcript?.language ?? options.language,
      durationMs: samplesToMs(buffer.samples),
      revision: transcript?.revision ?? 1,
      text: segments.map((segment) => segment.text).join(' '),
      segments,
      receipt,
      model: transcript?.model ?? options.model ?? '',
      timings: { decodeMs, totalMs },
    };
  } catch (error) {
    if (!(error instanceof SpeakrError) || error.code !== 'disk_full') throw error;
    throw new SpeakrError('disk_full', `The disk of the server is too full for ${file}.`, {
      hint: 'Free some space and transcribe it again.',
    });
  } finally {
    capture.stop();
    signal.removeEventListener('abort', interrupted);
  }
}

/** Audio of the source as chunks of a track; what its header promised and did not come is a gap at the end. */
async function* decoded(
  file: string,
  capture: Capture,
  totals: { captured: number; gap: number },
): AsyncGenerator<LogChunk> {
  for await (const pcm of capture.chunks) {
    yield { track: 0, offset: totals.captured, pcm };
    totals.captured += pcm.byteLength / 2;
  }
  if (totals.captured === 0) throw fileError(file, capture.said);
  if (totals.captured < SHORTEST_SAMPLES)
    throw new SpeakrError('audio_too_short', `${file} is too short to hold a word.`);
  const missingMs = (statedDurationMs(capture.said) ?? 0) - samplesToMs(totals.captured);
  if (capture.stopped || missingMs <= TRUNCATION_TOLERANCE_MS) return;
  totals.gap = Math.round((missingMs * SAMPLE_RATE) / 1000);
  yield { track: 0, offset: totals.captured, gapSamples: totals.gap, reason: 'source_truncated' };
}

/** The same chunks, after it is certain that they are worth a recording. */
async function demandSound(file: string, chunks: AsyncGenerator<LogChunk>): Promise<AsyncIterable<LogChunk>> {
  const first = await chunks.next();
  const second = await chunks.next();
  if (first.done) throw new SpeakrError('file_not_audio', `${file} has no audio that ffmpeg can read.`);
  return (async function* () {
    yield first.value;
    if (!second.done) yield second.value;
    yield* chunks;
  })();
}
