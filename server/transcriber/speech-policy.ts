import { FRAME_MS } from './silero-frames.ts';

/** Speech begins at this probability of a frame … */
export const SPEECH_ON = 0.5;
/** … and goes on while it stays above this one. */
export const SPEECH_OFF = 0.35;

/** At 16 kHz. */
export const SAMPLES_PER_MS = 16;

const frames = (ms: number) => Math.round(ms / FRAME_MS);

/**
 * How speech is cut into windows for one decode each, in frames. The values are a plateau of the word error rate on
 * development clips (bench/wer.ts): more padding or gaps of 1 to 1.4 s change it by less than the noise of half a
 * point; gaps of 2 s cost half a point where speakers alternate, windows of 25 s a whole one. Longer windows than 15 s
 * gain nothing and cost memory.
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
  minSilence: frames(300),
  minSpeech: frames(250),
  padding: frames(700),
  maxGap: frames(1400),
  maxLength: frames(15_000),
};

/** Quiet that the recognizer gets before and after speech, in frames. */
export interface Margin {
  readonly before: number;
  readonly after: number;
}

/**
 * What it gets of a file. Where the audio has less, because the track begins
 * or ends or the window was cut, zeros fill it up: without them short clips lose or repeat words (0.8 points of word
 * error rate).
 */
export const MARGIN: Margin = { before: frames(700), after: frames(700) };
