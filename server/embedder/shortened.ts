import type { Embedder } from './embedder.ts';

/**
 * The first components of an embedder's vectors, of unit length again: less to keep and to compare, and a space of its
 * own. How much worse it finds is for an evaluation to say.
 * @param dimensions at most those of the embedder
 */
export function shortened(embedder: Embedder, dimensions: number): Embedder {
  return {
    ...embedder,
    dimensions,
    async embed(texts) {
      const vectors = await embedder.embed(texts);
      return vectors.map((vector) => {
        const first = vector.slice(0, dimensions);
        const length = Math.hypot(...first) || 1;
        return first.map((value) => value / length);
      });
    },
  };
}
