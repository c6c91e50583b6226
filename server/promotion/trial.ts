import type { Embedder } from '../embedder/embedder.ts';
import type { Recognizer } from '../transcriber/recognizer.ts';

const SAMPLE_RATE = 16_000;
const TONE_HZ = 220;

/** One second in which nobody speaks. */
const tone = () =>
  Float32Array.from(
    { length: SAMPLE_RATE },
    (_, at) => 0.1 * Math.sin((2 * Math.PI * TONE_HZ * at) / SAMPLE_RATE),
  );

/** Loads a recognizer and has it decode a second. Rejects when it cannot; closes it either way. */
export async function tryRecognizer(recognizer: Recognizer, signal: AbortSignal): Promise<void> {
  try {
    await recognizer.warm();
    const [language = 'en'] = recognizer.capabilities.languages;
    const { text } = await recognizer.decode(tone(), {
      language,
      priority: 'batch',
      session: 'trial',
      signal,
    });
    if (typeof text !== 'string') throw new Error('it gives no text');
  } finally {
    await recognizer.close();
  }
}

/** The same for an embedder: two texts must become two different vectors of unit length. */
export async function tryEmbedder(embedder: Embedder): Promise<void> {
  try {
    await embedder.warm();
    const [first, second, ...more] = await embedder.embed(['We launch in March.', 'The invoice is due.']);
    for (const vector of [first, second]) {
      const length = Math.hypot(...(vector ?? []));
      if (vector?.length !== embedder.dimensions || !(Math.abs(length - 1) < 0.01))
        throw new Error('its vectors are not what they should be');
    }
    if (more.length > 0 || first!.every((value, at) => value === second![at]))
      throw new Error('it cannot tell texts apart');
  } finally {
    await embedder.close();
  }
}
