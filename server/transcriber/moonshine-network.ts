import type { FoundToken } from './beam-search.ts';
import { createDecoder } from './moonshine-decoder.ts';
import { createEncoder, encodedFrames, MIN_SAMPLES } from './moonshine-encoder.ts';
import { createLayers } from './moonshine-layers.ts';
import { createNetworkMemory } from './moonshine-memory.ts';
import { placeDecoder, placeEncoder } from './moonshine-weights.ts';

/** Moonshine tiny by itself, with the weights of the model files: int8, activations of 14 bits or float32. */
export interface MoonshineNetwork {
  /**
   * Listens to audio, and says the likeliest tokens.
   * @param hearings the same audio, each time a little different, float32 mono 16 kHz: what is said is what all of them
   * together make likeliest. Shorter than MIN_SAMPLES is nothing
   * @param maxTokens where it stops at the latest
   * @param beams hypotheses followed at once; 1 takes the likeliest token at each step
   */
  transcribe(hearings: readonly Float32Array[], maxTokens: number, beams: number): readonly FoundToken[];
}

/**
 * @param encoderFile `encoder_model.ort` of moonshine-tiny; @param decoderFile `decoder_model_merged.ort`
 * @throws RangeError when these are no such files
 */
export function createMoonshineNetwork(encoderFile: Uint8Array, decoderFile: Uint8Array): MoonshineNetwork {
  const memory = createNetworkMemory();
  const encoder = placeEncoder(encoderFile, memory);
  const layers = createLayers(memory, encoder.turns);
  const encode = createEncoder(memory, layers, encoder);
  const decode = createDecoder(memory, layers, placeDecoder(decoderFile, memory));
  const weightsEnd = memory.used;
  return {
    transcribe(hearings, maxTokens, beams) {
      const audible = hearings.filter(({ length }) => length >= MIN_SAMPLES);
      if (audible.length === 0) return [];
      memory.release(weightsEnd);
      const heard = audible.map((samples) => ({
        encoded: encode(samples),
        frames: encodedFrames(samples.length),
      }));
      return decode(heard, maxTokens, beams);
    },
  };
}
