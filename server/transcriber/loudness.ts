/** Bins of an octave: steps of 3 %. */
const BINS_PER_OCTAVE = 24;
const FULL_SCALE = 32_768;
const BINS = 15 * BINS_PER_OCTAVE + 1;

/** Bin of each magnitude of PCM16. */
const binOf = Uint16Array.from({ length: FULL_SCALE + 1 }, (_, magnitude) =>
  magnitude === 0 ? 0 : Math.round(Math.log2(magnitude) * BINS_PER_OCTAVE),
);

/** Where the loud parts of speech are put: the 99.9th percentile of the magnitude goes here. */
export const TARGET_LEVEL = 0.5;
const QUANTILE = 0.999;
/** Silence stays silence: 48 dB at the most. */
const MAX_GAIN = 256;

/** A histogram of magnitudes that forgets on demand. */
export interface Loudness {
  add(pcm: Int16Array): void;
  /** Scales what was heard so far, 0 ≤ factor < 1, so that newer audio weighs more. */
  forget(factor: number): void;
  /** Factor that brings the 99.9th percentile of the magnitude to TARGET_LEVEL, up or down; 1 before any audio. */
  gain(): number;
}

export function createLoudness(): Loudness {
  const counts = new Float64Array(BINS);
  let total = 0;
  return {
    add(pcm) {
      for (let i = 0; i < pcm.length; i++) {
        const sample = pcm[i] as number;
        const bin = binOf[sample < 0 ? -sample : sample] as number;
        counts[bin] = (counts[bin] as number) + 1;
      }
      total += pcm.length;
    },
    forget(factor) {
      for (let bin = 0; bin < BINS; bin++) counts[bin] = (counts[bin] as number) * factor;
      total *= factor;
    },
    gain() {
      let above = total * (1 - QUANTILE);
      for (let bin = BINS - 1; bin > 0; bin--) {
        above -= counts[bin] as number;
        if (above < 0) return Math.min(MAX_GAIN, (TARGET_LEVEL * FULL_SCALE) / 2 ** (bin / BINS_PER_OCTAVE));
      }
      return total > 0 ? MAX_GAIN : 1;
    },
  };
}

/** Scales PCM16 to float32 in [-1, 1]; what is louder is clipped. */
export function amplify(pcm: Int16Array, gain: number): Float32Array {
  const factor = gain / FULL_SCALE;
  const samples = new Float32Array(pcm.length);
  for (let i = 0; i < pcm.length; i++) samples[i] = Math.max(-1, Math.min(1, (pcm[i] as number) * factor));
  return samples;
}
