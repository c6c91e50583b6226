import type { Layers } from './moonshine-layers.ts';
import { WIDTH_BYTES } from './moonshine-layers.ts';
import { FLOAT, type NetworkMemory, SPARE_ROWS } from './moonshine-memory.ts';
import {
  CONV1,
  CONV2,
  CONV3,
  type Convolution,
  type EncoderWeights,
  INNER,
  type Linear,
  WIDTH,
} from './moonshine-weights.ts';

const EPSILON = 1e-5;

/** Frames that a convolution without padding gives. */
const framesOf = (inputs: number, { kernel, stride }: Convolution) =>
  Math.floor((inputs - kernel) / stride) + 1;
const convolutions = [CONV1, CONV2, CONV3];

/** Frames of 384 samples that the encoder makes of audio. */
export const encodedFrames = (samples: number): number => convolutions.reduce(framesOf, samples);

/** Shortest audio that the encoder can take, samples of 16 kHz. */
export const MIN_SAMPLES: number = convolutions.reduceRight(
  (frames, { kernel, stride }) => (frames - 1) * stride + kernel,
  1,
);

/** Listens. @returns address of `[encodedFrames][WIDTH]`; only these are allocated in the end */
export type Encode = (samples: Float32Array) => number;

export function createEncoder(memory: NetworkMemory, layers: Layers, weights: EncoderWeights): Encode {
  const { kernel } = memory;
  const sums = memory.allocate(8 * FLOAT);
  const factors = memory.allocate(WIDTH_BYTES);
  const summands = memory.allocate(WIDTH_BYTES);

  /** Mean 0 and variance 1 over all rows together, then a scale and a shift of each feature, in place. */
  const normalizeGroup = (start: number, count: number) => {
    const { floats } = memory;
    let sum = 0;
    let squares = 0;
    for (let row = 0; row < count; row++) {
      kernel.moments(start + row * WIDTH_BYTES, WIDTH_BYTES, sums);
      for (let i = 0; i < 4; i++) {
        sum += floats[sums / FLOAT + i] as number;
        squares += floats[sums / FLOAT + 4 + i] as number;
      }
    }
    const mean = sum / (count * WIDTH);
    const factor = 1 / Math.sqrt(squares / (count * WIDTH) - mean * mean + EPSILON);
    for (let i = 0; i < WIDTH; i++) {
      const scale = (weights.groupScale[i] as number) * factor;
      floats[factors / FLOAT + i] = scale;
      floats[summands / FLOAT + i] = (weights.groupShift[i] as number) - mean * scale;
    }
    kernel.stretch(start, WIDTH_BYTES, factors, summands, count);
  };

  /** The convolutions at the beginning: samples to frames. */
  const listen = (samples: Float32Array, frames: number, hidden: number) => {
    const frames1 = framesOf(samples.length, CONV1);
    const frames2 = framesOf(frames1, CONV2);
    const audio = memory.allocate((samples.length + SPARE_ROWS * CONV1.stride) * FLOAT);
    const first = memory.rows(frames1, CONV1.outputs);
    const second = memory.rows(frames2, CONV2.outputs);
    memory.floats.set(samples, audio / FLOAT);
    memory.floats.fill(0, audio / FLOAT + samples.length, first / FLOAT);
    layers.convolve(audio, weights.conv1, 0, first, frames1, CONV1);
    kernel.tanh(first, frames1 * WIDTH_BYTES);
    normalizeGroup(first, frames1);
    layers.convolve(first, weights.conv2, weights.conv2Bias, second, frames2, CONV2);
    kernel.gelu(second, frames2 * CONV2.outputs * FLOAT);
    layers.convolve(second, weights.conv3, weights.conv3Bias, hidden, frames, CONV3);
    kernel.gelu(hidden, frames * WIDTH_BYTES);
  };

  return (samples) => {
    const frames = encodedFrames(samples.length);
    const hidden = memory.rows(frames, WIDTH);
    const arena = memory.used;
    listen(samples, frames, hidden);
    memory.release(arena);

    const normed = memory.rows(frames, WIDTH);
    const query = memory.rows(frames, WIDTH);
    const key = memory.rows(frames, WIDTH);
    const attended = memory.rows(frames, WIDTH);
    const seen = layers.see(frames);
    const scores = memory.rows(frames, seen.room);
    const inner = memory.rows(frames, INNER);
    const digits = layers.digits(frames, INNER);
    const addProduct = (matrix: Linear, from: number) => {
      layers.quantize(from, matrix.inputs, frames, digits);
      layers.multiply(matrix, digits, frames, normed);
      kernel.add(hidden, normed, frames * WIDTH_BYTES);
    };
    for (const layer of weights.layers) {
      layers.normalize(hidden, normed, layer.attentionNorm, frames);
      layers.quantize(normed, WIDTH, frames, digits);
      layers.multiply(layer.attention.query, digits, frames, query);
      layers.multiply(layer.attention.key, digits, frames, key);
      layers.multiply(layer.attention.value, digits, frames, seen.values);
      layers.turn(query, frames, 0);
      layers.turn(key, frames, 0);
      layers.placeKeys(key, frames, seen, 0);
      layers.attend(query, frames, seen, frames, scores, attended);
      addProduct(layer.attention.out, attended);
      layers.normalize(hidden, normed, layer.innerNorm, frames);
      layers.quantize(normed, WIDTH, frames, digits);
      layers.multiply(layer.widen, digits, frames, inner);
      kernel.gelu(inner, frames * INNER * FLOAT);
      addProduct(layer.narrow, inner);
    }
    layers.normalize(hidden, hidden, weights.norm, frames);
    memory.release(arena);
    return hidden;
  };
}
