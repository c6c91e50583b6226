import { readOnnxInitializers } from '../onnx/onnx-constants.ts';
import { createQuadKernel, PANEL, QUAD } from './quad-kernel.ts';

/** all-MiniLM-L6-v2: what its network is made of. */
const LAYERS = 6;
export const DIMENSIONS = 384;
const HEADS = 12;
const HEAD = DIMENSIONS / HEADS;
const INNER = 4 * DIMENSIONS;
const EPSILON = 1e-12;
/** `max_seq_length` of the model. */
export const MAX_TOKENS = 256;
/** Quads that go through a layer together: more of them leave the processor's cache. */
const MAX_QUADS = MAX_TOKENS / QUAD;

const FLOAT = 4;
const QUAD_BYTES = QUAD * FLOAT;
const PANEL_BYTES = PANEL * FLOAT;

/** @param texts token ids of each, 1 to MAX_TOKENS. @returns [texts × DIMENSIONS], each text of unit length */
export type MiniLmNetwork = (texts: readonly (readonly number[])[]) => Float32Array<ArrayBuffer>;

/** A text among those that go through the layers together. */
interface Row {
  readonly index: number;
  readonly ids: readonly number[];
  /** Its first quad. */
  readonly quad: number;
  readonly quads: number;
}

interface Linear {
  /** Address of the int8 weights [inputs][outputs]. */
  readonly weights: number;
  /** Addresses of one float an output. */
  readonly scale: number;
  readonly bias: number;
  readonly inputs: number;
  readonly outputs: number;
}

interface Norm {
  readonly weight: Float32Array;
  readonly bias: Float32Array;
}

interface Layer {
  readonly query: Linear;
  readonly key: Linear;
  readonly value: Linear;
  readonly attended: Linear;
  readonly attendedNorm: Norm;
  readonly widen: Linear;
  readonly narrow: Linear;
  readonly norm: Norm;
}

/**
 * The network by itself, with the weights of the ONNX file, which are int8 with one scale a column; activations are
 * float32. A general runtime needs longer to load than this to answer.
 * @throws RangeError when the file is not all-MiniLM-L6-v2 with such weights
 */
export function createMiniLmNetwork(model: Uint8Array): MiniLmNetwork {
  const initializers = readOnnxInitializers(model);
  const raw = (name: string, bytes: number) => {
    const found = initializers.get(name);
    if (found?.length !== bytes) throw new RangeError(`The model has no ${name} of ${bytes} bytes.`);
    return found;
  };
  // Copied: inside the file floats are not aligned.
  const floats = (name: string, length: number) =>
    new Float32Array(new Uint8Array(raw(name, length * FLOAT)).buffer);
  // The matrices have numbers for names, but stand in the order they are used.
  const matrices = [...initializers.keys()].filter((name) => /^val_\d+_q$/.test(name));

  const memory = new WebAssembly.Memory({ initial: Math.ceil(MEMORY_BYTES / 65_536) });
  const kernel = createQuadKernel(memory);
  let used = 0;
  const allocate = (length: number) => {
    const address = used;
    used += Math.ceil(length / 16) * 16;
    return address;
  };
  const place = (values: Uint8Array) => {
    const address = allocate(values.length);
    new Uint8Array(memory.buffer).set(values, address);
    return address;
  };
  const linear = (bias: string, inputs: number, outputs: number): Linear => {
    const name = matrices.shift() ?? 'weights';
    return {
      weights: place(raw(name, inputs * outputs)),
      scale: place(raw(name.replace(/q$/, 'scale'), outputs * FLOAT)),
      bias: place(raw(`${bias}.bias`, outputs * FLOAT)),
      inputs,
      outputs,
    };
  };
  const norm = (name: string): Norm => ({
    weight: floats(`${name}.LayerNorm.weight`, DIMENSIONS),
    bias: floats(`${name}.LayerNorm.bias`, DIMENSIONS),
  });
  const layers = Array.from({ length: LAYERS }, (_, index): Layer => {
    const name = `inner.encoder.layer.${index}`;
    return {
      query: linear(`${name}.attention.self.query`, DIMENSIONS, DIMENSIONS),
      key: linear(`${name}.attention.self.key`, DIMENSIONS, DIMENSIONS),
      value: linear(`${name}.attention.self.value`, DIMENSIONS, DIMENSIONS),
      attended: linear(`${name}.attention.output.dense`, DIMENSIONS, DIMENSIONS),
      attendedNorm: norm(`${name}.attention.output`),
      widen: linear(`${name}.intermediate.dense`, DIMENSIONS, INNER),
      narrow: linear(`${name}.output.dense`, INNER, DIMENSIONS),
      norm: norm(`${name}.output`),
    };
  });
  const words = embeddingTable(initializers, 'word');
  const positions = embeddingTable(initializers, 'position');
  const firstType = floats('inner.embeddings.token_type_embeddings.weight', 2 * DIMENSIONS);
  const embeddingNorm = norm('inner.embeddings');

  /** Room for values in quads. */
  const activations = (features: number) => allocate(MAX_QUADS * features * QUAD_BYTES);
  const [hidden, query, key, value, attended, result] = Array.from({ length: 6 }, () =>
    activations(DIMENSIONS),
  ) as [number, number, number, number, number, number];
  const inner = activations(INNER);
  const scores = activations(MAX_TOKENS);
  const panel = allocate(INNER * PANEL_BYTES);
  const toScores = allocate(PANEL_BYTES);
  const unscaled = allocate(PANEL_BYTES);
  const unbiased = allocate(PANEL_BYTES);
  const cells = new Float32Array(memory.buffer);
  cells.fill(1 / Math.sqrt(HEAD), toScores / FLOAT, toScores / FLOAT + PANEL);
  cells.fill(1, unscaled / FLOAT, unscaled / FLOAT + PANEL);

  const apply = ({ weights, scale, bias, inputs, outputs }: Linear, x: number, to: number, quads: number) => {
    for (let column = 0; column < outputs; column += PANEL) {
      kernel.unpack(weights + column, outputs, panel, inputs);
      kernel.multiply(
        x,
        inputs * QUAD_BYTES,
        panel,
        inputs * PANEL_BYTES,
        scale + column * FLOAT,
        bias + column * FLOAT,
        to + column * QUAD_BYTES,
        outputs * QUAD_BYTES,
        quads,
      );
    }
  };

  /** Address of a feature of a quad. */
  const at = (start: number, quad: number, feature: number) =>
    start + (quad * DIMENSIONS + feature) * QUAD_BYTES;

  /** Each token of the text looks at all of them. */
  const attend = ({ ids, quad, quads }: Row) => {
    const keyPanels = Math.ceil(quads / 2);
    const scoreStride = keyPanels * PANEL * QUAD_BYTES;
    const stride = DIMENSIONS * QUAD_BYTES;
    for (let head = 0; head < DIMENSIONS; head += HEAD) {
      for (let two = 0; two < keyPanels; two++) {
        // Two quads of keys side by side. The second may be of nobody; its scores are not read.
        for (let half = 0; half < 2; half++) {
          const from = at(key, Math.min(quad + two * 2 + half, MAX_QUADS - 1), head) / FLOAT;
          const to = panel / FLOAT + half * QUAD;
          for (let d = 0; d < HEAD; d++)
            for (let token = 0; token < QUAD; token++)
              cells[to + d * PANEL + token] = cells[from + d * QUAD + token] as number;
        }
        const to = scores + two * PANEL * QUAD_BYTES;
        const x = at(query, quad, head);
        kernel.multiply(x, stride, panel, HEAD * PANEL_BYTES, toScores, unbiased, to, scoreStride, quads);
      }
      for (let row = 0; row < quads; row++)
        softmax(cells, (scores + row * scoreStride) / FLOAT, ids.length, quads * QUAD);
      for (let d = 0; d < HEAD; d += PANEL) {
        for (let token = 0; token < quads * QUAD; token++) {
          const from = at(value, quad + (token >> 2), head + d) / FLOAT + (token & 3);
          const to = panel / FLOAT + token * PANEL;
          for (let i = 0; i < PANEL; i++) cells[to + i] = cells[from + i * QUAD] as number;
        }
        const to = at(attended, quad, head + d);
        const panelBytes = quads * QUAD * PANEL_BYTES;
        kernel.multiply(scores, scoreStride, panel, panelBytes, unscaled, unbiased, to, stride, quads);
      }
    }
  };

  const embedTokens = (row: Row) => {
    for (let token = 0; token < row.quads * QUAD; token++) {
      // What fills the last quad up is looked at by nobody, but must be finite.
      const word = (row.ids[token] ?? 0) * DIMENSIONS;
      const wordScale = words.scales[word / DIMENSIONS] as number;
      const position = Math.min(token, MAX_TOKENS - 1) * DIMENSIONS;
      const positionScale = positions.scales[position / DIMENSIONS] as number;
      const to = at(hidden, row.quad + (token >> 2), 0) / FLOAT + (token & 3);
      for (let d = 0; d < DIMENSIONS; d++)
        cells[to + d * QUAD] =
          (words.values[word + d] as number) * wordScale +
          (positions.values[position + d] as number) * positionScale +
          (firstType[d] as number);
    }
  };

  /** Mean over the tokens, scaled to unit length: how the model was trained to be read. */
  const pool = ({ ids, quad }: Row, vector: Float32Array) => {
    for (let token = 0; token < ids.length; token++) {
      const from = at(hidden, quad + (token >> 2), 0) / FLOAT + (token & 3);
      for (let d = 0; d < DIMENSIONS; d++) vector[d]! += cells[from + d * QUAD] as number;
    }
    const length = Math.hypot(...vector) || 1;
    for (let d = 0; d < DIMENSIONS; d++) vector[d]! /= length;
  };

  return (texts) => {
    const vectors = new Float32Array(texts.length * DIMENSIONS);
    for (const rows of together(texts)) {
      const quads = rows.reduce((sum, row) => sum + row.quads, 0);
      for (const row of rows) embedTokens(row);
      normalize(cells, hidden / FLOAT, quads, embeddingNorm);
      for (const layer of layers) {
        apply(layer.query, hidden, query, quads);
        apply(layer.key, hidden, key, quads);
        apply(layer.value, hidden, value, quads);
        for (const row of rows) attend(row);
        apply(layer.attended, attended, result, quads);
        addAll(cells, hidden / FLOAT, result / FLOAT, quads * DIMENSIONS * QUAD);
        normalize(cells, hidden / FLOAT, quads, layer.attendedNorm);
        apply(layer.widen, hidden, inner, quads);
        gelu(cells, inner / FLOAT, quads * INNER * QUAD);
        apply(layer.narrow, inner, result, quads);
        addAll(cells, hidden / FLOAT, result / FLOAT, quads * DIMENSIONS * QUAD);
        normalize(cells, hidden / FLOAT, quads, layer.norm);
      }
      for (const row of rows)
        pool(row, vectors.subarray(row.index * DIMENSIONS, (row.index + 1) * DIMENSIONS));
    }
    return vectors;
  };
}

/** Weights, their scales and biases, and all activations, with some room to spare. */
const MEMORY_BYTES =
  LAYERS * (4 * DIMENSIONS ** 2 + 2 * DIMENSIONS * INNER + 8 * (5 * DIMENSIONS + INNER)) +
  MAX_TOKENS * (6 * DIMENSIONS + INNER + MAX_TOKENS) * FLOAT +
  INNER * PANEL_BYTES +
  65_536;

/** One row of int8 a word, and a scale each. Copied, so that the file need not stay. */
function embeddingTable(initializers: ReadonlyMap<string, Uint8Array>, kind: string) {
  const name = `inner.embeddings.${kind}_embeddings.weight`;
  const values = initializers.get(`${name}_q`);
  const scales = initializers.get(`${name}_scale`);
  if (values === undefined || scales?.length !== (values.length / DIMENSIONS) * FLOAT)
    throw new RangeError(`The model has no ${name}.`);
  return {
    values: new Int8Array(new Uint8Array(values).buffer),
    scales: new Float32Array(new Uint8Array(scales).buffer),
  };
}

/** Groups texts as they come, as many as there is room for. */
function together(texts: readonly (readonly number[])[]): Row[][] {
  const groups: Row[][] = [];
  let next = MAX_QUADS;
  for (const [index, ids] of texts.entries()) {
    const quads = Math.ceil(ids.length / QUAD);
    if (next + quads > MAX_QUADS) {
      groups.push([]);
      next = 0;
    }
    groups.at(-1)?.push({ index, ids, quad: next, quads });
    next += quads;
  }
  return groups;
}

function addAll(cells: Float32Array, to: number, from: number, length: number): void {
  for (let i = 0; i < length; i++) cells[to + i]! += cells[from + i] as number;
}

/** Layer normalisation of each token, in place. */
function normalize(cells: Float32Array, start: number, quads: number, { weight, bias }: Norm): void {
  for (let token = 0; token < quads * QUAD; token++) {
    const from = start + (token >> 2) * DIMENSIONS * QUAD + (token & 3);
    let sum = 0;
    for (let d = 0; d < DIMENSIONS; d++) sum += cells[from + d * QUAD] as number;
    const mean = sum / DIMENSIONS;
    let squares = 0;
    for (let d = 0; d < DIMENSIONS; d++) {
      const difference = (cells[from + d * QUAD] as number) - mean;
      squares += difference * difference;
    }
    const factor = 1 / Math.sqrt(squares / DIMENSIONS + EPSILON);
    for (let d = 0; d < DIMENSIONS; d++)
      cells[from + d * QUAD] =
        ((cells[from + d * QUAD] as number) - mean) * factor * (weight[d] as number) + (bias[d] as number);
  }
}

/** Turns scores of a quad, [room][QUAD], into shares of `tokens`; those from there to `room` are 0. */
function softmax(cells: Float32Array, start: number, tokens: number, room: number): void {
  for (let lane = start; lane < start + QUAD; lane++) {
    const end = lane + tokens * QUAD;
    let most = -Infinity;
    for (let i = lane; i < end; i += QUAD) if ((cells[i] as number) > most) most = cells[i] as number;
    let sum = 0;
    for (let i = lane; i < end; i += QUAD) {
      const share = Math.exp((cells[i] as number) - most);
      cells[i] = share;
      sum += share;
    }
    const factor = 1 / sum;
    for (let i = lane; i < end; i += QUAD) cells[i]! *= factor;
    for (let i = end; i < lane + room * QUAD; i += QUAD) cells[i] = 0;
  }
}

/** The normal distribution from -GELU_END to GELU_END; between steps a straight line is right to 1e-7. */
const GELU_END = 6;
const GELU_STEPS = 512;
const normal = (() => {
  const density = (x: number) => Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI);
  const table = new Float64Array(2 * GELU_END * GELU_STEPS + 2);
  for (let i = 1; i < table.length; i++) {
    const x = i / GELU_STEPS - GELU_END;
    const half = 1 / (2 * GELU_STEPS);
    // Simpson's rule.
    table[i] =
      (table[i - 1] as number) +
      (density(x - 2 * half) + 4 * density(x - half) + density(x)) / (6 * GELU_STEPS);
  }
  return table;
})();

/** x times the share of the normal distribution below x, in place. */
function gelu(cells: Float32Array, start: number, length: number): void {
  for (let i = start; i < start + length; i++) {
    const x = cells[i] as number;
    if (x >= GELU_END) continue;
    if (x <= -GELU_END) {
      cells[i] = 0;
      continue;
    }
    const step = (x + GELU_END) * GELU_STEPS;
    const below = step | 0;
    const low = normal[below] as number;
    cells[i] = x * (low + (step - below) * ((normal[below + 1] as number) - low));
  }
}
