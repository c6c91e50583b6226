import type { Layers } from './moonshine-layers.ts';
import { WIDTH_BYTES } from './moonshine-layers.ts';
import { FLOAT, type NetworkMemory } from './moonshine-memory.ts';
import { COLUMNS } from './moonshine-products.ts';
import { type DecoderWeights, INNER, type Linear, VOCABULARY, WIDTH } from './moonshine-weights.ts';

const START = 1;
const END = 2;

/** Says what was heard, the most likely token at each step until the end. */
export type Decode = (encoded: number, frames: number, maxTokens: number) => number[];

export function createDecoder(memory: NetworkMemory, layers: Layers, weights: DecoderWeights): Decode {
  const { kernel } = memory;

  /** What each layer sees of the audio. */
  const look = (encoded: number, frames: number) => {
    const seen = weights.layers.map(() => layers.see(frames));
    const arena = memory.used;
    const digits = layers.digits(frames, WIDTH);
    const key = memory.rows(frames, WIDTH);
    layers.quantize(encoded, WIDTH, frames, digits);
    for (const [index, { audio }] of weights.layers.entries()) {
      const own = seen[index]!;
      layers.multiply(audio.key, digits, frames, key);
      layers.multiply(audio.value, digits, frames, own.values);
      layers.placeKeys(key, frames, own, 0);
    }
    memory.release(arena);
    return seen;
  };

  /** The row of a token, out of the packed table. */
  const embed = (token: number, to: number) => {
    const { weights: table, matrix } = weights.vocabulary;
    const { floats, ints } = memory;
    const packed = new Int8Array(floats.buffer);
    const zero = ints[matrix / FLOAT] as number;
    const scale = floats[matrix / FLOAT + 1] as number;
    const from = table + Math.floor(token / COLUMNS) * WIDTH * COLUMNS + (token % COLUMNS) * 4;
    for (let i = 0; i < WIDTH; i++)
      floats[to / FLOAT + i] = ((packed[from + (i >> 2) * COLUMNS * 4 + (i & 3)] as number) - zero) * scale;
  };

  return (encoded, frames, maxTokens) => {
    const heard = look(encoded, frames);
    const said = weights.layers.map(() => layers.see(maxTokens));
    const hidden = memory.rows(1, WIDTH);
    const normed = memory.rows(1, WIDTH);
    const query = memory.rows(1, WIDTH);
    const key = memory.rows(1, WIDTH);
    const attended = memory.rows(1, WIDTH);
    const inner = memory.rows(1, 2 * INNER);
    const scores = memory.rows(1, Math.max(heard[0]!.room, said[0]!.room));
    const digits = layers.digits(1, INNER);
    const logits = memory.rows(1, VOCABULARY);
    const product = (matrix: Linear, from: number, to: number) => {
      layers.quantize(from, matrix.inputs, 1, digits);
      layers.multiply(matrix, digits, 1, to);
    };
    const addProduct = (matrix: Linear, from: number) => {
      product(matrix, from, normed);
      kernel.add(hidden, normed, WIDTH_BYTES);
    };

    /** The most likely token after this one. */
    const next = (token: number, position: number): number => {
      embed(token, hidden);
      for (const [index, layer] of weights.layers.entries()) {
        const own = said[index]!;
        layers.normalize(hidden, normed, layer.attentionNorm, 1);
        layers.quantize(normed, WIDTH, 1, digits);
        layers.multiply(layer.attention.query, digits, 1, query);
        layers.multiply(layer.attention.key, digits, 1, key);
        layers.multiply(layer.attention.value, digits, 1, own.values + position * WIDTH_BYTES);
        layers.turn(query, 1, position);
        layers.turn(key, 1, position);
        layers.placeKeys(key, 1, own, position);
        layers.attend(query, 1, own, position + 1, scores, attended);
        addProduct(layer.attention.out, attended);
        layers.normalize(hidden, normed, layer.audioNorm, 1);
        product(layer.audio.query, normed, query);
        layers.attend(query, 1, heard[index]!, frames, scores, attended);
        addProduct(layer.audio.out, attended);
        layers.normalize(hidden, normed, layer.innerNorm, 1);
        product(layer.widen, normed, inner);
        kernel.gate(inner, INNER * FLOAT, inner + INNER * FLOAT);
        addProduct(layer.narrow, inner);
      }
      layers.normalize(hidden, normed, weights.norm, 1);
      product(weights.vocabulary, normed, logits);
      return largest(memory.floats, logits / FLOAT, VOCABULARY);
    };

    const tokens: number[] = [];
    for (let token = START; tokens.length < maxTokens; tokens.push(token)) {
      token = next(token, tokens.length);
      if (token === END) break;
    }
    return tokens;
  };
}

/** Which of the values is the largest, the first of equals. */
function largest(values: Float32Array, start: number, count: number): number {
  let best = start;
  for (let i = start + 1; i < start + count; i++)
    if ((values[i] as number) > (values[best] as number)) best = i;
  return best - start;
}
