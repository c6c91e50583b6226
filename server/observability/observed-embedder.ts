import type { Embedder } from '../embedder/embedder.ts';
import type { Instruments } from './instruments.ts';

/** An embedder, measured. */
export function observedEmbedder(embedder: Embedder, { metrics, tracing }: Instruments): Embedder {
  return {
    ...embedder,
    embed: (texts) =>
      tracing.span('embed', { attributes: { 'speakr.texts': texts.length } }, async () => {
        const began = performance.now();
        const vectors = await embedder.embed(texts);
        metrics.observe('speakr_embed_seconds', {}, (performance.now() - began) / 1000);
        metrics.count('speakr_embedded_texts_total', {}, texts.length);
        return vectors;
      }),
  };
}
