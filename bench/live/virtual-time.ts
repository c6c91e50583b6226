/**
 * Time that moves only when everybody waits: timers and work on a number of cores, which work that is under way at once
 * shares evenly. With it a live session runs as on a machine of its own, however busy this one is.
 */
export interface VirtualTime {
  /** ms since the start. */
  now(): number;
  /** Resolves at a moment, at once when it is past. */
  until(ms: number): Promise<void>;
  /** Takes this many ms of a core. */
  work(ms: number): Promise<void>;
  /** Something of the real world that time waits for. */
  real<Result>(task: Promise<Result>): Promise<Result>;
  /** Lets time pass until `end` is settled. */
  run<Result>(end: Promise<Result>): Promise<Result>;
}

export function createVirtualTime(cores: number): VirtualTime {
  let now = 0;
  let underWay = 0;
  const timers = new Set<{ at: number; resolve: () => void }>();
  const works = new Set<{ left: number; resolve: () => void }>();
  let realDone: () => void = () => {};

  const pace = () => Math.min(1, cores / Math.max(1, works.size));
  const settle = async () => {
    // Twice: what the first turn woke may have begun something of the real world.
    for (let quiet = 0; quiet < 2; ) {
      await new Promise(setImmediate);
      if (underWay === 0) quiet++;
      else {
        quiet = 0;
        await new Promise<void>((resolve) => {
          realDone = resolve;
        });
      }
    }
  };
  const step = () => {
    let wait = Number.POSITIVE_INFINITY;
    for (const { at } of timers) wait = Math.min(wait, at - now);
    for (const { left } of works) wait = Math.min(wait, left / pace());
    if (!Number.isFinite(wait)) throw new Error('Everybody waits and nothing will happen.');
    const done = wait * pace();
    now += wait;
    for (const work of works) {
      work.left -= done;
      if (work.left > 1e-9) continue;
      works.delete(work);
      work.resolve();
    }
    for (const timer of timers) {
      if (timer.at > now + 1e-9) continue;
      timers.delete(timer);
      timer.resolve();
    }
  };

  return {
    now: () => now,
    until: (at) =>
      at <= now ? Promise.resolve() : new Promise<void>((resolve) => void timers.add({ at, resolve })),
    work: (left) => new Promise<void>((resolve) => void works.add({ left: Math.max(0, left), resolve })),
    async real(task) {
      underWay++;
      try {
        return await task;
      } finally {
        underWay--;
        if (underWay === 0) realDone();
      }
    },
    async run(end) {
      let ended = false;
      const settled = end.finally(() => {
        ended = true;
      });
      settled.catch(() => {});
      for (;;) {
        await settle();
        if (ended) return settled;
        step();
      }
    },
  };
}
