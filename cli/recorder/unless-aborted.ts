/**
 * Resolves when the promise does or the signal aborts; rejects when the promise does. Unlike `Promise.race` with one
 * promise for the whole of a recording it leaves nothing behind: that one would keep a trace of every wait, and a
 * recording waits ten times a second.
 */
export async function unlessAborted(waited: Promise<unknown>, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  const aborted = Promise.withResolvers<void>();
  const stop = () => aborted.resolve();
  signal.addEventListener('abort', stop, { once: true });
  try {
    await Promise.race([waited, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
