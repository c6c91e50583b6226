import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { SpeakrError } from '@speakr/contracts/problem';
import type { GapReason } from '@speakr/contracts/recording';
import { MAX_CHUNK_SAMPLES } from '@speakr/contracts/stream';
import type { LogChunk } from '../audio-log/audio-log.ts';
import {
  BLOCK_BYTES,
  encodeFileHeader,
  encodeRecord,
  FILE_HEADER_BYTES,
  type JournalIdentity,
  nextRecordPosition,
  RECORD_OVERHEAD_BYTES,
} from './format.ts';
import { openRecordReader } from './reader.ts';

export interface JournalOptions extends JournalIdentity {
  readonly path: string;
}

/** A crash-safe, encrypted, append-only file with the audio of one track. One writer at a time. */
export interface Journal {
  /** Samples in the file, gaps included; not all of them are durable. */
  readonly samples: number;
  /**
   * Appends at most one second of PCM16LE mono 16 kHz. Resolves when the operating system has it: a killed process
   * loses nothing, a power cut loses what `sync` did not cover. Calls are carried out in order.
   * @throws SpeakrError `disk_full`; what is already in the file stays intact, and the call may be repeated
   */
  append(pcm: Uint8Array): Promise<void>;
  /** Appends a stretch of which nothing was captured. @throws SpeakrError `disk_full` */
  appendGap(samples: number, reason: GapReason): Promise<void>;
  /** Makes everything appended so far durable. @returns samples that are durable now */
  sync(): Promise<number>;
  /** Syncs and closes. Idempotent. */
  close(): Promise<void>;
}

/** Unsynced bytes that trigger a sync, so that a power cut can only have hurt the last few blocks. */
const SYNC_BYTES = 4 * BLOCK_BYTES;

/** What the file system says when there is no room: full, over quota, over the file size limit. */
const noRoom = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);

function orDiskFull(error: unknown): unknown {
  const code = (error as NodeJS.ErrnoException).code;
  return code !== undefined && noRoom.has(code)
    ? new SpeakrError('disk_full', undefined, { cause: error })
    : error;
}

/**
 * Opens a journal for appending, or creates it (0600). What a crash left half-written at the end is cut off.
 * @throws SpeakrError `key_missing` when key, recording or track do not fit the file, `disk_full`
 */
export async function openJournal(options: JournalOptions): Promise<Journal> {
  const { path } = options;
  const file = await open(path, constants.O_RDWR | constants.O_CREAT, 0o600);
  let position = FILE_HEADER_BYTES;
  let samples = 0;
  let durable = 0;
  let unsyncedBytes = 0;
  let closed: Promise<void> | undefined;
  let queue: Promise<unknown> = Promise.resolve();
  let syncs: Promise<unknown> = Promise.resolve();

  /** Runs one operation after the other, whether or not an earlier one failed. */
  const inOrder = <T>(work: () => Promise<T>): Promise<T> => {
    const result = queue.then(work);
    queue = result.catch(() => {});
    return result;
  };

  async function write(bytes: Buffer, at: number): Promise<void> {
    try {
      for (let written = 0; written < bytes.length; ) {
        const { bytesWritten } = await file.write(bytes, written, bytes.length - written, at + written);
        written += bytesWritten;
      }
    } catch (error) {
      await file.truncate(at);
      throw orDiskFull(error);
    }
  }

  /** One sync after the other; appends go on meanwhile, since a disk may take seconds for it. */
  function syncNow(): Promise<number> {
    const synced = syncs.then(async () => {
      const [upTo, bytes] = [samples, unsyncedBytes];
      if (bytes > 0) {
        await file.datasync().catch((error: unknown) => {
          throw orDiskFull(error);
        });
        unsyncedBytes -= bytes;
        durable = upTo;
      }
      return durable;
    });
    syncs = synced.catch(() => {});
    return synced;
  }

  async function appendRecords(bytes: Buffer, end: number, added: number): Promise<void> {
    await write(bytes, position);
    unsyncedBytes += bytes.length;
    position = end;
    samples += added;
    if (unsyncedBytes >= SYNC_BYTES) await syncNow();
  }

  /** Padding up to where the next record may stand. */
  const padding = (from: number) => Buffer.alloc(nextRecordPosition(from) - from);

  try {
    const found = await recover(options);
    if (found === undefined) {
      await file.truncate(0);
      await write(encodeFileHeader(options), 0);
    } else {
      ({ position, samples } = found);
      await file.truncate(position);
    }
    await file.sync();
    await syncDirectory(dirname(path));
    durable = samples;
  } catch (error) {
    await file.close();
    throw error;
  }

  return {
    get samples() {
      return samples;
    },
    append: (pcm) =>
      inOrder(async () => {
        if (pcm.byteLength % 2 !== 0 || pcm.byteLength > MAX_CHUNK_SAMPLES * 2)
          throw new RangeError(`${pcm.byteLength} bytes are not at most one second of PCM16`);
        const parts: Buffer[] = [];
        let end = position;
        for (let from = 0; from < pcm.byteLength; ) {
          parts.push(padding(end));
          end = nextRecordPosition(end);
          const room = BLOCK_BYTES - (end % BLOCK_BYTES) - RECORD_OVERHEAD_BYTES;
          const bytes = Math.min(pcm.byteLength - from, room - (room % 2));
          const record = encodeRecord(options, samples + from / 2, { pcm: pcm.subarray(from, from + bytes) });
          parts.push(record);
          end += record.length;
          from += bytes;
        }
        if (parts.length > 0) await appendRecords(Buffer.concat(parts), end, pcm.byteLength / 2);
      }),
    appendGap: (gapSamples, reason) =>
      inOrder(async () => {
        const record = encodeRecord(options, samples, { gapSamples, reason });
        const bytes = Buffer.concat([padding(position), record]);
        await appendRecords(bytes, position + bytes.length, gapSamples);
      }),
    sync: () => inOrder(async () => {}).then(syncNow),
    close: () => {
      closed ??= inOrder(async () => {
        try {
          await syncNow();
        } finally {
          await file.close();
        }
      });
      return closed;
    },
  };
}

/** Where the intact part of a file ends; undefined when there is not even a file header. */
async function recover(options: JournalOptions): Promise<{ position: number; samples: number } | undefined> {
  const reader = await openRecordReader(options.path, options);
  try {
    await reader.seekTail();
    let position = reader.position;
    for (let step = await reader.next(); step !== undefined; step = await reader.next()) {
      if (step.kind === 'damage' && step.atEnd) break;
      position = reader.position;
    }
    return reader.hasHeader ? { position, samples: reader.expected } : undefined;
  } finally {
    await reader.close();
  }
}

/** A new file survives a power cut only when its directory entry does. */
async function syncDirectory(path: string): Promise<void> {
  // Windows cannot open directories.
  if (process.platform === 'win32') return;
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

export interface JournalReadOptions extends JournalOptions {
  /** First sample wanted; 0 when absent. */
  readonly fromSample?: number;
  /**
   * Called for a stretch that cannot be read, which is then returned as a gap of reason `unknown`; at the very end of
   * the file it may only be in writing, and nothing is returned. Without it reading throws.
   */
  readonly onDamage?: (offset: number, samples: number, atEnd: boolean) => void;
}

/** Reads on where it stopped, also in a file that has grown since. */
export interface JournalReader {
  /** @returns undefined when there is nothing more yet */
  next(): Promise<LogChunk | undefined>;
  close(): Promise<void>;
}

/**
 * Opens a journal for reading from a sample on. Chunks are contiguous; the first is cut at `fromSample`.
 * @throws SpeakrError `audio_damaged` (from `next`), `key_missing`
 */
export async function openJournalReader(options: JournalReadOptions): Promise<JournalReader> {
  const { track, fromSample = 0, onDamage } = options;
  const reader = await openRecordReader(options.path, options);
  await reader.seek(fromSample);

  async function next(): Promise<LogChunk | undefined> {
    for (;;) {
      const step = await reader.next();
      if (step === undefined) return undefined;
      const offset = Math.max(step.offset, fromSample);
      const skip = offset - step.offset;
      if (step.kind === 'damage') {
        if (step.samples > skip) {
          if (onDamage === undefined)
            throw new SpeakrError('audio_damaged', `Track ${track} cannot be read at sample ${offset}.`);
          onDamage(offset, step.samples - skip, step.atEnd);
          if (!step.atEnd) return { track, offset, gapSamples: step.samples - skip, reason: 'unknown' };
        }
        if (step.atEnd) return undefined;
        continue;
      }
      const { content } = step;
      if ('pcm' in content) {
        if (content.pcm.byteLength > skip * 2) return { track, offset, pcm: content.pcm.subarray(skip * 2) };
      } else if (content.gapSamples > skip)
        return { track, offset, gapSamples: content.gapSamples - skip, reason: content.reason };
    }
  }

  return { next, close: () => reader.close() };
}

/** Reads a journal from a sample on up to its end. See `openJournalReader`. */
export async function* readJournal(options: JournalReadOptions): AsyncGenerator<LogChunk, void, undefined> {
  const reader = await openJournalReader(options);
  try {
    for (let chunk = await reader.next(); chunk !== undefined; chunk = await reader.next()) yield chunk;
  } finally {
    await reader.close();
  }
}

/**
 * How many samples can be read from a journal, gaps included. Changes nothing.
 * @throws SpeakrError `key_missing`
 */
export async function journalSamples(options: JournalOptions): Promise<number> {
  return (await recover(options))?.samples ?? 0;
}
