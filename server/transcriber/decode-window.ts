import type { Segment } from '@speakr/contracts/transcript';
import { looksInvented, saysNothing, withoutInvention } from './hallucination.ts';
import { amplify, createLoudness } from './loudness.ts';
import type { DecodeOptions, Decoding, Recognizer } from './recognizer.ts';
import { splitSentences } from './sentences.ts';
import { FRAME_MS, FRAME_SAMPLES } from './silero-frames.ts';
import { MARGIN, type Margin, SPEECH_OFF } from './speech-policy.ts';
import type { SpeechWindow } from './windows.ts';
import { estimateWordTimes } from './word-times.ts';

/** A segment before it has an id. */
export type SpokenSentence = Pick<Segment, 'startMs' | 'endMs' | 'text'> & {
  words: NonNullable<Segment['words']>;
};

export interface DecodedWindow {
  readonly sentences: readonly SpokenSentence[];
  /** How sure the model is of each of their words, as a probability, where it says so. */
  readonly confidences?: readonly number[];
  readonly decodeSeconds: number;
}

/**
 * Decodes one window of speech: gain, recognizer, guards against invented words, sentences with times.
 * @param pcm samples of the window, from `window.start` to `window.end`
 * @param margin quiet that the recognizer gets before and after speech
 */
export async function decodeWindow(
  pcm: Int16Array,
  window: SpeechWindow,
  recognizer: Recognizer,
  options: DecodeOptions,
  margin = MARGIN,
): Promise<DecodedWindow> {
  const speechSeconds = speechFrames(window) * (FRAME_MS / 1000);
  const before = window.speechStart - window.start;
  const after = window.end - window.speechEnd;
  let decoding = await recognizer.decode(prepare(pcm, before, after, margin), options);
  let { decodeSeconds } = decoding;
  if (looksInvented(decoding.text, speechSeconds)) {
    // A decoder that loops often does not when the same audio has more quiet around it.
    const again = await recognizer.decode(
      surround(prepare(pcm, before, after, margin), MARGIN.before, MARGIN.after),
      options,
    );
    decodeSeconds += again.decodeSeconds;
    const text = withoutInvention(again.text, speechSeconds);
    decoding = text === again.text ? again : { text, decodeSeconds };
  }
  if (saysNothing(decoding.text, speechSeconds)) decoding = { text: '', decodeSeconds };
  const { confidences } = decoding;
  return {
    sentences: toSentences(decoding, window, margin),
    decodeSeconds,
    ...(confidences && { confidences }),
  };
}

function speechFrames({ probabilities }: SpeechWindow): number {
  return probabilities.reduce((frames, probability) => frames + (probability >= SPEECH_OFF ? 1 : 0), 0);
}

/**
 * Makes a window ready for the recognizer: a gain of its own, which its speech decides, since speakers differ, and
 * quiet at both ends.
 * @param before frames of quiet that are there before the speech; `after` the same behind it
 * @param margin quiet that there shall be
 */
export function prepare(pcm: Int16Array, before: number, after: number, margin = MARGIN): Float32Array {
  const loudness = createLoudness();
  loudness.add(pcm.subarray(before * FRAME_SAMPLES, pcm.length - after * FRAME_SAMPLES));
  const samples = amplify(pcm, loudness.gain());
  return surround(samples, Math.max(0, margin.before - before), Math.max(0, margin.after - after));
}

function surround(samples: Float32Array, framesBefore: number, framesAfter: number): Float32Array {
  if (framesBefore === 0 && framesAfter === 0) return samples;
  const surrounded = new Float32Array(samples.length + (framesBefore + framesAfter) * FRAME_SAMPLES);
  surrounded.set(samples, framesBefore * FRAME_SAMPLES);
  return surrounded;
}

/** Splits what was decoded into sentences and gives every word its times. */
export function toSentences(
  decoding: Pick<Decoding, 'text' | 'words'>,
  window: SpeechWindow,
  margin: Margin,
): SpokenSentence[] {
  const sentences = splitSentences(decoding.text).map((text) => text.split(' '));
  if (sentences.length === 0) return [];
  const times =
    measuredWords(decoding.words, sentences, window, margin) ?? estimateWordTimes(sentences, window);
  return times.map((words) => ({
    startMs: words[0]?.startMs ?? 0,
    endMs: words.at(-1)?.endMs ?? 0,
    text: words.map(({ text }) => text).join(' '),
    words,
  }));
}

/** Times of the engine, where it gives one for every word of its text. */
function measuredWords(
  words: Decoding['words'],
  sentences: readonly (readonly string[])[],
  window: SpeechWindow,
  margin: Margin,
): SpokenSentence['words'][] | undefined {
  if (words === undefined || words.length !== sentences.flat().length) return undefined;
  const offset = (window.start - Math.max(0, margin.before - (window.speechStart - window.start))) * FRAME_MS;
  let index = 0;
  return sentences.map((texts) =>
    texts.map((text) => {
      const { startMs, endMs } = words[index++] as { startMs: number; endMs: number };
      const start = Math.max(0, Math.round(offset + startMs));
      return { text, startMs: start, endMs: Math.max(start, Math.round(offset + endMs)), estimated: false };
    }),
  );
}

/** Words of sentences as they were decoded. */
export const wordsOf = (sentences: readonly SpokenSentence[]): string[] =>
  sentences.flatMap(({ words }) => words.map(({ text }) => text));
