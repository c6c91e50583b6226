import { createHash } from 'node:crypto';
import { SpeakrError } from '@speakr/contracts/problem';
import { SAMPLE_RATE } from '@speakr/contracts/stream';
import type { LogChunk } from '../audio-log/audio-log.ts';
import type { ObjectStorage } from '../storage/storage.ts';
import { type ArchiveGroup, type ArchiveIdentity, archiveBytes, openArchive } from './archive-file.ts';
import { throughFfmpeg } from './ffmpeg-pipe.ts';
import { createFlacSplitter, type FlacFrame } from './flac-frames.ts';

const RAW = ['-f', 's16le', '-ar', String(SAMPLE_RATE), '-ac', '1'];
const ENCODE = [...RAW, '-i', 'pipe:0', '-c:a', 'flac', '-compression_level', '8', '-f', 'flac', 'pipe:1'];
const DECODE = ['-f', 'flac', '-i', 'pipe:0', ...RAW, 'pipe:1'];
/** Samples of an encrypted group: what must be decoded to reach any moment. */
const GROUP_SAMPLES = 10 * SAMPLE_RATE;
const CHUNK_BYTES = SAMPLE_RATE * 2;

export interface TrackArchive extends ArchiveIdentity {
  readonly storage: ObjectStorage;
  /** Key of the object in the storage. */
  readonly object: string;
  readonly ffmpeg: string;
}

/**
 * Stores the audio as encrypted FLAC; gaps become silence. When it resolves, the archive was read back, decoded and found
 * equal to the audio, by SHA-256. An archive that is there already is kept when it is equal, and replaced when not.
 * @param audio opens the audio from its start
 * @throws SpeakrError `ffmpeg_missing`
 */
export async function archiveTrack(
  archive: TrackArchive,
  audio: () => AsyncIterable<LogChunk>,
  signal: AbortSignal,
): Promise<void> {
  const { storage, object } = archive;
  signal.throwIfAborted();
  if ((await storage.size(object, signal)) !== undefined) {
    const hash = createHash('sha256');
    for await (const bytes of pcmOf(audio())) hash.update(bytes);
    if (await isIntact(archive, hash.digest('hex'), signal)) return;
    await storage.remove(object, signal);
  }
  const { bytes, sha256 } = encode(archive, audio(), signal);
  try {
    await storage.create(object, bytes, signal);
  } catch (error) {
    // Another process archived the same meanwhile.
    if (!(error instanceof SpeakrError) || error.code !== 'conflict') throw error;
  }
  if (await isIntact(archive, sha256(), signal)) return;
  await storage.remove(object, signal);
  throw new Error('the archived audio differs from the log');
}

async function isIntact(archive: TrackArchive, sha256: string, signal: AbortSignal): Promise<boolean> {
  const check = createHash('sha256');
  try {
    for await (const { pcm } of readArchivedTrack(archive, 0, signal)) check.update(pcm);
  } catch (error) {
    if (error instanceof SpeakrError && error.code === 'audio_damaged') return false;
    throw error;
  }
  return check.digest('hex') === sha256;
}

/** The bytes of the archive, and the digest of the audio once they have been read. */
function encode(
  { ffmpeg, key, recordingId, track }: TrackArchive,
  audio: AsyncIterable<LogChunk>,
  signal: AbortSignal,
) {
  const hash = createHash('sha256');
  let digest: string | undefined;
  const sha256 = () => {
    digest ??= hash.digest('hex');
    return digest;
  };
  let samples = 0;
  async function* pcm() {
    for await (const bytes of pcmOf(audio)) {
      hash.update(bytes);
      samples += bytes.byteLength / 2;
      yield bytes;
    }
  }

  const splitter = createFlacSplitter();
  async function* groups(): AsyncGenerator<ArchiveGroup> {
    let group: FlacFrame[] = [];
    const joined = () => ({
      sample: group[0]?.sample ?? 0,
      frames: Buffer.concat(group.map(({ bytes }) => bytes)),
    });
    for await (const frame of frames()) {
      if (frame.sample - (group[0]?.sample ?? frame.sample) >= GROUP_SAMPLES) {
        yield joined();
        group = [];
      }
      group.push(frame);
    }
    if (group.length > 0) yield joined();
  }
  async function* frames(): AsyncGenerator<FlacFrame> {
    for await (const bytes of throughFfmpeg(ffmpeg, ENCODE, pcm(), signal)) yield* splitter.push(bytes);
    yield* splitter.end();
  }
  const summary = () => ({
    // Of an empty track ffmpeg makes nothing at all.
    head: samples === 0 ? '' : splitter.head.bytes.toString('base64'),
    samples,
    sha256: sha256(),
  });
  return { bytes: archiveBytes({ key, recordingId, track }, groups(), summary), sha256 };
}

async function* pcmOf(audio: AsyncIterable<LogChunk>): AsyncGenerator<Uint8Array> {
  for await (const chunk of audio) {
    if ('pcm' in chunk) yield chunk.pcm;
    else
      for (let left = chunk.gapSamples * 2; left > 0; left -= CHUNK_BYTES)
        yield new Uint8Array(Math.min(left, CHUNK_BYTES));
  }
}

/** Samples of an archived track. @throws SpeakrError `audio_damaged`, `not_found` */
export async function archivedSamples(
  { storage, object, ...identity }: TrackArchive,
  signal: AbortSignal,
): Promise<number> {
  return (await openArchive(storage, object, identity, signal)).index.samples;
}

/** Reads an archived track from a sample on. @throws SpeakrError `audio_damaged`, `ffmpeg_missing`, `not_found` */
export async function* readArchivedTrack(
  { storage, object, ffmpeg, ...identity }: TrackArchive,
  fromSample: number,
  signal: AbortSignal,
): AsyncGenerator<Extract<LogChunk, { pcm: Uint8Array }>> {
  const archive = await openArchive(storage, object, identity, signal);
  const { samples } = archive.index;
  if (fromSample >= samples) return;
  const { startsAt, flac } = archive.from(fromSample);
  let skip = (fromSample - startsAt) * 2;
  let offset = fromSample;
  let rest = Buffer.alloc(0);
  for await (const decoded of throughFfmpeg(ffmpeg, DECODE, flac, signal)) {
    const wanted = decoded.subarray(Math.min(skip, decoded.length));
    skip -= decoded.length - wanted.length;
    rest = Buffer.concat([rest, wanted]);
    for (; rest.length >= CHUNK_BYTES; rest = rest.subarray(CHUNK_BYTES)) {
      yield { track: identity.track, offset, pcm: rest.subarray(0, CHUNK_BYTES) };
      offset += CHUNK_BYTES / 2;
    }
  }
  if (rest.length > 0) yield { track: identity.track, offset, pcm: rest };
  offset += rest.length / 2;
  if (offset !== samples) throw new Error(`the archive holds ${samples} samples, ${offset} were decoded`);
}
