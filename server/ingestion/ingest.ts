import { mkdir, mkdtemp, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { SpeakrError } from '@speakr/contracts/problem';
import { SAMPLE_RATE, samplesToMs } from '@speakr/contracts/stream';
import type { AudioLog } from '../audio-log/audio-log.ts';
import type { ObjectStorage } from '../storage/storage.ts';
import type { OwnerStore, Store, StoredUpload } from '../store/store.ts';
import { decodeMedia, HEAD_BYTES, type MediaInput, type MediaLimits, needsSeeking } from './decode-media.ts';
import { openBytes } from './sealed-object.ts';
import { partContext } from './uploads.ts';

export interface IngestOptions {
  readonly store: Pick<Store, 'read' | 'transaction'>;
  readonly storage: ObjectStorage;
  readonly audioLog: AudioLog;
  /** For files that must be read back and forth: they are there in the clear as long as that takes. */
  readonly workDir: string;
  readonly ffmpeg: string;
  limitsOf(owner: string): Promise<MediaLimits>;
}

export interface IngestRun {
  readonly owner: string;
  readonly recordingId: string;
  readonly uploadId: string;
  readonly correlation: string;
  readonly signal: AbortSignal;
  onProgress(share: number): void;
}

const TRACK = 0;
/** Audio of an entry of the log, bytes. */
const CHUNK_BYTES = SAMPLE_RATE * 2;
/** Shorter audio cannot hold a word. */
const SHORTEST_SAMPLES = SAMPLE_RATE / 10;
/** Headers are not exact to more than this, ms. */
const TRUNCATION_TOLERANCE_MS = 1000;

/**
 * Reads a complete upload into the audio log of its recording and has it transcribed. Idempotent: after a crash the log
 * skips what it has.
 * @throws SpeakrError those of `decodeMedia`; `audio_too_short`, `audio_damaged`, `not_found` when the upload is gone
 */
export async function ingest(options: IngestOptions, run: IngestRun): Promise<void> {
  const { store, audioLog } = options;
  const { owner, recordingId, uploadId } = run;
  const { upload, isWanted } = await store.read(owner, async (own) => ({
    upload: await own.getUpload(uploadId),
    isWanted: await waits(own, recordingId),
  }));
  if (!isWanted) return;
  if (upload === undefined) throw new SpeakrError('not_found', 'The upload is gone.');
  await audioLog.open(owner, recordingId, [TRACK]);
  const { samples, gapSamples } = await decodeInto(options, run, upload);
  await audioLog.seal(owner, recordingId);
  const isThere = await store.transaction(owner, (own) => takeOver(own, run, samples, gapSamples));
  // Deleted meanwhile: nobody else would know of its log.
  if (!isThere) await audioLog.remove(owner, recordingId);
}

/** The recording is there, and nobody has begun to transcribe it. */
async function waits(own: OwnerStore, recordingId: string): Promise<boolean> {
  const recording = await own.getRecording(recordingId);
  return recording?.state === 'processing' && (await own.listRevisions(recordingId)).length === 0;
}

async function decodeInto(
  { storage, audioLog, workDir, ffmpeg, limitsOf }: IngestOptions,
  { owner, recordingId, signal, onProgress }: IngestRun,
  upload: StoredUpload,
): Promise<{ samples: number; gapSamples: number }> {
  const limits = await limitsOf(owner);
  const total = upload.parts.reduce((sum, { bytes }) => sum + bytes, 0);
  let read = 0;
  async function* content() {
    for (const { part, object } of upload.parts) {
      const sealed = storage.read(object, 0, undefined, signal);
      for await (const bytes of openBytes(
        { key: upload.key, context: partContext(upload.id, part) },
        sealed,
      )) {
        read += bytes.length;
        onProgress(total === 0 ? 1 : read / total);
        yield bytes;
      }
    }
  }
  let statedMs = 0;
  let samples = 0;
  const append = async (pcm: Buffer) => {
    await audioLog.append(owner, recordingId, { track: TRACK, offset: samples, pcm });
    samples += pcm.length / 2;
  };
  await withInput(content(), workDir, async (input) => {
    const decoded = decodeMedia({ ffmpeg, input, limits, signal, onDuration: (ms) => (statedMs = ms) });
    for await (const pcm of inChunks(decoded)) await append(pcm);
  });
  if (samples < SHORTEST_SAMPLES) throw new SpeakrError('audio_too_short');
  const missingMs = Math.min(statedMs, limits.maxDurationMs) - samplesToMs(samples);
  if (missingMs <= TRUNCATION_TOLERANCE_MS) return { samples, gapSamples: 0 };
  const gapSamples = Math.round((missingMs * SAMPLE_RATE) / 1000);
  const reason = 'source_truncated' as const;
  await audioLog.append(owner, recordingId, { track: TRACK, offset: samples, gapSamples, reason });
  return { samples: samples + gapSamples, gapSamples };
}

/** Gives the content to ffmpeg as it comes where the format allows, else by a file that is removed afterwards. */
async function withInput(
  content: AsyncGenerator<Buffer>,
  workDir: string,
  work: (input: MediaInput) => Promise<void>,
): Promise<void> {
  const { head, rest } = await peek(content);
  if (!needsSeeking(head)) return work({ bytes: rest });
  await mkdir(workDir, { recursive: true, mode: 0o700 });
  const folder = await mkdtemp(join(workDir, `${process.pid}-`));
  try {
    const path = join(folder, 'media');
    const file = await open(path, 'wx', 0o600);
    try {
      for await (const bytes of rest) await file.appendFile(bytes);
    } finally {
      await file.close();
    }
    await work({ file: path });
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

async function peek(content: AsyncGenerator<Buffer>) {
  const held: Buffer[] = [];
  for (let length = 0; length < HEAD_BYTES; ) {
    const next = await content.next();
    if (next.done) break;
    held.push(next.value);
    length += next.value.length;
  }
  const rest = (async function* () {
    yield* held;
    yield* content;
  })();
  return { head: Buffer.concat(held), rest };
}

async function* inChunks(pcm: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let held: Buffer = Buffer.alloc(0);
  for await (const bytes of pcm) {
    held = held.length === 0 ? bytes : Buffer.concat([held, bytes]);
    for (; held.length >= CHUNK_BYTES; held = held.subarray(CHUNK_BYTES)) yield held.subarray(0, CHUNK_BYTES);
  }
  const whole = held.subarray(0, held.length - (held.length % 2));
  if (whole.length > 0) yield whole;
}

/** Receipt, first revision and both messages, in one transaction. @returns false when the recording is gone */
async function takeOver(
  own: OwnerStore,
  { recordingId, uploadId, correlation }: IngestRun,
  samples: number,
  gapSamples: number,
): Promise<boolean> {
  const recording = await own.getRecording(recordingId);
  if (recording === undefined) return false;
  if (!(await waits(own, recordingId))) return true;
  const durationMs = samplesToMs(samples);
  const audioMs = samplesToMs(samples - gapSamples);
  if (gapSamples > 0)
    await own.addGap(recordingId, {
      track: TRACK,
      startMs: audioMs,
      durationMs: durationMs - audioMs,
      reason: 'source_truncated',
    });
  const { mode, model, language, receipt } = (await own.getRecording(recordingId)) ?? recording;
  await own.updateRecording(recordingId, {
    tracks: recording.tracks.map((track) => ({ ...track, samples })),
    durationMs,
    receipt: { ...receipt, capturedMs: audioMs, spooledMs: audioMs, acknowledgedMs: audioMs },
  });
  const revision = 1;
  await own.beginRevision(recordingId, { revision, origin: 'batch', language, model });
  await own.publish('recording.ingested.v1', { recordingId, durationMs }, correlation);
  await own.publish('transcription.run.v1', { recordingId, mode, revision, model, language }, correlation);
  await own.updateUpload(uploadId, { state: 'ingested' });
  return true;
}
