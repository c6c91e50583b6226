import { type OrtModel, readOrtModel } from '../onnx/ort-file.ts';
import { FLOAT, type NetworkMemory, up } from './moonshine-memory.ts';
import { COLUMNS, FLOAT_COLUMNS } from './moonshine-products.ts';

/** Moonshine tiny: what its network is made of. */
export const WIDTH = 288;
const HEADS = 8;
export const HEAD = WIDTH / HEADS;
export const INNER = 4 * WIDTH;
export const LAYERS = 6;
export const VOCABULARY = 32_768;
/** Values of a head that turn with the position, two by two. */
export const TURNING = 32;

export interface Convolution {
  readonly kernel: number;
  readonly stride: number;
  readonly inputs: number;
  readonly outputs: number;
}
export const CONV1: Convolution = { kernel: 127, stride: 64, inputs: 1, outputs: WIDTH };
export const CONV2: Convolution = { kernel: 7, stride: 3, inputs: WIDTH, outputs: 2 * WIDTH };
export const CONV3: Convolution = { kernel: 3, stride: 2, inputs: 2 * WIDTH, outputs: WIDTH };

/** A matrix of int8. All are addresses. */
export interface Linear {
  /** `[outputs / COLUMNS][inputs / 4][COLUMNS][4]` */
  readonly weights: number;
  /** Of each eight outputs: `[8]` int32 that the digits of x ask for, `[8]` float32 bias. */
  readonly columns: number;
  /** Zero (int32) and scale (float32). */
  readonly matrix: number;
  readonly inputs: number;
  readonly outputs: number;
}

export interface Attention {
  readonly query: Linear;
  readonly key: Linear;
  readonly value: Linear;
  readonly out: Linear;
}

interface Layer {
  readonly attentionNorm: number;
  readonly attention: Attention;
  readonly innerNorm: number;
  readonly widen: Linear;
  readonly narrow: Linear;
}

export interface EncoderWeights {
  readonly conv1: number;
  readonly groupScale: Float32Array;
  readonly groupShift: Float32Array;
  readonly conv2: number;
  readonly conv2Bias: number;
  readonly conv3: number;
  readonly conv3Bias: number;
  readonly layers: readonly Layer[];
  readonly norm: number;
  /** Angle of each turning pair from one position to the next. */
  readonly turns: Float32Array;
}

export interface DecoderWeights {
  readonly layers: readonly (Layer & { readonly audioNorm: number; readonly audio: Attention })[];
  readonly norm: number;
  /** The words it hears are the words it says: one table for both. */
  readonly vocabulary: Linear;
}

/** @throws RangeError when this is not `encoder_model.ort` of moonshine-tiny */
export function placeEncoder(file: Uint8Array, memory: NetworkMemory): EncoderWeights {
  const weights = readWeights(readOrtModel(file), memory);
  return {
    conv1: weights.convolution('conv1', CONV1),
    groupScale: weights.constantOf('/groupnorm/Mul_output_0', WIDTH),
    groupShift: weights.constantOf('/groupnorm/Add_output_0', WIDTH),
    conv2: weights.convolution('conv2', CONV2),
    conv2Bias: weights.vector('conv2.bias'),
    conv3: weights.convolution('conv3', CONV3),
    conv3Bias: weights.vector('conv3.bias'),
    layers: Array.from({ length: LAYERS }, (_, index) => ({
      attentionNorm: weights.vector(`layers.${index}.input_layernorm.weight`),
      attention: weights.attention(`layers.${index}.self_attn`),
      innerNorm: weights.vector(`layers.${index}.post_attention_layernorm.weight`),
      widen: weights.linear(`layers.${index}.mlp.fc1`, WIDTH, INNER),
      narrow: weights.linear(`layers.${index}.mlp.fc2`, INNER, WIDTH),
    })),
    norm: weights.vector('layer_norm.weight'),
    turns: weights.constantOf('/rotary_emb/Expand_output_0', TURNING / 2),
  };
}

/** @throws RangeError when this is not `decoder_model_merged.ort` of moonshine-tiny */
export function placeDecoder(file: Uint8Array, memory: NetworkMemory): DecoderWeights {
  const weights = readWeights(readOrtModel(file), memory);
  return {
    layers: Array.from({ length: LAYERS }, (_, index) => {
      const name = `model.decoder.layers.${index}`;
      return {
        attentionNorm: weights.vector(`${name}.input_layernorm.weight`),
        attention: weights.attention(`${name}.self_attn`),
        audioNorm: weights.vector(`${name}.post_attention_layernorm.weight`),
        audio: weights.attention(`${name}.encoder_attn`),
        innerNorm: weights.vector(`${name}.final_layernorm.weight`),
        widen: weights.linear(`${name}.mlp.fc1`, WIDTH, 2 * INNER),
        narrow: weights.linear(`${name}.mlp.fc2`, INNER, WIDTH),
      };
    }),
    norm: weights.vector('model.decoder.norm.weight'),
    vocabulary: weights.linear('logits', WIDTH, VOCABULARY),
  };
}

/** Finds weights by the names of the layers, and lays them out for the kernels. */
function readWeights({ initializers, nodes }: OrtModel, memory: NetworkMemory) {
  const { kernel } = memory;
  const need = (name: string, bytes: Uint8Array | undefined) => {
    if (bytes === undefined) throw new RangeError(`The model has no ${name}.`);
    return bytes;
  };
  /** Those of two branches that are the same were merged, and renamed so. */
  const find = (name: string) => initializers.get(name) ?? initializers.get(`${name}_merged_0`);
  const asFloats = (bytes: Uint8Array) => new Float32Array(new Uint8Array(bytes).buffer);
  const floatsOf = (name: string) => asFloats(need(name, find(name)));
  /** An input of a node that gives this value, in whichever branch. */
  const inputOf = (output: string, isIt: (input: string) => boolean) =>
    nodes
      .filter(({ outputs }) => outputs.includes(output))
      .flatMap(({ inputs }) => inputs)
      .find((input) => initializers.has(input) && isIt(input));

  const linear = (name: string, inputs: number, outputs: number): Linear => {
    const output = resultOf(name);
    const base =
      inputOf(output, (input) => input.endsWith('_quantized'))?.replace(/_quantized$/, '') ?? output;
    const values = need(output, initializers.get(`${base}_quantized`));
    if (values.length !== inputs * outputs) throw new RangeError(`${name} is not ${inputs} × ${outputs}.`);
    const [zero] = need(base, initializers.get(`${base}_zero_point`));
    const [scale] = asFloats(need(base, initializers.get(`${base}_scale`)));
    const bias = find(`${name}.bias`);
    const biases = bias === undefined ? undefined : asFloats(bias);
    // int8 around the middle of uint8.
    const middle = (zero as number) - 128;

    const weights = memory.allocate(inputs * outputs);
    const columns = memory.allocate(outputs * 2 * FLOAT);
    const matrix = memory.allocate(2 * FLOAT);
    const given = memory.allocate(inputs * outputs);
    const { floats, ints } = memory;
    new Uint8Array(floats.buffer).set(values, given);
    for (let group = 0; group < outputs; group += COLUMNS) {
      const sums = columns + group * 2 * FLOAT;
      kernel.pack(given + group, outputs, weights + group * inputs, sums, inputs / 4);
      const ofGroup = ints.slice(sums / FLOAT, sums / FLOAT + COLUMNS);
      for (let index = 0; index < COLUMNS; index++) {
        const column = sums / FLOAT + (index >> 3) * COLUMNS + (index & 7);
        // The digits of x are those of x + 8192.
        ints[column] = (inputs * middle - (ofGroup[index] as number)) * 8192;
        floats[column + 8] = biases?.[group + index] ?? 0;
      }
    }
    memory.release(given);
    ints[matrix / FLOAT] = middle;
    floats[matrix / FLOAT + 1] = scale as number;
    return { weights, columns, matrix, inputs, outputs };
  };

  return {
    linear,
    vector: (name: string) => memory.place(floatsOf(name)),
    /** The constant among the inputs of a node that gives this value. */
    constantOf(output: string, length: number): Float32Array {
      const name = inputOf(output, (input) => initializers.get(input)?.length === length * FLOAT);
      return asFloats(need(output, initializers.get(name ?? '')));
    },
    attention: (name: string): Attention => ({
      query: linear(`${name}.q_proj`, WIDTH, WIDTH),
      key: linear(`${name}.k_proj`, WIDTH, WIDTH),
      value: linear(`${name}.v_proj`, WIDTH, WIDTH),
      out: linear(`${name}.o_proj`, WIDTH, WIDTH),
    }),
    /** `[out][in][kernel]` as panels of FLOAT_COLUMNS outputs, `[kernel × in][FLOAT_COLUMNS]`, rows a multiple of 4. */
    convolution(name: string, { kernel, inputs, outputs }: Convolution): number {
      const values = floatsOf(`${name}.weight_add_tensor`);
      if (values.length !== outputs * inputs * kernel) throw new RangeError(`${name} is of another model.`);
      const length = up(kernel * inputs, 4);
      const address = memory.allocate(outputs * length * FLOAT);
      const { floats } = memory;
      const start = address / FLOAT;
      floats.fill(0, start, start + outputs * length);
      for (let out = 0; out < outputs; out++) {
        const panel =
          start + Math.floor(out / FLOAT_COLUMNS) * length * FLOAT_COLUMNS + (out % FLOAT_COLUMNS);
        for (let input = 0; input < inputs; input++)
          for (let k = 0; k < kernel; k++)
            floats[panel + (k * inputs + input) * FLOAT_COLUMNS] = values[
              (out * inputs + input) * kernel + k
            ] as number;
      }
      return address;
    },
  };
}

/** The value that a linear layer gives, by the name of the layer. */
function resultOf(name: string): string {
  if (name === 'logits') return name;
  const path = name
    .replace('model.decoder.', 'model/decoder/')
    .replace(/(layers\.\d+)\./, '$1/')
    .replace(/\.(\w+)$/, '/$1');
  return `/${path}/${name.includes('.mlp.') ? 'Add' : 'MatMul'}_output_0`;
}
