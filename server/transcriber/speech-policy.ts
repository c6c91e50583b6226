import { FRAME_MS } from './silero-frames.ts';

/** Speech begins at this probability of a frame … */
export const SPEECH_ON = 0.5;
/** … and goes on while it stays above this one. */
export const SPEECH_OFF = 0.35;

/** At 16 kHz. */
export const SAMPLES_PER_MS = 16;

const frames = (ms: number) => Math.round(ms / FRAME_MS);

/**
 * How speech is cut into windows for one decode each, in frames. The values gave the lowest word error rate on
 * development clips (bench/wer.ts); a minimum silence of 100 ms instead of 500 costs 1.5 points.
 */
export interface WindowPolicy {
  /** Silence that ends a span of speech. */
  readonly minSilence: number;
  /** Shorter spans are noise. */
  readonly minSpeech: number;
  /** Audio kept before and after the speech of a window. */
  readonly padding: number;
  /** Spans closer than this share a window … */
  readonly maxGap: number;
  /** … while it is not longer than this. */
  readonly maxLength: number;
}

export const batchWindows: WindowPolicy = {
  minSilence: frames(500),
  minSpeech: frames(250),
  padding: frames(500),
  maxGap: frames(2000),
  maxLength: frames(20_000),
};

/**
 * Quiet that the recognizer gets before and after speech, in frames. Where the audio has less, because the track begins
 * or ends or the window was cut, zeros fill it up: without them short clips lose or repeat words (0.8 points of word
 * error rate).
 */
export const MARGIN = frames(500);
