import { createHash } from 'node:crypto';
import { rename, rm } from 'node:fs/promises';
import { SAMPLE_RATE } from '@speakr/contracts/stream';
import type { LogChunk } from '../audio-log/audio-log.ts';
import { type ArchiveIdentity, createArchiveFile, openArchiveFile } from './archive-file.ts';
import { throughFfmpeg } from './ffmpeg-pipe.ts';
import { createFlacSplitter, type FlacFrame } from './flac-frames.ts';

const RAW = ['-f', 's16le', '-ar', String(SAMPLE_RATE), '-ac', '1'];
const ENCODE = [...RAW, '-i', 'pipe:0', '-c:a', 'flac', '-compression_level', '8', '-f', 'flac', 'pipe:1'];
const DECODE = ['-f', 'flac', '-i', 'pipe:0', ...RAW, 'pipe:1'];
/** Samples of an encrypted group: what must be decoded to reach any moment. */
const GROUP_SAMPLES = 10 * SAMPLE_RATE;
const CHUNK_BYTES = SAMPLE_RATE * 2;

export interface TrackArchive extends ArchiveIdentity {
  readonly path: string;
  readonly ffmpeg: string;
}

/**
 * Stores the audio as encrypted FLAC. Gaps become silence. The file appears only after it was decoded again and found
 * equal, by SHA-256.
 * @throws SpeakrError `ffmpeg_missing`
 */
export async function archiveTrack(
  archive: TrackArchive,
  audio: AsyncIterable<LogChunk>,
  signal: AbortSignal,
): Promise<void> {
  const draft = `${archive.path}.new`;
  try {
    const sha256 = await encode({ ...archive, path: draft }, audio, signal);
    const check = createHash('sha256');
    for await (const { pcm } of readArchivedTrack({ ...archive, path: draft }, 0, signal)) check.update(pcm);
    if (check.digest('hex') !== sha256) throw new Error('the archived audio differs from the log');
    await rename(draft, archive.path);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}

async function encode(
  { path, ffmpeg, ...identity }: TrackArchive,
  audio: AsyncIterable<LogChunk>,
  signal: AbortSignal,
): Promise<string> {
  const hash = createHash('sha256');
  let samples = 0;
  async function* pcm() {
    for await (const bytes of pcmOf(audio)) {
      hash.update(bytes);
      samples += bytes.byteLength / 2;
      yield bytes;
    }
  }

  const splitter = createFlacSplitter();
  const file = await createArchiveFile(path, identity);
  try {
    let group: FlacFrame[] = [];
    const flush = async () => {
      const [first] = group;
      if (first !== undefined)
        await file.addGroup(first.sample, Buffer.concat(group.map(({ bytes }) => bytes)));
      group = [];
    };
    const add = async (frames: readonly FlacFrame[]) => {
      for (const frame of frames) {
        if (frame.sample - (group[0]?.sample ?? frame.sample) >= GROUP_SAMPLES) await flush();
        group.push(frame);
      }
    };
    for await (const bytes of throughFfmpeg(ffmpeg, ENCODE, pcm(), signal)) await add(splitter.push(bytes));
    await add(splitter.end());
    await flush();
    const sha256 = hash.digest('hex');
    // Of an empty track ffmpeg makes nothing at all.
    const head = samples === 0 ? '' : splitter.head.bytes.toString('base64');
    await file.finish({ head, samples, sha256 });
    return sha256;
  } finally {
    await file.close();
  }
}

async function* pcmOf(audio: AsyncIterable<LogChunk>): AsyncGenerator<Uint8Array> {
  for await (const chunk of audio) {
    if ('pcm' in chunk) yield chunk.pcm;
    else
      for (let left = chunk.gapSamples * 2; left > 0; left -= CHUNK_BYTES)
        yield new Uint8Array(Math.min(left, CHUNK_BYTES));
  }
}

/** Samples of an archived track. @throws SpeakrError `audio_damaged` */
export async function archivedSamples({ path, ...identity }: TrackArchive): Promise<number> {
  const archive = await openArchiveFile(path, identity);
  try {
    return archive.index.samples;
  } finally {
    await archive.close();
  }
}

/** Reads an archived track from a sample on. @throws SpeakrError `audio_damaged`, `ffmpeg_missing` */
export async function* readArchivedTrack(
  { path, ffmpeg, ...identity }: TrackArchive,
  fromSample: number,
  signal: AbortSignal,
): AsyncGenerator<Extract<LogChunk, { pcm: Uint8Array }>> {
  const archive = await openArchiveFile(path, identity);
  try {
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
  } finally {
    await archive.close();
  }
}
