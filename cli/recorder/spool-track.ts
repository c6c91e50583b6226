import { SpeakrError } from '@speakr/contracts/problem';
import type { Gap } from '@speakr/contracts/recording';
import { MAX_CHUNK_SAMPLES } from '@speakr/contracts/stream';
import type { Journal, JournalReader, LogChunk, OpenJournal, OpenJournalReader } from '../embedded.ts';
import { unlessAborted } from './unless-aborted.ts';

/** Audio of one track that may wait in memory while the disk is full: about 35 minutes. */
export const MEMORY_BOUND_BYTES = 64 * 1024 * 1024;
/** How often the disk is tried again while it is full. */
const RETRY_MS = 2000;
/** What may wait for the disk before a source that can wait is held back. */
const ROOM_BYTES = 4 * 1024 * 1024;
/** How often what was written is made durable. */
const SYNC_MS = 500;

export type GapReason = Gap['reason'];

interface SpoolTrackOptions {
  readonly track: number;
  /** Opens the file for appending; tried again after a failure. */
  readonly openJournal: OpenJournal;
  readonly openReader: OpenJournalReader;
  readonly memoryBoundBytes?: number;
  readonly retryMs?: number;
  /** Called with what is wrong when the disk takes no more audio, and with nothing when it does again. */
  onDisk?(trouble: unknown): void;
}

/** The spooled audio of one track. Appending never waits and never fails; what the disk cannot take stays in memory. */
export interface SpoolTrack {
  /** Samples captured so far, gaps included. */
  readonly samples: number;
  /** Samples of these that are gaps. */
  readonly gapSamples: number;
  /** Samples that are in the file, gaps included. */
  readonly spooledSamples: number;
  append(pcm: Uint8Array): void;
  appendGap(samples: number, reason: GapReason): void;
  /** Resolves when the disk has nearly caught up, or takes nothing: a source that can wait should await it. */
  room(): Promise<void>;
  /** Everything from a sample on, contiguous; waits for more until `end` was called. */
  read(fromSample: number, signal: AbortSignal): AsyncGenerator<LogChunk>;
  /** No more will be appended: readers end behind the last sample. */
  end(): void;
  /** Makes durable what is in the file; gives up on what the disk does not take. */
  close(): Promise<void>;
}

/** Opens the spool of a track. The file is opened in the background: capture does not wait for it. */
export function openSpoolTrack(options: SpoolTrackOptions): SpoolTrack {
  const { track, memoryBoundBytes = MEMORY_BOUND_BYTES, retryMs = RETRY_MS } = options;
  let journal: Journal | undefined;
  let samples = 0;
  let gapSamples = 0;
  let pending: LogChunk[] = [];
  let pendingBytes = 0;
  let ended = false;
  let closing = false;
  let trouble: unknown;
  let wakeRetry = () => {};
  let growth = Promise.withResolvers<void>();
  let roomMade = Promise.withResolvers<void>();

  const grown = () => {
    growth.resolve();
    growth = Promise.withResolvers<void>();
  };
  const setTrouble = (now: unknown) => {
    const changed = (trouble === undefined) !== (now === undefined);
    trouble = now;
    if (changed) options.onDisk?.(now);
    roomMade.resolve();
    roomMade = Promise.withResolvers<void>();
  };

  async function pump(): Promise<void> {
    let lastSync = performance.now();
    let unsynced = false;
    let syncing = false;
    /** Not waited for: a disk that takes seconds must not keep audio from the operating system, where a kill spares it. */
    const sync = (of: Journal) => {
      lastSync = performance.now();
      unsynced = false;
      syncing = true;
      void of
        .sync()
        .catch((error) => {
          unsynced = true;
          setTrouble(error);
        })
        .finally(() => {
          syncing = false;
        });
    };
    for (;;) {
      const chunk = pending[0];
      try {
        journal ??= await options.openJournal();
        if (chunk !== undefined) {
          if ('pcm' in chunk) {
            const batch = firstSecond(pending);
            const pcm = batch.length > 1 ? Buffer.concat(batch) : chunk.pcm;
            await journal.append(pcm);
            pending.splice(0, Math.max(1, batch.length));
            pendingBytes -= pcm.byteLength;
          } else {
            await journal.appendGap(chunk.gapSamples, chunk.reason);
            pending.shift();
          }
          unsynced = true;
          setTrouble(undefined);
        }
        if (unsynced && !syncing && performance.now() - lastSync >= SYNC_MS) sync(journal);
      } catch (error) {
        setTrouble(error);
        if (closing) return;
        await Promise.race([delay(retryMs), wake()]);
        continue;
      }
      if (pending.length > 0) continue;
      if (closing || ended) return;
      await (unsynced ? Promise.race([growth.promise, delay(SYNC_MS)]) : growth.promise);
    }
  }
  const wake = () =>
    new Promise<void>((resolve) => {
      wakeRetry = resolve;
    });

  const add = (chunk: LogChunk, count: number) => {
    if (ended) throw new Error('the track has ended');
    pending.push(chunk);
    samples += count;
    grown();
  };

  const spool: SpoolTrack = {
    get samples() {
      return samples;
    },
    get gapSamples() {
      return gapSamples;
    },
    get spooledSamples() {
      return journal?.samples ?? 0;
    },
    append(pcm) {
      const count = pcm.byteLength / 2;
      if (pendingBytes + pcm.byteLength > memoryBoundBytes) return spool.appendGap(count, 'disk_full');
      pendingBytes += pcm.byteLength;
      add({ track, offset: samples, pcm }, count);
    },
    appendGap(count, reason) {
      gapSamples += count;
      const last = pending.at(-1);
      // The head may be on its way to the file; any other gap can grow where it is.
      if (pending.length > 1 && last !== undefined && 'gapSamples' in last && last.reason === reason) {
        pending[pending.length - 1] = { ...last, gapSamples: last.gapSamples + count };
        samples += count;
        grown();
      } else add({ track, offset: samples, gapSamples: count, reason }, count);
    },
    async room() {
      while (pendingBytes > ROOM_BYTES && trouble === undefined && !closing) await roomMade.promise;
    },
    async *read(fromSample, signal) {
      let at = fromSample;
      let reader: JournalReader | undefined;
      let readerAt = -1;
      try {
        while (!signal.aborted) {
          const waiting = growth.promise;
          let chunk: LogChunk | undefined;
          if (journal !== undefined && at < journal.samples) {
            if (reader === undefined || readerAt !== at) {
              await reader?.close();
              reader = await options.openReader(at);
              readerAt = at;
            }
            chunk = await reader.next();
            if (chunk === undefined)
              throw new SpeakrError('audio_damaged', `The spool ends before sample ${at}.`);
            readerAt = at + lengthOf(chunk);
          } else chunk = pendingFrom(pending, at);
          if (chunk !== undefined) {
            at = chunk.offset + lengthOf(chunk);
            yield chunk;
          } else if (ended && at >= samples) return;
          else await unlessAborted(waiting, signal);
        }
      } finally {
        await reader?.close();
      }
    },
    end() {
      ended = true;
      grown();
    },
    async close() {
      ended = true;
      closing = true;
      wakeRetry();
      grown();
      await pumping;
      await journal?.close().catch(setTrouble);
      pending = [];
    },
  };
  const pumping = pump();
  return spool;
}

/**
 * Audio at the head of what waits, at most a second: written as one. On a busy machine a write takes longer than its
 * chunk, and chunk by chunk the file would fall behind for ever.
 */
function firstSecond(pending: readonly LogChunk[]): Uint8Array[] {
  const batch: Uint8Array[] = [];
  let bytes = 0;
  for (const chunk of pending) {
    if (!('pcm' in chunk) || bytes + chunk.pcm.byteLength > MAX_CHUNK_SAMPLES * 2) break;
    batch.push(chunk.pcm);
    bytes += chunk.pcm.byteLength;
  }
  return batch;
}

const delay = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms).unref());

/** The part of the waiting audio that starts at a sample. */
function pendingFrom(pending: readonly LogChunk[], at: number): LogChunk | undefined {
  const first = pending[0];
  if (first === undefined || at < first.offset) return undefined;
  const chunk = pending.find((each) => at < each.offset + lengthOf(each));
  if (chunk === undefined) return undefined;
  const skip = at - chunk.offset;
  if (skip === 0) return chunk;
  return 'pcm' in chunk
    ? { ...chunk, offset: at, pcm: chunk.pcm.subarray(skip * 2) }
    : { ...chunk, offset: at, gapSamples: chunk.gapSamples - skip };
}

/** Samples of a chunk. */
export const lengthOf = (chunk: LogChunk): number =>
  'pcm' in chunk ? chunk.pcm.byteLength / 2 : chunk.gapSamples;
