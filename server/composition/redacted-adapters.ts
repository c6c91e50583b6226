import type { Metrics } from '../observability/metrics.ts';
import type { RedactionKind } from '../redaction/kinds.ts';
import { redactedCaptions } from '../redaction/redacted-captions.ts';
import { redactedStore } from '../redaction/redacted-store.ts';
import type { Adapters } from './adapters.ts';

/** The same adapters; nothing personal reaches the store or the captions. Features know nothing of it. */
export function redactedAdapters(
  adapters: Adapters,
  redaction: readonly RedactionKind[],
  metrics: Metrics,
): Adapters {
  const kinds = new Set(redaction);
  const onRedacted = (kind: RedactionKind) => metrics.count('speakr_redacted_total', { kind });
  return {
    ...adapters,
    store: redactedStore(adapters.store, { kinds, onRedacted }),
    captions: redactedCaptions(adapters.captions, kinds),
  };
}
