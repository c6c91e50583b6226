import type { Log } from './observability/log.ts';

/** Runs now and then again. @returns stops it and waits for a run under way */
export function repeat(work: () => Promise<void>, everyMs: number, leaving: AbortController, log: Log) {
  let running = Promise.resolve();
  const run = () => {
    running = running
      .then(() => (leaving.signal.aborted ? undefined : work()))
      .catch((error: unknown) => {
        if (!leaving.signal.aborted) log.error({ error }, 'housekeeping failed');
      });
  };
  const timer = setInterval(run, everyMs);
  timer.unref();
  run();
  return async () => {
    clearInterval(timer);
    leaving.abort();
    await running;
  };
}
