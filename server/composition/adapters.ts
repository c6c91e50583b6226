import type { AudioLog } from '../audio-log/audio-log.ts';
import type { Bus } from '../bus/bus.ts';
import type { Captions } from '../captions/captions.ts';
import type { ObjectStorage } from '../storage/storage.ts';
import type { Store } from '../store/store.ts';

/** What serves each port in one profile. */
export interface Adapters {
  readonly store: Store;
  readonly audioLog: AudioLog;
  readonly captions: Captions;
  /** The recording's data key, 32 bytes. */
  dataKey(owner: string, recordingId: string): Promise<Uint8Array>;
  /** Not started. A process that delivers nothing never asks for it. */
  bus(): Promise<AppBus>;
  readonly storage: ObjectStorage;
  /** Bytes on disk. */
  sizes(): Promise<{ audioBytes: number; databaseBytes: number }>;
  /** Bytes of one recording's audio. */
  audioBytes(recordingId: string): Promise<number>;
}

export interface AppBus extends Bus {
  /** Messages that wait or are under way, each counted once for each of its consumers. */
  pending(): Promise<number>;
}
