import { type OrtModel, readOrtModel } from '../onnx/ort-file.ts';
import { wasmModule } from '../onnx/wasm-code.ts';
import {
  type ByteProducts,
  COLUMNS,
  FLOAT_COLUMNS,
  FLOAT_ROWS,
  type FloatProducts,
  productFunctions,
} from './moonshine-products.ts';
import { type VectorFunctions, vectorFunctions } from './moonshine-vectors.ts';

/** Moonshine tiny: what its network is made of. */
const WIDTH = 288;
const HEADS = 8;
const HEAD = WIDTH / HEADS;
const INNER = 4 * WIDTH;
const LAYERS = 6;
export const VOCABULARY = 32_768;
/** Values of a head that turn with the position, two by two. */
const TURNING = 32;
const CONV1 = { kernel: 127, stride: 64, inputs: 1, outputs: WIDTH };
const CONV2 = { kernel: 7, stride: 3, inputs: WIDTH, outputs: 2 * WIDTH };
const CONV3 = { kernel: 3, stride: 2, inputs: 2 * WIDTH, outputs: WIDTH };
const EPSILON = 1e-5;
/** What the model was trained with: its keys have room for 40 values, its scores are divided by 6. */
const SCORE_SCALE = 1 / 6;
const START = 1;
const END = 2;

const FLOAT = 4;
const WIDTH_BYTES = WIDTH * FLOAT;
const HEAD_BYTES = HEAD * FLOAT;
const PANEL_BYTES = FLOAT_COLUMNS * FLOAT;
/** Rows behind the last that products may read and write, since they take several at once. */
const SPARE_ROWS = 16;

/** Shortest audio that the network can take, samples of 16 kHz. */
export const MIN_SAMPLES = framesNeeded(1);

/** The network by itself, with the weights of the model file. A general runtime takes two to three times as long. */
export interface MoonshineNetwork {
  /**
   * Listens to audio, and says the most likely token at each step until the end.
   * @param samples float32 mono 16 kHz, MIN_SAMPLES at least
   * @param maxTokens where it stops at the latest
   */
  transcribe(samples: Float32Array, maxTokens: number): number[];
}

type Kernel = ByteProducts & FloatProducts & VectorFunctions;

interface Linear {
  /** Addresses: weights `[outputs / COLUMNS][inputs / 4][COLUMNS][4]`; what belongs to the columns; zero and scale. */
  readonly weights: number;
  readonly columns: number;
  readonly matrix: number;
  readonly inputs: number;
  readonly outputs: number;
}

interface Attention {
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

interface DecoderLayer extends Layer {
  readonly audioNorm: number;
  readonly audio: Attention;
}

/** Frames that a convolution without padding gives. */
const framesOf = (inputs: number, { kernel, stride }: { kernel: number; stride: number }) =>
  Math.floor((inputs - kernel) / stride) + 1;

function framesNeeded(frames: number): number {
  return [CONV3, CONV2, CONV1].reduce((count, { kernel, stride }) => (count - 1) * stride + kernel, frames);
}

const up = (value: number, multiple: number) => Math.ceil(value / multiple) * multiple;

/**
 * @param encoderFile `encoder_model.ort` of moonshine-tiny; @param decoderFile `decoder_model_merged.ort`
 * @throws RangeError when these are no such files
 */
export function createMoonshineNetwork(encoderFile: Uint8Array, decoderFile: Uint8Array): MoonshineNetwork {
  const memory = new WebAssembly.Memory({ initial: 1 });
  const kernel = new WebAssembly.Instance(wasmModule([...productFunctions, ...vectorFunctions]), {
    env: { memory },
  }).exports as unknown as Kernel;
  let used = 0;
  let floats = new Float32Array(memory.buffer);
  const allocate = (bytes: number) => {
    const address = used;
    used = up(used + bytes, 16);
    const missing = used - memory.buffer.byteLength;
    if (missing > 0) {
      memory.grow(Math.ceil(missing / 65_536));
      floats = new Float32Array(memory.buffer);
    }
    return address;
  };
  const rows = (count: number, width: number) => allocate((count + SPARE_ROWS) * width * FLOAT);
  const place = (values: Float32Array) => {
    const address = allocate(values.byteLength);
    floats.set(values, address / FLOAT);
    return address;
  };

  // --- the weights ---
  const loadEncoder = (model: OrtModel) => {
    const weights = weightsOf(model);
    return {
      conv1: convolution(weights.floats('conv1.weight_add_tensor'), CONV1),
      groupScale: weights.constantOf('/groupnorm/Mul_output_0', WIDTH),
      groupShift: weights.constantOf('/groupnorm/Add_output_0', WIDTH),
      conv2: convolution(weights.floats('conv2.weight_add_tensor'), CONV2),
      conv2Bias: place(weights.floats('conv2.bias')),
      conv3: convolution(weights.floats('conv3.weight_add_tensor'), CONV3),
      conv3Bias: place(weights.floats('conv3.bias')),
      layers: Array.from({ length: LAYERS }, (_, index): Layer => {
        const name = `layers.${index}`;
        return {
          attentionNorm: place(weights.floats(`${name}.input_layernorm.weight`)),
          attention: attention(weights, `${name}.self_attn`),
          innerNorm: place(weights.floats(`${name}.post_attention_layernorm.weight`)),
          widen: linear(weights, `${name}.mlp.fc1`, WIDTH, INNER),
          narrow: linear(weights, `${name}.mlp.fc2`, INNER, WIDTH),
        };
      }),
      norm: place(weights.floats('layer_norm.weight')),
      turns: weights.constantOf('/rotary_emb/Expand_output_0', TURNING / 2),
    };
  };
  const loadDecoder = (model: OrtModel) => {
    const weights = weightsOf(model);
    return {
      layers: Array.from({ length: LAYERS }, (_, index): DecoderLayer => {
        const name = `model.decoder.layers.${index}`;
        return {
          attentionNorm: place(weights.floats(`${name}.input_layernorm.weight`)),
          attention: attention(weights, `${name}.self_attn`),
          audioNorm: place(weights.floats(`${name}.post_attention_layernorm.weight`)),
          audio: attention(weights, `${name}.encoder_attn`),
          innerNorm: place(weights.floats(`${name}.final_layernorm.weight`)),
          widen: linear(weights, `${name}.mlp.fc1`, WIDTH, 2 * INNER),
          narrow: linear(weights, `${name}.mlp.fc2`, INNER, WIDTH),
        };
      }),
      norm: place(weights.floats('model.decoder.norm.weight')),
      // The words it hears are the words it says: one table for both.
      vocabulary: linear(weights, 'logits', WIDTH, VOCABULARY),
    };
  };

  /** `[out][in][kernel]` as panels of FLOAT_COLUMNS outputs, `[kernel × in][FLOAT_COLUMNS]`, inputs a multiple of 4. */
  function convolution(values: Float32Array, { kernel, inputs, outputs }: typeof CONV1): number {
    const length = up(kernel * inputs, 4);
    const address = allocate(outputs * length * FLOAT);
    const start = address / FLOAT;
    floats.fill(0, start, start + outputs * length);
    for (let out = 0; out < outputs; out++) {
      const panel = start + Math.floor(out / FLOAT_COLUMNS) * length * FLOAT_COLUMNS + (out % FLOAT_COLUMNS);
      for (let input = 0; input < inputs; input++)
        for (let k = 0; k < kernel; k++)
          floats[panel + (k * inputs + input) * FLOAT_COLUMNS] = values[
            (out * inputs + input) * kernel + k
          ] as number;
    }
    return address;
  }

  function attention(weights: Weights, name: string): Attention {
    return {
      query: linear(weights, `${name}.q_proj`, WIDTH, WIDTH),
      key: linear(weights, `${name}.k_proj`, WIDTH, WIDTH),
      value: linear(weights, `${name}.v_proj`, WIDTH, WIDTH),
      out: linear(weights, `${name}.o_proj`, WIDTH, WIDTH),
    };
  }

  function linear(weights: Weights, name: string, inputs: number, outputs: number): Linear {
    const { values, zero, scale, bias } = weights.matrix(name, inputs, outputs);
    // int8 around the middle of uint8.
    const middle = zero - 128;
    const address = allocate(inputs * outputs);
    const columns = allocate(outputs * 2 * FLOAT);
    const matrix = allocate(2 * FLOAT);
    const given = allocate(inputs * outputs);
    used = given;
    new Uint8Array(memory.buffer).set(values, given);
    const ints = new Int32Array(memory.buffer);
    for (let group = 0; group < outputs; group += COLUMNS) {
      const sums = columns + group * 2 * FLOAT;
      kernel.pack(given + group, outputs, address + group * inputs, sums, inputs / 4);
      const ofGroup = ints.slice(sums / FLOAT, sums / FLOAT + COLUMNS);
      for (let index = 0; index < COLUMNS; index++) {
        const column = sums / FLOAT + (index >> 3) * COLUMNS + (index & 7);
        // The digits of x are those of x + 8192.
        ints[column] = (inputs * middle - (ofGroup[index] as number)) * 8192;
        floats[column + 8] = bias?.[group + index] ?? 0;
      }
    }
    ints[matrix / FLOAT] = middle;
    floats[matrix / FLOAT + 1] = scale;
    return { weights: address, columns, matrix, inputs, outputs };
  }

  const encoder = loadEncoder(readOrtModel(encoderFile));
  const decoder = loadDecoder(readOrtModel(decoderFile));
  const nothing = place(new Float32Array(FLOAT_COLUMNS));
  const share = place(new Float32Array(4).fill(1 / WIDTH));
  const sums = allocate(8 * FLOAT);
  const factors = allocate(WIDTH_BYTES);
  const summands = allocate(WIDTH_BYTES);
  const weightsEnd = used;

  // --- what layers are made of ---
  const digitsOf = (rowCount: number, width: number) => allocate(up(rowCount, 2) * width * 2);
  const normalize = (from: number, to: number, weight: number, count: number) =>
    kernel.normalize(from, to, WIDTH_BYTES, weight, share, count);

  const quantizePairs = (from: number, width: number, digits: number, info: number, count: number) => {
    for (let row = 0; row < count; row++)
      kernel.quantize(
        from + row * width * FLOAT,
        width * FLOAT,
        digits + (row >> 1) * width * 4 + (row & 1) * 8,
        16,
        info + row * 8,
      );
  };
  const applyPairs = (
    { weights, columns, matrix, inputs, outputs }: Linear,
    digits: number,
    info: number,
    to: number,
    count: number,
  ) => {
    for (let column = 0; column < outputs; column += 8)
      kernel.multiplyPairs(
        digits,
        inputs * 4,
        info,
        weights + Math.floor(column / COLUMNS) * inputs * COLUMNS + (column % COLUMNS) * 4,
        columns + column * 8,
        matrix,
        to + column * FLOAT,
        outputs * FLOAT,
        Math.ceil(count / 2),
      );
  };
  const applySingle = (
    { weights, columns, matrix, inputs, outputs }: Linear,
    digits: number,
    info: number,
    to: number,
  ) => {
    for (let column = 0; column < outputs; column += COLUMNS)
      kernel.multiplySingles(
        digits,
        inputs * 2,
        info,
        weights + column * inputs,
        columns + column * 8,
        matrix,
        to + column * FLOAT,
        outputs * FLOAT,
        1,
      );
  };

  const convolve = (
    from: number,
    weights: number,
    bias: number,
    to: number,
    frames: number,
    { kernel: size, stride, inputs, outputs }: typeof CONV1,
  ) => {
    const length = up(size * inputs, 4);
    for (let column = 0; column < outputs; column += FLOAT_COLUMNS)
      kernel.multiplyFloats(
        from,
        stride * inputs * FLOAT,
        length * FLOAT,
        weights + column * length * FLOAT,
        PANEL_BYTES,
        bias === nothing ? nothing : bias + column * FLOAT,
        to + column * FLOAT,
        outputs * FLOAT,
        Math.ceil(frames / FLOAT_ROWS),
      );
  };

  /** cos and sin of each position and pair. */
  const turning = (positions: number) => {
    const table = new Float32Array(positions * TURNING);
    for (let position = 0; position < positions; position++)
      for (let pair = 0; pair < TURNING / 2; pair++) {
        const angle = Math.fround(position * (encoder.turns[pair] as number));
        table[position * TURNING + pair * 2] = Math.cos(angle);
        table[position * TURNING + pair * 2 + 1] = Math.sin(angle);
      }
    return table;
  };
  /** Turns each head of a row by its position, in place (rotary embedding of neighbouring pairs). */
  const turn = (row: number, table: Float32Array, position: number) => {
    for (let head = row / FLOAT; head < row / FLOAT + WIDTH; head += HEAD)
      for (let i = 0; i < TURNING; i += 2) {
        const cos = table[position * TURNING + i] as number;
        const sin = table[position * TURNING + i + 1] as number;
        const a = floats[head + i] as number;
        const b = floats[head + i + 1] as number;
        floats[head + i] = a * cos - b * sin;
        floats[head + i + 1] = b * cos + a * sin;
      }
  };
  const scale = (start: number, count: number) => {
    for (let i = start / FLOAT; i < start / FLOAT + count; i++) floats[i]! *= SCORE_SCALE;
  };
  /** Keys of a row as a column of `[WIDTH][room]`. */
  const placeKey = (row: number, keys: number, room: number, position: number) => {
    for (let i = 0; i < WIDTH; i++)
      floats[keys / FLOAT + i * room + position] = floats[row / FLOAT + i] as number;
  };
  /** No share for what is not there. */
  const mask = (scores: number, count: number, length: number, room: number) => {
    for (let row = 0; row < count; row++)
      floats.fill(-1e30, scores / FLOAT + row * room + length, scores / FLOAT + (row + 1) * room);
  };

  /**
   * Each of `count` rows of queries looks at `length` keys, `[WIDTH][room]`, and gets the values it looks at.
   * @param visible length, rounded up to FLOAT_COLUMNS; values behind length must be finite
   */
  const attend = (
    queries: number,
    count: number,
    keys: number,
    room: number,
    values: number,
    length: number,
    scores: number,
    to: number,
  ) => {
    const visible = up(length, FLOAT_COLUMNS);
    const visibleBytes = visible * FLOAT;
    const product = count === 1 ? kernel.multiplyFloatRow : kernel.multiplyFloats;
    const turns = count === 1 ? 1 : Math.ceil(count / FLOAT_ROWS);
    for (let head = 0; head < WIDTH_BYTES; head += HEAD_BYTES) {
      for (let column = 0; column < visibleBytes; column += PANEL_BYTES)
        product(
          queries + head,
          WIDTH_BYTES,
          HEAD_BYTES,
          keys + head * room + column,
          room * FLOAT,
          nothing,
          scores + column,
          visibleBytes,
          turns,
        );
      if (visible > length) mask(scores, count, length, visible);
      kernel.softmax(scores, visibleBytes, count);
      for (let column = head; column < head + HEAD_BYTES; column += PANEL_BYTES)
        product(
          scores,
          visibleBytes,
          visibleBytes,
          values + column,
          WIDTH_BYTES,
          nothing,
          to + column,
          WIDTH_BYTES,
          turns,
        );
    }
  };

  /** Mean 0 and variance 1 over all rows together, then a scale and a shift of each feature, in place. */
  const normalizeGroup = (start: number, count: number) => {
    let sum = 0;
    let squares = 0;
    for (let row = 0; row < count; row++) {
      kernel.moments(start + row * WIDTH_BYTES, WIDTH_BYTES, sums);
      for (let i = 0; i < 4; i++) {
        sum += floats[sums / FLOAT + i] as number;
        squares += floats[sums / FLOAT + 4 + i] as number;
      }
    }
    const values = count * WIDTH;
    const mean = sum / values;
    const factor = 1 / Math.sqrt(squares / values - mean * mean + EPSILON);
    for (let i = 0; i < WIDTH; i++) {
      const scale = (encoder.groupScale[i] as number) * factor;
      floats[factors / FLOAT + i] = scale;
      floats[summands / FLOAT + i] = (encoder.groupShift[i] as number) - mean * scale;
    }
    kernel.stretch(start, WIDTH_BYTES, factors, summands, count);
  };

  // --- listening ---
  /** Address of the encoded audio, `[frames][WIDTH]`; what was allocated on the way is free again. */
  const encode = (samples: Float32Array, frames: number): number => {
    const frames1 = framesOf(samples.length, CONV1);
    const frames2 = framesOf(frames1, CONV2);
    const hidden = rows(frames, WIDTH);
    const arena = used;
    const audio = allocate((samples.length + SPARE_ROWS * CONV1.stride) * FLOAT);
    const first = rows(frames1, WIDTH);
    const second = rows(frames2, 2 * WIDTH);
    floats.set(samples, audio / FLOAT);
    floats.fill(
      0,
      audio / FLOAT + samples.length,
      audio / FLOAT + samples.length + SPARE_ROWS * CONV1.stride,
    );
    convolve(audio, encoder.conv1, nothing, first, frames1, CONV1);
    kernel.tanh(first, frames1 * WIDTH_BYTES);
    normalizeGroup(first, frames1);
    convolve(first, encoder.conv2, encoder.conv2Bias, second, frames2, CONV2);
    kernel.gelu(second, frames2 * 2 * WIDTH_BYTES);
    convolve(second, encoder.conv3, encoder.conv3Bias, hidden, frames, CONV3);
    kernel.gelu(hidden, frames * WIDTH_BYTES);

    used = arena;
    const room = up(frames, FLOAT_COLUMNS);
    const [normed, query, key, value, attended] = Array.from({ length: 5 }, () => rows(frames, WIDTH)) as [
      number,
      number,
      number,
      number,
      number,
    ];
    const keys = allocate(WIDTH * room * FLOAT);
    const scores = rows(frames, room);
    const inner = rows(frames, INNER);
    const digits = digitsOf(frames, INNER);
    const info = allocate(up(frames, 2) * 8);
    floats.fill(0, keys / FLOAT, keys / FLOAT + WIDTH * room);
    floats.fill(0, value / FLOAT, value / FLOAT + (frames + SPARE_ROWS) * WIDTH);
    const table = turning(frames);
    const addLinear = (layer: Linear, from: number) => {
      quantizePairs(from, layer.inputs, digits, info, frames);
      applyPairs(layer, digits, info, normed, frames);
      kernel.add(hidden, normed, frames * WIDTH_BYTES);
    };
    for (const layer of encoder.layers) {
      normalize(hidden, normed, layer.attentionNorm, frames);
      quantizePairs(normed, WIDTH, digits, info, frames);
      applyPairs(layer.attention.query, digits, info, query, frames);
      applyPairs(layer.attention.key, digits, info, key, frames);
      applyPairs(layer.attention.value, digits, info, value, frames);
      // What a pair without a second row has put behind the last.
      floats.fill(0, value / FLOAT + frames * WIDTH, value / FLOAT + up(frames, 2) * WIDTH);
      for (let frame = 0; frame < frames; frame++) {
        turn(query + frame * WIDTH_BYTES, table, frame);
        turn(key + frame * WIDTH_BYTES, table, frame);
        placeKey(key + frame * WIDTH_BYTES, keys, room, frame);
      }
      scale(query, frames * WIDTH);
      attend(query, frames, keys, room, value, frames, scores, attended);
      addLinear(layer.attention.out, attended);
      normalize(hidden, normed, layer.innerNorm, frames);
      quantizePairs(normed, WIDTH, digits, info, frames);
      applyPairs(layer.widen, digits, info, inner, frames);
      kernel.gelu(inner, frames * INNER * FLOAT);
      addLinear(layer.narrow, inner);
    }
    normalize(hidden, hidden, encoder.norm, frames);
    used = arena;
    return hidden;
  };

  /** What each layer of the decoder sees of the audio: keys `[WIDTH][room]` and values `[frames][WIDTH]`. */
  const look = (encoded: number, frames: number, room: number) => {
    const seen = decoder.layers.map(() => ({
      keys: allocate(WIDTH * room * FLOAT),
      values: rows(frames, WIDTH),
    }));
    const arena = used;
    const digits = digitsOf(frames, WIDTH);
    const info = allocate(up(frames, 2) * 8);
    const key = rows(frames, WIDTH);
    quantizePairs(encoded, WIDTH, digits, info, frames);
    for (const [index, { audio }] of decoder.layers.entries()) {
      const { keys, values } = seen[index] as { keys: number; values: number };
      floats.fill(0, keys / FLOAT, keys / FLOAT + WIDTH * room);
      floats.fill(0, values / FLOAT, values / FLOAT + (frames + SPARE_ROWS) * WIDTH);
      applyPairs(audio.key, digits, info, key, frames);
      applyPairs(audio.value, digits, info, values, frames);
      floats.fill(0, values / FLOAT + frames * WIDTH, values / FLOAT + up(frames, 2) * WIDTH);
      for (let frame = 0; frame < frames; frame++) placeKey(key + frame * WIDTH_BYTES, keys, room, frame);
    }
    used = arena;
    return seen;
  };

  // --- saying ---
  const decode = (encoded: number, frames: number, maxTokens: number): number[] => {
    const room = up(frames, FLOAT_COLUMNS);
    const seen = look(encoded, frames, room);
    const said = up(maxTokens + 1, FLOAT_COLUMNS);
    const memories = decoder.layers.map(() => ({
      keys: allocate(WIDTH * said * FLOAT),
      values: rows(said, WIDTH),
    }));
    for (const { keys, values } of memories) {
      floats.fill(0, keys / FLOAT, keys / FLOAT + WIDTH * said);
      floats.fill(0, values / FLOAT, values / FLOAT + said * WIDTH);
    }
    const [hidden, normed, query, key, attended] = Array.from({ length: 5 }, () => rows(1, WIDTH)) as [
      number,
      number,
      number,
      number,
      number,
    ];
    const inner = rows(1, 2 * INNER);
    const scores = rows(1, Math.max(room, said));
    const digits = digitsOf(1, INNER);
    const info = allocate(8);
    const logits = rows(1, VOCABULARY);
    const table = turning(maxTokens + 1);
    const quantize = (from: number, width: number) => kernel.quantize(from, width * FLOAT, digits, 8, info);
    const apply = (layer: Linear, from: number, to: number) => {
      quantize(from, layer.inputs);
      applySingle(layer, digits, info, to);
    };
    const addLinear = (layer: Linear, from: number) => {
      apply(layer, from, normed);
      kernel.add(hidden, normed, WIDTH_BYTES);
    };

    /** The most likely token after this one. */
    const next = (token: number, position: number): number => {
      embed(token, hidden);
      for (const [index, layer] of decoder.layers.entries()) {
        const own = memories[index] as { keys: number; values: number };
        const heard = seen[index] as { keys: number; values: number };
        normalize(hidden, normed, layer.attentionNorm, 1);
        quantize(normed, WIDTH);
        applySingle(layer.attention.query, digits, info, query);
        applySingle(layer.attention.key, digits, info, key);
        applySingle(layer.attention.value, digits, info, own.values + position * WIDTH_BYTES);
        turn(query, table, position);
        turn(key, table, position);
        placeKey(key, own.keys, said, position);
        scale(query, WIDTH);
        attend(query, 1, own.keys, said, own.values, position + 1, scores, attended);
        addLinear(layer.attention.out, attended);
        normalize(hidden, normed, layer.audioNorm, 1);
        apply(layer.audio.query, normed, query);
        scale(query, WIDTH);
        attend(query, 1, heard.keys, room, heard.values, frames, scores, attended);
        addLinear(layer.audio.out, attended);
        normalize(hidden, normed, layer.innerNorm, 1);
        apply(layer.widen, normed, inner);
        kernel.gate(inner, INNER * FLOAT, inner + INNER * FLOAT);
        addLinear(layer.narrow, inner);
      }
      normalize(hidden, normed, decoder.norm, 1);
      apply(decoder.vocabulary, normed, logits);
      return largest(floats.subarray(logits / FLOAT, logits / FLOAT + VOCABULARY));
    };

    const tokens: number[] = [];
    let token = START;
    while (tokens.length < maxTokens) {
      token = next(token, tokens.length);
      if (token === END) break;
      tokens.push(token);
    }
    return tokens;
  };

  /** The row of a token, out of the packed table. */
  const embed = (token: number, to: number) => {
    const { weights, matrix } = decoder.vocabulary;
    const packed = new Int8Array(memory.buffer);
    const zero = new Int32Array(memory.buffer)[matrix / FLOAT] as number;
    const scale = floats[matrix / FLOAT + 1] as number;
    const from = weights + Math.floor(token / COLUMNS) * WIDTH * COLUMNS + (token % COLUMNS) * 4;
    for (let i = 0; i < WIDTH; i++)
      floats[to / FLOAT + i] = ((packed[from + (i >> 2) * COLUMNS * 4 + (i & 3)] as number) - zero) * scale;
  };

  return {
    transcribe(samples, maxTokens) {
      if (samples.length < MIN_SAMPLES) return [];
      used = weightsEnd;
      const frames = framesOf(framesOf(framesOf(samples.length, CONV1), CONV2), CONV3);
      return decode(encode(samples, frames), frames, maxTokens);
    },
  };
}

/** The first place of the largest value. */
function largest(values: Float32Array): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) if ((values[i] as number) > (values[best] as number)) best = i;
  return best;
}

interface Weights {
  floats(name: string): Float32Array;
  /** The constant among the inputs of a node that gives this value. */
  constantOf(output: string, length: number): Float32Array;
  matrix(
    name: string,
    inputs: number,
    outputs: number,
  ): {
    readonly values: Uint8Array;
    readonly zero: number;
    readonly scale: number;
    readonly bias: Float32Array | undefined;
  };
}

/** Finds weights by the names of the layers. Those of two branches that are the same were merged, and renamed so. */
function weightsOf({ initializers, nodes }: OrtModel): Weights {
  const find = (name: string) => initializers.get(name) ?? initializers.get(`${name}_merged_0`);
  const asFloats = (bytes: Uint8Array) => new Float32Array(new Uint8Array(bytes).buffer);
  const need = (name: string, bytes: Uint8Array | undefined) => {
    if (bytes === undefined) throw new RangeError(`The model has no ${name}.`);
    return bytes;
  };
  /** An input of a node that gives this value, in whichever branch. */
  const inputOf = (output: string, isIt: (input: string) => boolean) =>
    nodes
      .filter(({ outputs }) => outputs.includes(output))
      .flatMap(({ inputs }) => inputs)
      .find((input) => initializers.has(input) && isIt(input));
  return {
    floats: (name) => asFloats(need(name, find(name))),
    constantOf(output, length) {
      const name = inputOf(output, (input) => initializers.get(input)?.length === length * FLOAT);
      return asFloats(need(output, initializers.get(name ?? '')));
    },
    matrix(name, inputs, outputs) {
      const output = matrixOutput(name);
      const base =
        inputOf(output, (input) => input.endsWith('_quantized'))?.replace(/_quantized$/, '') ?? output;
      const values = need(output, initializers.get(`${base}_quantized`));
      if (values.length !== inputs * outputs) throw new RangeError(`${name} is not ${inputs} × ${outputs}.`);
      const bias = find(`${name}.bias`);
      return {
        values,
        zero: need(base, initializers.get(`${base}_zero_point`))[0] as number,
        scale: asFloats(need(base, initializers.get(`${base}_scale`)))[0] as number,
        bias: bias === undefined ? undefined : asFloats(bias),
      };
    },
  };
}

/** The value that a linear layer gives, by the name of the layer. */
function matrixOutput(name: string): string {
  if (name === 'logits') return name;
  const path = name
    .replace('model.decoder.', 'model/decoder/')
    .replace(/(layers\.\d+)\./, '$1/')
    .replace(/\.(\w+)$/, '/$1');
  return `/${path}/${name.includes('.mlp.') ? 'Add' : 'MatMul'}_output_0`;
}
