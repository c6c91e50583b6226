/**
 * Time of a recording: ms since its first sample, pauses left out. All tracks are laid out on it, so that the same
 * moment has the same position on each. Moments are ms of the monotonic clock.
 */
export interface Timeline {
  readonly begun: boolean;
  readonly paused: boolean;
  /** The first sample was captured at this moment. Only the first call counts. */
  begin(at: number): void;
  pause(at: number): void;
  resume(at: number): void;
  /** Position of a moment, ms; one within a pause is where the pause is. */
  position(at: number): number;
  /** The parts of a stretch of time that no pause covers. */
  kept(from: number, to: number): { from: number; to: number }[];
  /** Resolves when no pause is on. */
  running(): Promise<void>;
}

export function createTimeline(): Timeline {
  let startedAt: number | undefined;
  const pauses: { from: number; to: number }[] = [];
  let resumed = Promise.withResolvers<void>();
  resumed.resolve();
  const open = () => pauses.at(-1)?.to === Number.POSITIVE_INFINITY;

  return {
    get begun() {
      return startedAt !== undefined;
    },
    get paused() {
      return open();
    },
    begin(at) {
      startedAt ??= at;
    },
    pause(at) {
      if (open()) return;
      pauses.push({ from: Math.max(at, pauses.at(-1)?.to ?? at), to: Number.POSITIVE_INFINITY });
      resumed = Promise.withResolvers<void>();
    },
    resume(at) {
      const last = pauses.at(-1);
      if (last === undefined || !open()) return;
      last.to = Math.max(at, last.from);
      resumed.resolve();
    },
    position(at) {
      if (startedAt === undefined) return 0;
      const paused = pauses.reduce((sum, { from, to }) => sum + Math.max(0, Math.min(to, at) - from), 0);
      return Math.max(0, at - startedAt - paused);
    },
    kept(from, to) {
      const parts = [];
      let at = from;
      for (const pause of pauses) {
        if (pause.to <= at || pause.from >= to) continue;
        if (pause.from > at) parts.push({ from: at, to: pause.from });
        at = pause.to;
      }
      if (at < to) parts.push({ from: at, to });
      return parts;
    },
    running: () => resumed.promise,
  };
}
