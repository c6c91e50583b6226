import { FRAME_MS, FRAME_SAMPLES } from './silero-frames.ts';
import type { Margin } from './speech-policy.ts';

const frames = (ms: number) => Math.round(ms / FRAME_MS);

/** How live captions behave. Everything that tuning may touch is here. Lengths in frames unless named otherwise. */
export interface LivePolicy {
  /** Audio kept before the first frame of speech. */
  readonly preRoll: number;
  /** Audio kept after the last frame of speech. */
  readonly postRoll: number;
  /** Speech shorter than this begins nothing. */
  readonly minSpeech: number;
  /** Silence after which the text is decoded in advance, as if the segment ended. */
  readonly pause: number;
  /** Silence that ends a segment … */
  readonly endpoint: number;
  /** … while the text shown has no sentence-final punctuation … */
  readonly endpointMidSentence: number;
  /** … and when the segment is as long as `longOpen`. Between `shortOpen` and that it shrinks evenly. */
  readonly endpointLong: number;
  readonly shortOpen: number;
  readonly longOpen: number;
  /** A segment that grows beyond this is cut at its weakest frame, so that none waits for a pause. */
  readonly maxOpen: number;
  /** A cut leaves at least this much on each side. */
  readonly cutMargin: number;
  /** Speech this far below the loudest of late is as good as silence where noise hides the pauses, dB … */
  readonly quietBelow: number;
  /** … and ends a segment after this long. */
  readonly quietEndpoint: number;
  /** Shorter segments wait for voice activity, as do all where speech stands out from the noise by more than this, dB. */
  readonly noisyRange: number;
  readonly quietAfter: number;
  /** Speech that the first partial needs: less is mostly misheard. */
  readonly firstTick: number;
  /** Least new audio between two partials … */
  readonly tick: number;
  /** … while nothing of the segment is shown. */
  readonly searchTick: number;
  /** A partial waits for this many times the duration of the last decode. */
  readonly tickPerDecode: number;
  /** A partial decodes at most this much; words before it stay as they are shown until the final … */
  readonly partialWindow: number;
  /** … and then begins anew with at least and at most this much of it. */
  readonly leastOverlap: number;
  readonly mostOverlap: number;
  /** Quiet that the recognizer gets before and after the audio of a partial: one that begins in speech is misheard without. */
  readonly partialMargin: Margin;
  /** The same for finals. */
  readonly finalMargin: Margin;
  /** Probability from which the last word of a partial is shown though it was heard only once … */
  readonly lastWordSure: number;
  /** … and when it is the only one and nothing of the segment is shown. */
  readonly onlyWordSure: number;
  /** Hypotheses that the recognizer follows at once for a partial … */
  readonly partialBeams: number;
  /** … as many as for a final when the partial before took no longer than this, ms … */
  readonly quickDecodeMs: number;
  /** … and for a final. */
  readonly finalBeams: number;
  /** A segment that begins so soon after another, and is short, is decoded with what was said there … */
  readonly contextGap: number;
  readonly contextShort: number;
  /** … up to this much. */
  readonly contextMost: number;
  /** Lag beyond which only finals are decoded, and below which partials come back, ms. */
  readonly finalsOnlyLagMs: number;
  readonly partialsBackLagMs: number;
  /** Lag beyond which finals wait for those of others, and below which they do no longer, ms. */
  readonly deferLagMs: number;
  readonly finalsBackLagMs: number;
  /** No audio has come for so long: nobody is heard live, and what is behind may be caught up with, ms. */
  readonly idleMs: number;
  /** Finals that may wait before reading pauses; the log keeps what is not read. */
  readonly maxWaitingFinals: number;
  /** Time between two `state` captions, ms. */
  readonly stateIntervalMs: number;
  /** Weight of older audio in the gain for voice activity, per second. */
  readonly rememberedPerSecond: number;
}

export const livePolicy: LivePolicy = {
  preRoll: frames(300),
  postRoll: frames(200),
  minSpeech: frames(100),
  pause: frames(64),
  endpoint: frames(288),
  endpointMidSentence: frames(450),
  endpointLong: frames(288),
  shortOpen: frames(2500),
  longOpen: frames(6000),
  maxOpen: frames(12_000),
  cutMargin: frames(1000),
  quietBelow: 14,
  quietEndpoint: frames(500),
  noisyRange: 27,
  quietAfter: frames(3500),
  firstTick: frames(256),
  tick: frames(384),
  searchTick: frames(160),
  tickPerDecode: 1.7,
  partialWindow: frames(6000),
  leastOverlap: frames(2000),
  mostOverlap: frames(3200),
  partialMargin: { before: frames(320), after: frames(130) },
  finalMargin: { before: frames(700), after: frames(300) },
  lastWordSure: 0.6,
  onlyWordSure: 0.2,
  partialBeams: 2,
  quickDecodeMs: 100,
  finalBeams: 4,
  contextGap: frames(700),
  contextShort: frames(3000),
  contextMost: frames(4000),
  finalsOnlyLagMs: 4000,
  partialsBackLagMs: 1500,
  deferLagMs: 30_000,
  finalsBackLagMs: 8000,
  idleMs: 1500,
  maxWaitingFinals: 16,
  stateIntervalMs: 1000,
  rememberedPerSecond: 0.97,
};

export const framesToMs = (count: number) => count * FRAME_MS;
export const framesToSamples = (count: number) => count * FRAME_SAMPLES;
