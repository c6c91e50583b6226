import type { Recognizer } from '../../server/transcriber/recognizer.ts';

// Speech whose words can be told from its audio alone: phrase n is a tone of its own, and the recognizer says its
// number. So a phrase that is heard twice, or not at all, shows.

/** Name of the model that understands it. */
export const COUNTED = 'counted';

const RATE = 16_000;
const LOWEST_HZ = 300;
const STEP_HZ = 25;
const TONE_MS = 700;
const SILENCE_MS = 600;
export const PHRASE_MS = TONE_MS + SILENCE_MS;
/** Louder than this is tone. */
const THRESHOLD = 0.02;

/** Phrases from `first` on, PCM16 mono 16 kHz. */
export function countedSpeech(count: number, first = 0): Int16Array {
  const perPhrase = (PHRASE_MS * RATE) / 1000;
  const pcm = new Int16Array(count * perPhrase);
  const lead = ((SILENCE_MS / 2) * RATE) / 1000;
  for (let phrase = 0; phrase < count; phrase += 1) {
    const hz = LOWEST_HZ + STEP_HZ * (first + phrase);
    for (let index = 0; index < (TONE_MS * RATE) / 1000; index += 1)
      pcm[phrase * perPhrase + lead + index] = 9000 * Math.sin((2 * Math.PI * hz * index) / RATE);
  }
  return pcm;
}

export const phraseText = (phrase: number): string => `Phrase ${phrase}.`;

/** Quieter for so long, samples: the next phrase. */
const PAUSE_SAMPLES = 3200;

/** Which phrases there are: counts the zero crossings of each loud part. */
function phrasesOf(samples: Float32Array): number[] {
  const peak = samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
  const loud = Math.max(THRESHOLD, peak / 10);
  const parts: { first: number; last: number; crossings: number; sign: number }[] = [];
  for (const [index, sample] of samples.entries()) {
    if (Math.abs(sample) < loud) continue;
    const sign = Math.sign(sample);
    const part = parts.at(-1);
    if (part === undefined || index - part.last > PAUSE_SAMPLES)
      parts.push({ first: index, last: index, crossings: 0, sign });
    else {
      if (sign !== part.sign) part.crossings += 1;
      part.last = index;
      part.sign = sign;
    }
  }
  return parts.map(({ first, last, crossings }) =>
    Math.round(((crossings * RATE) / (2 * Math.max(1, last - first)) - LOWEST_HZ) / STEP_HZ),
  );
}

/** A recognizer that understands counted speech. @param delayMs how long a decode takes */
export function countingRecognizer(model: string, delayMs = 20): Recognizer {
  return {
    model,
    capabilities: { languages: ['en'], wordTimes: false, keyTerms: false },
    async warm() {},
    async decode(samples, { signal }) {
      await new Promise((resolve) => setTimeout(resolve, delayMs));
      signal?.throwIfAborted();
      return { text: phrasesOf(samples).map(phraseText).join(' '), decodeSeconds: delayMs / 1000 };
    },
    async close() {},
  };
}
