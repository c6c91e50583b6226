import { readOnnxConstants } from '../onnx/onnx-constants.ts';
import { createMatrixKernel, type Matrix } from './matrix-kernel.ts';
import { CONTEXT_SAMPLES, FRAME_SAMPLES } from './silero-frames.ts';

/** Silero VAD v6 at 16 kHz: what its network is made of. */
const WINDOW = 256;
const HOP = 128;
/** Reflected samples after the frame, so that the last window is whole. */
const REFLECTED = 64;
const BINS = WINDOW / 2 + 1;
const SPECTRA = 4;
const HIDDEN = 128;
/** Floats of all weights and vectors, with room to spare. */
const KERNEL_FLOATS = 280_000;
const PREFIX = 'If_0_then_branch__Inline_0__';

/** Probability of speech of one frame after the other. */
export interface SileroNetwork {
  /**
   * @param samples context and frame: [CONTEXT_SAMPLES + FRAME_SAMPLES] float32 in [-1, 1]
   * @param state [2 × 128] hidden and cell values; changed to those after the frame
   */
  listen(samples: Float32Array, state: Float32Array): number;
}

interface Convolution {
  /** One row an output; the inputs of one point in time lie side by side. */
  readonly weights: Matrix;
  readonly bias: Float32Array;
  readonly inputs: number;
  readonly outputs: number;
  /** Points in time that come out. */
  readonly points: number;
  readonly stride: number;
  /** Where its inputs go: a point of zeros, the points, a point of zeros. */
  readonly padded: Float32Array;
  readonly sums: Float32Array;
}

/**
 * The network by itself, with the weights of the ONNX file: a third of a million multiplications a frame. A general
 * runtime for it costs 200 MB of memory, as much as a recognizer worker, and twice the time.
 * @throws RangeError when the file is not Silero VAD v6
 */
export function createSileroNetwork(model: Uint8Array): SileroNetwork {
  const constants = readOnnxConstants(model);
  const kernel = createMatrixKernel(KERNEL_FLOATS);
  const weight = (name: string, length: number) => {
    const values = constants.get(PREFIX + name);
    if (values?.length !== length) throw new RangeError(`The model has no ${name} of ${length} values.`);
    return values;
  };
  const convolution = (
    layer: number,
    inputs: number,
    outputs: number,
    points: number,
    stride: number,
  ): Convolution => ({
    weights: kernel.matrix(
      timeMajor(weight(`encoder.${layer}.reparam_conv.weight`, outputs * inputs * 3), inputs),
      outputs,
    ),
    bias: weight(`encoder.${layer}.reparam_conv.bias`, outputs),
    inputs,
    outputs,
    points,
    stride,
    padded: kernel.vector((points * stride + 2) * inputs),
    sums: kernel.vector(outputs),
  });
  const spectra = createSpectra(weight('stft.forward_basis_buffer', 2 * BINS * WINDOW));
  const encoder = [
    convolution(0, BINS, 128, 4, 1),
    convolution(1, 128, 64, 2, 2),
    convolution(2, 64, 64, 1, 2),
    convolution(3, 64, HIDDEN, 1, 1),
  ];
  const gates = 4 * HIDDEN;
  const inputWeights = kernel.matrix(weight('decoder.rnn.weight_ih', gates * HIDDEN), gates);
  const hiddenWeights = kernel.matrix(weight('decoder.rnn.weight_hh', gates * HIDDEN), gates);
  const inputBias = weight('decoder.rnn.bias_ih', gates);
  const hiddenBias = weight('decoder.rnn.bias_hh', gates);
  const outputWeights = weight('decoder.decoder.2.weight', HIDDEN);
  const outputBias = weight('decoder.decoder.2.bias', 1)[0] as number;

  const reflected = new Float32Array(CONTEXT_SAMPLES + FRAME_SAMPLES + REFLECTED);
  const input = kernel.vector(HIDDEN);
  const before = kernel.vector(HIDDEN);
  const fromInput = kernel.vector(gates);
  const fromHidden = kernel.vector(gates);

  const convolve = (layer: Convolution, result: Float32Array, to: number) => {
    for (let point = 0; point < layer.points; point++) {
      kernel.multiply(layer.weights, layer.padded, point * layer.stride * layer.inputs, layer.sums, 0);
      for (let output = 0; output < layer.outputs; output++)
        result[to + point * layer.outputs + output] = Math.max(
          0,
          (layer.sums[output] as number) + (layer.bias[output] as number),
        );
    }
  };

  return {
    listen(samples, state) {
      const length = CONTEXT_SAMPLES + FRAME_SAMPLES;
      reflected.set(samples);
      for (let i = 0; i < REFLECTED; i++) reflected[length + i] = samples[length - 2 - i] as number;
      spectra(reflected, (encoder[0] as Convolution).padded, BINS);
      for (const [index, layer] of encoder.entries()) {
        const next = encoder[index + 1];
        convolve(layer, next?.padded ?? input, next?.inputs ?? 0);
      }
      const hidden = state.subarray(0, HIDDEN);
      const cell = state.subarray(HIDDEN, 2 * HIDDEN);
      before.set(hidden);
      kernel.multiply(inputWeights, input, 0, fromInput, 0);
      kernel.multiply(hiddenWeights, before, 0, fromHidden, 0);
      const sum = (gate: number) =>
        (fromInput[gate] as number) +
        (fromHidden[gate] as number) +
        (inputBias[gate] as number) +
        (hiddenBias[gate] as number);
      let output = outputBias;
      for (let unit = 0; unit < HIDDEN; unit++) {
        // Gates in the order of PyTorch: input, forget, cell, output.
        const candidate = Math.tanh(sum(2 * HIDDEN + unit));
        const kept = sigmoid(sum(HIDDEN + unit)) * (cell[unit] as number);
        const value = kept + sigmoid(sum(unit)) * candidate;
        cell[unit] = value;
        hidden[unit] = sigmoid(sum(3 * HIDDEN + unit)) * Math.tanh(value);
        output += (outputWeights[unit] as number) * Math.max(0, hidden[unit] as number);
      }
      return sigmoid(output);
    },
  };
}

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));

/** From [output][input][tap] to [output][tap][input]. */
function timeMajor(weights: Float32Array, inputs: number): Float32Array {
  const turned = new Float32Array(weights.length);
  for (let index = 0; index < weights.length; index++) {
    const tap = index % 3;
    const input = Math.floor(index / 3) % inputs;
    const output = Math.floor(index / (3 * inputs));
    turned[(output * 3 + tap) * inputs + input] = weights[index] as number;
  }
  return turned;
}

/**
 * Writes the magnitudes of the short-time spectra, [SPECTRA × BINS], into `result` from `to` on. The basis of the model is a Hann window times cosines and
 * sines, so that a Fourier transform gives the same.
 */
function createSpectra(
  basis: Float32Array,
): (samples: Float32Array, result: Float32Array, to: number) => void {
  // The cosine of frequency 0 is 1: its row is the window.
  const window = basis.slice(0, WINDOW);
  const real = new Float64Array(WINDOW);
  const imaginary = new Float64Array(WINDOW);
  const transform = createFourier(WINDOW);
  return (samples, result, to) => {
    for (let spectrum = 0; spectrum < SPECTRA; spectrum += 2) {
      // Two real spectra for one complex transform: the second rides on the imaginary part.
      for (let i = 0; i < WINDOW; i++) {
        const at = spectrum * HOP + i;
        real[i] = (samples[at] as number) * (window[i] as number);
        imaginary[i] = (samples[at + HOP] as number) * (window[i] as number);
      }
      transform(real, imaginary);
      for (let bin = 0; bin < BINS; bin++) {
        const mirror = (WINDOW - bin) % WINDOW;
        const [a, b] = [real[bin] as number, imaginary[bin] as number];
        const [c, d] = [real[mirror] as number, imaginary[mirror] as number];
        const at = to + spectrum * BINS + bin;
        result[at] = Math.sqrt((a + c) ** 2 + (b - d) ** 2) / 2;
        result[at + BINS] = Math.sqrt((b + d) ** 2 + (c - a) ** 2) / 2;
      }
    }
  };
}

/** The fast Fourier transform in place (Cooley and Tukey, radix 2). */
function createFourier(size: number): (real: Float64Array, imaginary: Float64Array) => void {
  const bits = Math.log2(size);
  const swapped = Uint16Array.from({ length: size }, (_, index) => {
    let turned = 0;
    for (let bit = 0; bit < bits; bit++) if (index & (1 << bit)) turned |= 1 << (bits - 1 - bit);
    return turned;
  });
  const cosine = Float64Array.from({ length: size / 2 }, (_, i) => Math.cos((2 * Math.PI * i) / size));
  const sine = Float64Array.from({ length: size / 2 }, (_, i) => -Math.sin((2 * Math.PI * i) / size));
  return (real, imaginary) => {
    for (let i = 0; i < size; i++) {
      const j = swapped[i] as number;
      if (j <= i) continue;
      [real[i], real[j]] = [real[j] as number, real[i] as number];
      [imaginary[i], imaginary[j]] = [imaginary[j] as number, imaginary[i] as number];
    }
    for (let half = 1; half < size; half *= 2) {
      const step = size / (2 * half);
      for (let start = 0; start < size; start += 2 * half)
        for (let k = 0; k < half; k++) {
          const [i, j] = [start + k, start + k + half];
          const [c, s] = [cosine[k * step] as number, sine[k * step] as number];
          const [x, y] = [real[j] as number, imaginary[j] as number];
          const [u, v] = [x * c - y * s, x * s + y * c];
          real[j] = (real[i] as number) - u;
          imaginary[j] = (imaginary[i] as number) - v;
          real[i] = (real[i] as number) + u;
          imaginary[i] = (imaginary[i] as number) + v;
        }
    }
  };
}
