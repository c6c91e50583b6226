import { beamSearch, type Continuation, type FoundToken } from './beam-search.ts';
import { type Layers, WIDTH_BYTES } from './moonshine-layers.ts';
import { FLOAT, type NetworkMemory } from './moonshine-memory.ts';
import { createPasts } from './moonshine-pasts.ts';
import { COLUMNS } from './moonshine-products.ts';
import { type DecoderWeights, INNER, type Linear, VOCABULARY, WIDTH } from './moonshine-weights.ts';

const START = 1;
const END = 2;

/** What the encoder made of audio: address of `[frames][WIDTH]`. */
export interface Encoded {
  readonly encoded: number;
  readonly frames: number;
}

/**
 * Says what was heard. Several hearings of the same audio agree on each token: what they see before the vocabulary is
 * averaged, which is the mean of their logits.
 * @param width hypotheses followed at once
 */
export type Decode = (
  hearings: readonly Encoded[],
  maxTokens: number,
  width: number,
) => readonly FoundToken[];

export function createDecoder(memory: NetworkMemory, layers: Layers, weights: DecoderWeights): Decode {
  const { kernel } = memory;

  /** What each layer sees of the audio. */
  const look = ({ encoded, frames }: Encoded) => {
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

  /** Rows of all hearings become one row for each hypothesis. */
  const average = (rows: number, count: number, hearings: number) => {
    const { floats } = memory;
    const length = count * WIDTH;
    const start = rows / FLOAT;
    for (let i = start; i < start + length; i++) {
      let sum = 0;
      for (let hearing = 0; hearing < hearings; hearing++) sum += floats[i + hearing * length] as number;
      floats[i] = sum / hearings;
    }
  };

  return (hearings, maxTokens, width) => {
    const heard = hearings.map(look);
    const pasts = hearings.map(() => createPasts(memory, layers, width, maxTokens));
    const rows = width * hearings.length;
    const hidden = memory.rows(rows, WIDTH);
    const normed = memory.rows(rows, WIDTH);
    const query = memory.rows(rows, WIDTH);
    const key = memory.rows(rows, WIDTH);
    const value = memory.rows(rows, WIDTH);
    const attended = memory.rows(rows, WIDTH);
    const inner = memory.rows(rows, 2 * INNER);
    const room = Math.max(pasts[0]!.room, ...heard.map((layersSeen) => layersSeen[0]!.room));
    const scores = memory.rows(width, room);
    const digits = layers.digits(rows, INNER);
    const logits = memory.rows(width, VOCABULARY);
    const product = (matrix: Linear, from: number, count: number, to: number) => {
      layers.quantize(from, matrix.inputs, count, digits);
      layers.multiply(matrix, digits, count, to);
    };
    const addProduct = (matrix: Linear, from: number, count: number) => {
      product(matrix, from, count, normed);
      kernel.add(hidden, normed, count * WIDTH_BYTES);
    };

    const next = (hypotheses: readonly Continuation[], position: number): Float32Array => {
      const each = hypotheses.length;
      // Rows of the first hearing, then those of the next.
      const count = each * hearings.length;
      const past = pasts.flatMap((own) => own.continue(hypotheses));
      for (let row = 0; row < count; row++) embed(hypotheses[row % each]!.token, hidden + row * WIDTH_BYTES);
      for (const [index, layer] of weights.layers.entries()) {
        layers.normalize(hidden, normed, layer.attentionNorm, count);
        layers.quantize(normed, WIDTH, count, digits);
        layers.multiply(layer.attention.query, digits, count, query);
        layers.multiply(layer.attention.key, digits, count, key);
        layers.multiply(layer.attention.value, digits, count, value);
        for (let row = 0; row < count; row++) {
          const own = past[row]![index]!;
          const at = row * WIDTH_BYTES;
          layers.turn(query + at, 1, position);
          layers.turn(key + at, 1, position);
          layers.placeKeys(key + at, 1, own, position);
          const from = (value + at) / FLOAT;
          memory.floats.copyWithin((own.values + position * WIDTH_BYTES) / FLOAT, from, from + WIDTH);
          layers.attend(query + at, 1, own, position + 1, scores, attended + at);
        }
        addProduct(layer.attention.out, attended, count);
        layers.normalize(hidden, normed, layer.audioNorm, count);
        product(layer.audio.query, normed, count, query);
        // What is written behind the rows of a hearing are those of the next, which follow.
        for (const [hearing, { frames }] of hearings.entries()) {
          const at = hearing * each * WIDTH_BYTES;
          layers.attend(query + at, each, heard[hearing]![index]!, frames, scores, attended + at);
        }
        addProduct(layer.audio.out, attended, count);
        layers.normalize(hidden, normed, layer.innerNorm, count);
        product(layer.widen, normed, count, inner);
        for (let row = 0; row < count; row++) {
          const values = inner + row * 2 * INNER * FLOAT;
          kernel.gate(values, INNER * FLOAT, values + INNER * FLOAT);
          // Rows without their gates, side by side.
          const from = values / FLOAT;
          memory.floats.copyWithin(inner / FLOAT + row * INNER, from, from + INNER);
        }
        addProduct(layer.narrow, inner, count);
      }
      layers.normalize(hidden, normed, weights.norm, count);
      if (hearings.length > 1) average(normed, each, hearings.length);
      product(weights.vocabulary, normed, each, logits);
      return memory.floats.subarray(logits / FLOAT, logits / FLOAT + each * VOCABULARY);
    };
    return beamSearch({ width, start: START, end: END, maxTokens, next });
  };
}
