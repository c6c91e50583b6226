import type { Message, MessageType } from '@speakr/contracts/events';

/** Deliveries of a message that a consumer fails at, before it is set aside. */
export const MAX_ATTEMPTS = 5;

export interface Delivery<T extends MessageType = MessageType> {
  readonly message: Message<T>;
  /** 1 for the first delivery. */
  readonly attempt: number;
  /** Aborted when the bus stops: hand over or finish quickly. */
  readonly signal: AbortSignal;
  /** Tells the bus that long work goes on, so that nobody else gets the message. */
  working(): void;
  /** Where somebody may wait for what is done. */
  readonly job?: {
    /** @param share that is done, from 0 to 1; may be told often */
    progress(share: number): void;
    /** It has failed for good, though the message is done with. @param code of the error */
    failed(code: string): void;
  };
}

export interface Consumer<T extends MessageType = MessageType> {
  /** Durable name, for example `embedder`. */
  readonly name: string;
  readonly types: readonly T[];
  /** Deliveries under way at once. */
  readonly concurrency: number;
  /**
   * Without `working()` for so long, ms, a delivery is given to another process, where the bus cannot see that this one
   * has died. The bus has a default.
   */
  readonly leaseMs?: number;
  /**
   * Idempotent. Resolves: acknowledged. Rejects: redelivered with backoff and jitter; after five attempts it goes to
   * the dead letters of this consumer. Rejects with `lease_lost`: another process has the delivery. Rejects with
   * `unavailable`: where services are elsewhere, waiting for one that is away is no attempt, for half an hour.
   */
  handle(delivery: Delivery<T>): Promise<void>;
}

/** Work on one recording. */
export interface WorkAbout {
  readonly recordingId: string;
  readonly types: readonly MessageType[];
}

/**
 * Carries messages from the outbox to consumers, at least once, over restarts.
 * Adapters: in process on SQLite tables (embedded), JetStream (hosted).
 * Messages are published by the store's outbox only, in the transaction that changes state.
 */
export interface Bus {
  consume<T extends MessageType>(consumer: Consumer<T>): void;
  /** Sees messages from now on, not durable: for waking a waiting socket. */
  observe<T extends MessageType>(types: readonly T[], listener: (message: Message<T>) => void): () => void;
  /** Begins deliveries; call after all `consume` calls. */
  start(): Promise<void>;
  /**
   * Resolves when nothing is waiting or under way (dead letters do not count).
   * @param about enough is that one of these messages has become a dead letter, and that nothing more comes of it
   */
  idle(about?: WorkAbout, signal?: AbortSignal): Promise<void>;
  /** Takes no more, aborts signals, waits for handlers up to `graceMs`. Unfinished messages are redelivered later. */
  stop(graceMs: number): Promise<void>;
}
