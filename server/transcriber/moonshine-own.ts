import { hearingsOf } from './hearings.ts';
import type { ModelFiles } from './model-files.ts';
import { createMoonshineNetwork } from './moonshine-network.ts';
import { readTokens, type SpokenText } from './moonshine-tokens.ts';

/** Hypotheses followed at once, unless it must be fast (docs/adr/0018-beam-search.md). */
export const BEAMS = 4;
/** The vendor's bound for languages in Latin letters; beyond it a decoder repeats itself. */
const TOKENS_PER_SECOND = 6.5;

/**
 * Loads moonshine-tiny into a network of our own.
 * @returns the text of float32 mono 16 kHz, from so many hypotheses followed at once, and so many hearings
 * @throws RangeError when the files are of another model
 */
export function openOwnNetwork(
  files: ModelFiles,
): (samples: Float32Array, beams: number, hearings: number) => SpokenText {
  const file = (name: string) => {
    const bytes = files.get(name);
    if (bytes === undefined) throw new RangeError(`The model has no ${name}.`);
    return bytes;
  };
  const network = createMoonshineNetwork(file('encoder_model.ort'), file('decoder_model_merged.ort'));
  const toText = readTokens(file('tokenizer.bin'));
  return (samples, beams, hearings) => {
    const maxTokens = Math.ceil((samples.length / 16_000) * TOKENS_PER_SECOND);
    return toText(network.transcribe(hearingsOf(samples, hearings), maxTokens, beams));
  };
}
