import type { Capture } from './capture.ts';
import { decibels, levelOf } from './level.ts';

/** What a device gave while it was listened to. */
export interface LevelTest {
  /** Loudest sample, dBFS; absent when the device gave nothing at all. */
  readonly peakDb?: number;
  /** Loudest 100 ms, dBFS. */
  readonly rmsDb?: number;
  /** Nothing but zeros, which no working microphone gives. */
  readonly silent: boolean;
  /** Samples at full scale. */
  readonly clipping: boolean;
}

/** How long a device may take to give its first sound, ms. */
const START_MS = 3000;

/** Listens to a device. @param onLevel called every 100 ms with the peak, 0 … 1 */
export async function testLevel(
  capture: Capture,
  { durationMs, onLevel }: { durationMs: number; onLevel?(peak: number): void },
): Promise<LevelTest> {
  let [peak, rms, heardMs] = [0, 0, 0];
  const timer = setTimeout(() => capture.stop(), durationMs + START_MS);
  try {
    for await (const pcm of capture.chunks) {
      const level = levelOf(pcm);
      peak = Math.max(peak, level.peak);
      rms = Math.max(rms, level.rms);
      onLevel?.(level.peak);
      heardMs += 100;
      if (heardMs >= durationMs) break;
    }
  } finally {
    clearTimeout(timer);
    capture.stop();
  }
  if (heardMs === 0) return { silent: true, clipping: false };
  return {
    peakDb: Math.round(decibels(peak)),
    rmsDb: Math.round(decibels(rms)),
    silent: peak <= 1 / 32768,
    clipping: peak >= 0.99,
  };
}
