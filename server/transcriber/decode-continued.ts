import { type DecodedWindow, decodeWindow, prepare, toSentences, wordsOf } from './decode-window.ts';
import { withoutInvention } from './hallucination.ts';
import type { DecodeOptions, Recognizer } from './recognizer.ts';
import { FRAME_MS } from './silero-frames.ts';
import type { Margin } from './speech-policy.ts';
import type { SpeechWindow } from './windows.ts';
import { normalWord } from './word-forms.ts';
import { findOverlap } from './word-overlap.ts';

/** What was said just before a segment. */
export interface SpokenBefore {
  /** First frame of its audio. */
  readonly start: number;
  /** Its words, when they are known. */
  readonly decoding: Promise<Pick<DecodedWindow, 'sentences'>>;
}

/**
 * Decodes a segment together with what was said just before it, which it goes on from: a few words alone are often
 * misheard. What the text has beyond the words before is the segment's; when that is not clear, it is decoded alone.
 * @param pcm samples from `before.start` to `window.end`
 */
export async function decodeContinued(
  pcm: Int16Array,
  window: SpeechWindow,
  before: SpokenBefore,
  recognizer: Recognizer,
  options: DecodeOptions,
  margin: Margin,
): Promise<DecodedWindow> {
  const after = window.end - window.speechEnd;
  const [{ text, decodeSeconds, confidences }, { sentences }] = await Promise.all([
    recognizer.decode(prepare(pcm, 0, after, margin), options),
    before.decoding,
  ]);
  const words = text.split(/\s+/).filter(Boolean);
  const overlap = findOverlap(wordsOf(sentences).map(normalWord), words.map(normalWord));
  if (overlap === undefined) {
    const samples = pcm.length - ((window.end - window.start) * pcm.length) / (window.end - before.start);
    const alone = await decodeWindow(pcm.subarray(samples), window, recognizer, options, margin);
    return { ...alone, decodeSeconds: alone.decodeSeconds + decodeSeconds };
  }
  const speech = (window.speechEnd - window.speechStart) * (FRAME_MS / 1000);
  const own = withoutInvention(words.slice(overlap.to).join(' '), speech);
  return {
    sentences: toSentences({ text: own }, window, margin),
    decodeSeconds,
    ...(confidences && { confidences: confidences.slice(overlap.to) }),
  };
}
