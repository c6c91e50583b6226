import { FRAME_SAMPLES } from './silero-frames.ts';
import type { VoiceActivity } from './voice-activity.ts';

/** Voice activity for tests: whatever is louder than −40 dBFS is speech. Needs no model. */
export function levelVoiceActivity(): VoiceActivity {
  return {
    async warm() {},
    stream: () => ({
      async listen(samples) {
        return Float32Array.from({ length: samples.length / FRAME_SAMPLES }, (_, frame) => {
          const part = samples.subarray(frame * FRAME_SAMPLES, (frame + 1) * FRAME_SAMPLES);
          const power = part.reduce((sum, sample) => sum + sample * sample, 0) / FRAME_SAMPLES;
          return power > 1e-4 ? 1 : 0;
        });
      },
    }),
    async close() {},
  };
}
