/** What the model behind a recognizer can do. */
export interface RecognizerCapabilities {
  /** ISO 639-1 codes. */
  readonly languages: readonly string[];
  /** True when the model measures word times; otherwise they are interpolated and marked as estimated. */
  readonly wordTimes: boolean;
  /** True when key terms bias the decoding. */
  readonly keyTerms: boolean;
}

export interface DecodeOptions {
  readonly language: string;
  /** Order in which waiting decodes get a worker: `final` before `partial` before `batch`. */
  readonly priority: 'final' | 'partial' | 'batch';
  /** Fairness: decodes of different sessions take turns. */
  readonly session: string;
  readonly signal?: AbortSignal;
  /** What is decoded instead when it had to wait for a worker: the samples of that moment. */
  readonly latest?: () => Float32Array;
  /** Hypotheses followed at once, where the engine searches: fewer are faster. The engine's choice when absent. */
  readonly beams?: number;
  /**
   * How often the engine listens, each time to the same a little different, where it can: that hears better and takes
   * longer. Once when absent.
   */
  readonly hearings?: number;
  /** Names and terms to expect, most likely first; used where `capabilities.keyTerms`. */
  readonly keyTerms?: readonly string[];
}

/** The same recognizer, told what to expect. */
export function expecting(recognizer: Recognizer, keyTerms: readonly string[]): Recognizer {
  if (keyTerms.length === 0 || !recognizer.capabilities.keyTerms) return recognizer;
  return {
    ...recognizer,
    decode: (samples, options) => recognizer.decode(samples, { ...options, keyTerms }),
  };
}

export interface Decoding {
  readonly text: string;
  /** How sure the model is of each word of `text`, as a probability, where it says so. */
  readonly confidences?: readonly number[];
  /** Seconds of decoder time, for timings and metrics. */
  readonly decodeSeconds: number;
  /** When another thread was at work on it, ms since the epoch. */
  readonly worked?: { readonly startMs: number; readonly endMs: number };
  /** Word times in ms from the start of the samples, where `capabilities.wordTimes`. */
  readonly words?: readonly { text: string; startMs: number; endMs: number }[];
}

/**
 * Speech to text for one stretch of audio. Adapters: Moonshine (WASM in worker threads), any OpenAI-compatible
 * endpoint; `scriptedRecognizer` for tests.
 */
export interface Recognizer {
  readonly model: string;
  readonly capabilities: RecognizerCapabilities;
  /** Checks files and starts what is needed; a first decode without it does the same. */
  warm(): Promise<void>;
  /**
   * @param samples float32 mono 16 kHz in [-1, 1], at most 30 s; ownership passes to the recognizer
   * @throws SpeakrError `recognizer_failed`, `model_missing`, `model_invalid`, `language_unsupported`
   */
  decode(samples: Float32Array, options: DecodeOptions): Promise<Decoding>;
  close(): Promise<void>;
}
