/** Waits that double from the first to the longest, each shortened by chance so that many clients do not come at once. */
export function createBackoff({ firstMs, mostMs }: { readonly firstMs: number; readonly mostMs: number }) {
  let nextMs = firstMs;
  return {
    reset(): void {
      nextMs = firstMs;
    },
    /** Returns early when the signal fires. @param leastMs what the other side asked for */
    wait(signal: AbortSignal, leastMs = 0): Promise<void> {
      const ms = Math.max(leastMs, nextMs * (0.5 + Math.random() / 2));
      nextMs = Math.min(nextMs * 2, mostMs);
      return new Promise((resolve) => {
        const done = () => {
          clearTimeout(timer);
          signal.removeEventListener('abort', done);
          resolve();
        };
        const timer = setTimeout(done, ms);
        signal.addEventListener('abort', done);
        if (signal.aborted) done();
      });
    },
  };
}
