import type { AudioLog } from '../audio-log/audio-log.ts';
import type { Bus } from '../bus/bus.ts';
import type { DeadLetter } from '../bus/dead-letters.ts';
import type { Captions } from '../captions/captions.ts';
import type { LiveSessions } from '../gateway/stream/live-sessions.ts';
import type { SharedBuckets } from '../limits/rate-limiter.ts';
import type { SessionSlots } from '../limits/session-slots.ts';
import type { Check } from '../observability/readiness.ts';
import type { ObjectStorage } from '../storage/storage.ts';
import type { Administration, ProcessTable } from '../store/administration.ts';
import type { ModelRegistryReader } from '../store/model-registry.ts';
import type { PolicyTable } from '../store/policy-table.ts';
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
  /** Folder of a recording's archived audio in the storage. */
  archiveFolder(owner: string, recordingId: string): string;
  /** Folders of everything of an owner in the storage. */
  ownerFolders(owner: string): readonly string[];
  /** Folder of an upload in the storage. */
  uploadFolder(owner: string, uploadId: string): string;
  /** Connections that feed recordings; those of this process only when absent. */
  readonly liveSessions?: LiveSessions;
  /** What is counted over all gateways; absent where there is one user. */
  readonly counters?: { readonly buckets: SharedBuckets; readonly slots: SessionSlots };
  /** Whether what is behind the adapters answers. */
  readonly checks: Readonly<Partial<Record<'database' | 'broker' | 'storage', Check>>>;
  /** What concerns everybody, for those who run the server. */
  readonly administration: Administration;
  /** Models that can serve. */
  readonly modelRegistry: ModelRegistryReader;
  /** What is set for users and tenants. */
  readonly policyTable: PolicyTable;
  /** Where processes say that they live; absent where there is one. */
  readonly processes?: ProcessTable;
  /** Everybody who has ever recorded. */
  owners(): Promise<readonly string[]>;
  /** Bytes that an owner's data take. */
  sizes(owner: string): Promise<{ audioBytes: number; databaseBytes: number }>;
  /** Bytes of one recording's audio. */
  audioBytes(owner: string, recordingId: string): Promise<number>;
}

/** What a consumer, wherever it runs, has before it. */
export interface Queue {
  readonly consumer: string;
  readonly waiting: number;
  readonly underWay: number;
  /** Given up. */
  readonly dead: number;
}

export interface AppBus extends Bus {
  queues(): Promise<readonly Queue[]>;
  /** Messages that transactions have written and no consumer can see yet. */
  unsent(): Promise<number>;
  /** Messages that wait or are under way, each counted once for each of its consumers. */
  pending(): Promise<number>;
  deadLetters(): Promise<DeadLetter[]>;
  /**
   * Delivers dead letters of a consumer again, with five new attempts.
   * @param messageId all when absent
   * @returns how many there were
   */
  replay(consumer: string, messageId?: string): Promise<number>;
  /** Removes the dead letters of a user that the store does not hold. */
  forgetOwner(owner: string): Promise<void>;
}
