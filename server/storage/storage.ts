/** One stored object. */
export interface StoredObject {
  readonly key: string;
  readonly bytes: number;
  /** Ms since the Unix epoch. */
  readonly modifiedAt: number;
}

/**
 * Objects that are written once and read in ranges: archived audio, and uploads.
 * Keys are words of letters, digits, `.`, `_` and `-`, joined by `/`.
 * Adapters: files (embedded), S3 (hosted).
 */
export interface ObjectStorage {
  /**
   * Stores an object as a whole or not at all: what fails on the way leaves nothing behind. The body is streamed;
   * memory does not grow with it.
   * @returns bytes stored
   * @throws SpeakrError `conflict` when there is one already, which stays as it is; `disk_full`, `unavailable`; what
   * the body throws
   */
  create(key: string, body: AsyncIterable<Uint8Array>, signal?: AbortSignal): Promise<number>;
  /** Size of an object; undefined when there is none. */
  size(key: string, signal?: AbortSignal): Promise<number | undefined>;
  /**
   * Reads bytes from `start` on.
   * @param end byte after the last one; the end of the object when absent or beyond it
   * @throws SpeakrError `not_found`, `unavailable`
   */
  read(key: string, start?: number, end?: number, signal?: AbortSignal): AsyncIterable<Buffer>;
  /** All objects whose key starts with the prefix (`audio/…/`), in the order of their keys. */
  list(prefix: string, signal?: AbortSignal): AsyncIterable<StoredObject>;
  /** Removes an object. Idempotent. */
  remove(key: string, signal?: AbortSignal): Promise<void>;
  /** Removes all objects in a folder (`audio/…/`), and what a crash left half-written there. Idempotent. */
  removeAll(folder: string, signal?: AbortSignal): Promise<void>;
}
