import type { GapReason } from '@speakr/contracts/recording';
import type { AudioChunk } from '@speakr/contracts/stream';

/** A stretch of which nothing was captured; it counts in the track's samples like silence. */
export interface GapChunk {
  readonly track: number;
  /** Offset of the first missing sample. */
  readonly offset: number;
  readonly gapSamples: number;
  readonly reason: GapReason;
}

/** What a follower reads, contiguous: audio (PCM16LE mono 16 kHz) or a gap. */
export type LogChunk = AudioChunk | GapChunk;

/**
 * The durable, append-only log of a recording's audio while it runs and until it is archived. Somebody else's is as
 * good as none, also under the same id.
 * Adapters: encrypted files (embedded), JetStream (hosted).
 */
export interface AudioLog {
  /** Creates the log, or opens the one that is there; returns how many samples of each track are durable. */
  open(owner: string, recordingId: string, tracks: readonly number[]): Promise<Map<number, number>>;
  /**
   * Appends what continues its track; samples that are already there are skipped. Resolves when it is handed to the
   * log, not when it is durable: `onDurable` tells that.
   * @throws SpeakrError `stream_out_of_order` when samples are missing in between, `disk_full`
   */
  append(owner: string, recordingId: string, chunk: LogChunk): Promise<void>;
  /** Called with (track, samples) whenever more of a track is durable (at least once a second while it grows). */
  onDurable(
    owner: string,
    recordingId: string,
    listener: (track: number, samples: number) => void,
  ): () => void;
  /** Makes everything appended durable and marks the log as complete. Idempotent. */
  seal(owner: string, recordingId: string): Promise<void>;
  /** Reads a track from a sample on and, while the log is not sealed, waits for more. Ends at the seal. */
  follow(
    owner: string,
    recordingId: string,
    track: number,
    fromSample: number,
    signal: AbortSignal,
  ): AsyncIterable<LogChunk>;
  /** Samples of each track that are durable, and whether the log is sealed; undefined when there is no log. */
  status(
    owner: string,
    recordingId: string,
  ): Promise<{ sealed: boolean; samples: Map<number, number> } | undefined>;
  /** Removes the log, after archiving or deletion. Idempotent. */
  remove(owner: string, recordingId: string): Promise<void>;
  /** Removes every log of an owner. Idempotent. */
  removeAll(owner: string): Promise<void>;
  /** Recordings that have a log, with their owners. */
  list(): AsyncIterable<{ recordingId: string; owner: string }>;
  close(): Promise<void>;
}
