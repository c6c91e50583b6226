/** Samples of a track that may be on their way to the disk: 64 s, 2 MB. */
const WINDOW_SAMPLES = 64 * 16_000;
/** A disk that takes longer than this has a problem, which the next append will name. */
const PATIENCE_MS = 1000;

/** How far each track of one session has come: announced to the log, and durable in it. */
export function createDurability(resumeFrom: ReadonlyMap<number, number>) {
  const appended = new Map(resumeFrom);
  const durable = new Map(resumeFrom);
  const waiting = new Set<() => void>();

  const inWindow = (track: number) => (appended.get(track) ?? 0) - (durable.get(track) ?? 0) < WINDOW_SAMPLES;

  return {
    /** Waits until the disk has caught up enough to take more: this is what slows a fast client down. */
    async room(track: number): Promise<void> {
      if (inWindow(track)) return;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(finish, PATIENCE_MS);
        function finish() {
          clearTimeout(timer);
          waiting.delete(finish);
          resolve();
        }
        waiting.add(finish);
      });
    },
    appended(track: number, samples: number): void {
      appended.set(track, Math.max(appended.get(track) ?? 0, samples));
    },
    durable(track: number, samples: number): void {
      durable.set(track, samples);
      for (const finish of waiting) finish();
    },
    /** Whether the log has all of this; its seal makes it durable. */
    covers: (tracks: readonly { track: number; samples: number }[]) =>
      tracks.every(({ track, samples }) => (appended.get(track) ?? 0) >= samples),
    tracks: durable as ReadonlyMap<number, number>,
  };
}

export type Durability = ReturnType<typeof createDurability>;
