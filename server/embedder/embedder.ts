/** Turns text into vectors for search. Adapters: MiniLM (a worker thread); `hashEmbedder` for tests. */
export interface Embedder {
  /** Model id; every stored vector carries it, vectors of different models are never compared. */
  readonly model: string;
  readonly dimensions: number;
  /** Loads the model ahead of the first call. */
  warm(): Promise<void>;
  /** @returns [n, dimensions] float32, each of unit length, in the order of `texts` */
  embed(texts: readonly string[]): Promise<Float32Array[]>;
  close(): Promise<void>;
}
