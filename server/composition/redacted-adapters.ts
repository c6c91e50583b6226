import type { RedactionKind } from '@speakr/contracts/policies';
import type { Metrics } from '../observability/metrics.ts';
import type { Policies } from '../policies/policies.ts';
import { redactedCaptions } from '../redaction/redacted-captions.ts';
import { redactedStore } from '../redaction/redacted-store.ts';
import type { Adapters } from './adapters.ts';

/**
 * The same adapters; what the policy of its owner says is personal reaches neither the store nor the captions. Features
 * know nothing of it.
 */
export function redactedAdapters(
  adapters: Adapters,
  policies: Pick<Policies, 'of' | 'known'>,
  metrics: Metrics,
): Adapters {
  const onRedacted = (kind: RedactionKind) => metrics.count('speakr_redacted_total', { kind });
  const kinds = {
    of: async (owner: string) => new Set((await policies.of(owner)).redaction),
    known(owner: string) {
      const policy = policies.known(owner);
      return policy && new Set(policy.redaction);
    },
  };
  return {
    ...adapters,
    store: redactedStore(adapters.store, { kindsOf: kinds.of, onRedacted }),
    captions: redactedCaptions(adapters.captions, kinds),
  };
}
