import type { Io } from './io.ts';

/** Two signals this close together are one: terminals and launchers may both pass on a Ctrl-C. */
const SAME_MS = 300;

export interface StopSignals {
  /** A Ctrl-C that came as a key. */
  interrupt(): void;
  close(): void;
}

/** The first interrupt stops, the second leaves at once. SIGTERM and SIGHUP count as well. */
export function stopSignals(
  io: Pick<Io, 'signals'>,
  actions: { stop(): void; leave(): void },
  now: () => number = () => performance.now(),
): StopSignals {
  let firstAt: number | undefined;
  const interrupt = () => {
    if (firstAt === undefined) {
      firstAt = now();
      actions.stop();
    } else if (now() - firstAt > SAME_MS) actions.leave();
  };
  const names = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  for (const name of names) io.signals.on(name, interrupt);
  return {
    interrupt,
    close() {
      for (const name of names) io.signals.removeListener(name, interrupt);
    },
  };
}
