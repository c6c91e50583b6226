import type { Captions } from '../captions/captions.ts';
import type { Metrics } from './metrics.ts';

/** How recognition gets on in this process, as it tells those who look on. */
export interface LiveLoad {
  captions(captions: Captions): Captions;
  /** Recognition of a recording has ended here. */
  ended(recordingId: string): void;
}

export function createLiveLoad(metrics: Metrics): LiveLoad {
  const states = new Map<string, { mode: string; lagMs: number }>();
  metrics.collect('speakr_live_transcriptions', async () => {
    const counts = new Map<string, number>();
    for (const { mode } of states.values()) counts.set(mode, (counts.get(mode) ?? 0) + 1);
    return [...counts].map(([mode, value]) => ({ labels: { mode }, value }));
  });
  metrics.collect('speakr_live_lag_seconds', async () => [
    { labels: {}, value: Math.max(0, ...[...states.values()].map(({ lagMs }) => lagMs)) / 1000 },
  ]);
  return {
    captions: (captions) => ({
      ...captions,
      publish(owner, recordingId, caption) {
        if (caption.type === 'state') states.set(recordingId, caption);
        captions.publish(owner, recordingId, caption);
      },
    }),
    ended: (recordingId) => void states.delete(recordingId),
  };
}
