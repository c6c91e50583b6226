import type { Embedder } from './embedder.ts';

/**
 * A stand-in for tests: texts that share words are near each other, nothing else is. Deterministic, no model.
 * Each word adds 1 to a dimension chosen by its FNV-1a hash.
 */
export function hashEmbedder({ model = 'hash', dimensions = 64 } = {}): Embedder {
  return {
    model,
    dimensions,
    warm: async () => {},
    async embed(texts) {
      return texts.map((text) => {
        const vector = new Float32Array(dimensions);
        for (const word of text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? ['']) {
          let hash = 0x811c9dc5;
          for (const byte of Buffer.from(word)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
          vector[hash % dimensions]! += 1;
        }
        const norm = Math.hypot(...vector);
        return vector.map((value) => value / norm);
      });
    },
    close: async () => {},
  };
}
