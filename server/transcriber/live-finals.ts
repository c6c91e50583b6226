import type { decodeWindow, SpokenSentence } from './decode-window.ts';
import { framesToMs, framesToSamples } from './live-policy.ts';
import type { LiveEvent } from './live-segmenter.ts';

export type EndEvent = Extract<LiveEvent, { type: 'end' }>;

export interface LiveFinal {
  readonly segment: number;
  /** Empty when nothing was said after all. */
  readonly text: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly words: SpokenSentence['words'];
  /** How sure the model is of each word, as a probability, where it says so. */
  readonly confidences?: readonly number[];
  /** All speech before this sample is in the finals so far. */
  readonly throughSample: number;
  /** Of the recognizer. */
  readonly decodeSeconds: number;
  /** Whether a partial of this segment was shown. */
  readonly shown: boolean;
}

interface WaitingFinal {
  readonly segment: number;
  readonly event: EndEvent;
  readonly decoding: ReturnType<typeof decodeWindow>;
  readonly shown: () => boolean;
}

export interface LiveFinalsOptions {
  /** Awaited: the next final waits until this one is kept. */
  readonly onFinal: (final: LiveFinal) => Promise<void>;
  readonly fromSample: number;
  /** Finals that may wait before `room` does. */
  readonly maxWaiting: number;
  /** One is kept, or failed: fewer wait. */
  readonly onSettled: () => void;
}

/** Finals on their way to the store, one after the other. */
export function createLiveFinals({ onFinal, fromSample, maxWaiting, onSettled }: LiveFinalsOptions) {
  let chain = Promise.resolve();
  let waiting = 0;
  let through = fromSample;
  const ends: number[] = [];
  let failure: { error: unknown } | undefined;

  const keep = async ({ segment, event, decoding, shown }: WaitingFinal) => {
    const { sentences, confidences, decodeSeconds } = await decoding;
    if (failure !== undefined) return;
    const throughSample = framesToSamples(event.speechEnd);
    const words = sentences.flatMap((sentence) => sentence.words);
    await onFinal({
      segment,
      text: sentences.map((sentence) => sentence.text).join(' '),
      startMs: words[0]?.startMs ?? framesToMs(event.start),
      endMs: framesToMs(event.speechEnd),
      words,
      ...(confidences && { confidences }),
      throughSample,
      decodeSeconds,
      shown: shown(),
    });
    // Not before: whoever hears of it takes all speech up to there for kept.
    through = throughSample;
  };
  const fail = (error: unknown) => {
    failure ??= { error };
  };
  const check = () => {
    if (failure !== undefined) throw failure.error;
  };

  return {
    get waiting() {
      return waiting;
    },
    get through() {
      return through;
    },
    /** Sample where the oldest segment ended whose final is not there yet. */
    get oldestEnd() {
      return ends[0] ?? Number.POSITIVE_INFINITY;
    },
    fail,
    add(final: WaitingFinal) {
      waiting++;
      ends.push(framesToSamples(final.event.end));
      // Heard in its turn.
      final.decoding.catch(() => {});
      chain = chain
        .then(() => keep(final))
        .catch(fail)
        .finally(() => {
          waiting--;
          ends.shift();
          onSettled();
        });
    },
    /** Waits while too many finals are behind. */
    async room() {
      while (waiting > maxWaiting && failure === undefined) await chain;
      check();
    },
    async done() {
      await chain;
      check();
    },
  };
}
