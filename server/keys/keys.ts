/**
 * Wraps the data keys of recordings. The wrapping key never leaves the service behind this port.
 * Adapters: a key file (embedded), Vault transit and cloud KMS (hosted).
 */
export interface Keys {
  /** Makes sure that there is a wrapping key. Called before the first data is written, never after. */
  prepare(): Promise<void>;
  /** Encrypts a 32-byte data key for its owner. `context` (the recording id) is bound as additional data. */
  wrap(owner: string, dataKey: Uint8Array, context: string): Promise<Uint8Array>;
  /** @throws SpeakrError `key_missing` when the wrapping key does not fit */
  unwrap(owner: string, wrapped: Uint8Array, context: string): Promise<Uint8Array>;
  /** A 32-byte key derived for one purpose of one owner (HKDF-SHA256), for example the blind index. */
  derive(owner: string, purpose: string): Promise<Uint8Array>;
}
