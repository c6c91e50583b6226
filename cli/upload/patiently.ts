import { createBackoff } from '@speakr/client/backoff';
import { SpeakrError } from '@speakr/contracts/problem';

/** One request takes no longer, ms: one that does is half-open. Enough for a part over 40 KB/s. */
const REQUEST_MS = 200_000;
/** So long a server may stay away before it is given up, ms. */
const PATIENCE_MS = 120_000;

export interface Patience {
  readonly signal: AbortSignal;
  /** Told at the first failure, when it will be tried again. */
  onTrouble(error: SpeakrError): void;
  readonly patienceMs?: number;
  readonly firstWaitMs?: number;
}

/**
 * Does something that can be repeated until it succeeds.
 * @throws SpeakrError what trying again cannot mend, or the last failure; the reason of the signal
 */
export async function patiently<T>(
  { signal, onTrouble, patienceMs = PATIENCE_MS, firstWaitMs = 500 }: Patience,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const backoff = createBackoff({ firstMs: firstWaitMs, mostMs: 10_000 });
  const began = performance.now();
  for (let isFirst = true; ; isFirst = false) {
    const late = AbortSignal.timeout(REQUEST_MS);
    try {
      return await work(AbortSignal.any([signal, late]));
    } catch (error) {
      signal.throwIfAborted();
      const failure = late.aborted
        ? new SpeakrError('unreachable', 'The server does not answer.', { cause: error })
        : error;
      if (!(failure instanceof SpeakrError) || !failure.definition.retryable) throw failure;
      if (performance.now() - began > patienceMs) throw failure;
      if (isFirst) onTrouble(failure);
      await backoff.wait(signal, failure.retryAfterMs);
      signal.throwIfAborted();
    }
  }
}
