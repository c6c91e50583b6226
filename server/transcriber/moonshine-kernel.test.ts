import assert from 'node:assert/strict';
import { test } from 'node:test';
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

const memory = new WebAssembly.Memory({ initial: 4 });
const kernel = new WebAssembly.Instance(wasmModule([...productFunctions, ...vectorFunctions]), {
  env: { memory },
}).exports as unknown as ByteProducts & FloatProducts & VectorFunctions;
const floats = new Float32Array(memory.buffer);
const ints = new Int32Array(memory.buffer);
const bytes = new Uint8Array(memory.buffer);

const near = (actual: number, expected: number, tolerance: number, what: string) =>
  assert.ok(Math.abs(actual - expected) <= tolerance, `${what}: ${actual} instead of ${expected}`);
const noise = (index: number) => Math.sin(index * 12.9898) * 3 + Math.cos(index * 0.37);
/** Addresses of stretches that do not touch. */
const [A, B, C, D, E, F] = [0, 40_000, 80_000, 120_000, 160_000, 200_000] as const;

test('functions of values are right to a millionth', () => {
  const values = Float32Array.from({ length: 400 }, (_, index) => (index - 200) / 15);
  const apply = (run: () => void) => {
    floats.set(values);
    run();
    return floats.slice(0, values.length);
  };
  const size = values.length * 4;
  const tanh = apply(() => kernel.tanh(A, size));
  const gelu = apply(() => kernel.gelu(A, size));
  floats.set(values, B / 4);
  const gated = apply(() => kernel.gate(A, size, B));
  const normal = (x: number) => {
    let sum = x;
    let term = x;
    for (let n = 1; n < 400; n++) {
      term *= (-x * x) / (2 * n);
      sum += term / (2 * n + 1);
    }
    return 0.5 + sum / Math.sqrt(2 * Math.PI);
  };
  for (const [index, x] of values.entries()) {
    near(tanh[index] as number, Math.tanh(x), 2e-6, `tanh ${x}`);
    near(gated[index] as number, (x * x) / (1 + Math.exp(-x)), 1e-6 * (1 + x * x), `gate ${x}`);
    // The series loses its digits where the result is all of x, or nothing.
    if (Math.abs(x) < 5) near(gelu[index] as number, x * normal(x), 2e-6, `gelu ${x}`);
    else near(gelu[index] as number, Math.max(0, x), 2e-6, `gelu ${x}`);
  }
});

test('rows: shares sum to one, norms have mean nothing and variance one, moments, stretches, sums', () => {
  const width = 48;
  const rows = 3;
  for (let i = 0; i < width * rows; i++) floats[A / 4 + i] = noise(i) * 10;
  const given = floats.slice(A / 4, A / 4 + width * rows);
  floats.fill(1 / width, C / 4, C / 4 + 4);
  for (let i = 0; i < width; i++) {
    floats[D / 4 + i] = 2;
    floats[E / 4 + i] = i;
  }
  kernel.normalize(A, B, width * 4, D, C, rows);
  kernel.moments(A, width * 4, F);
  const moments = floats.slice(F / 4, F / 4 + 8);
  const row = (start: number, index: number) =>
    Array.from(floats.subarray(start / 4 + index * width, start / 4 + (index + 1) * width));
  const sum = (values: readonly number[]) => values.reduce((all, value) => all + value, 0);
  for (let index = 0; index < rows; index++) {
    near(sum(row(B, index)), 0, 1e-3, 'mean');
    near(sum(row(B, index).map((value) => value ** 2)) / width, 4, 1e-3, 'variance by a weight of 2');
  }
  const first = Array.from(given.subarray(0, width));
  near(sum(Array.from(moments.subarray(0, 4))), sum(first), 1e-3, 'sum');
  near(sum(Array.from(moments.subarray(4))), sum(first.map((value) => value ** 2)), 0.1, 'squares');

  kernel.stretch(A, width * 4, D, E, rows);
  near(floats[A / 4 + width + 5] as number, (given[width + 5] as number) * 2 + 5, 1e-5, 'stretch');
  kernel.add(A, A, width * 4);
  near(floats[A / 4 + 5] as number, ((given[5] as number) * 2 + 5) * 2, 1e-4, 'add');

  floats.set(given, A / 4);
  floats[A / 4 + 1] = -1e30;
  kernel.softmax(A, width * 4, rows);
  for (let index = 0; index < rows; index++) near(sum(row(A, index)), 1, 1e-5, 'shares');
  assert.ok((floats[A / 4 + 1] as number) < 1e-30);
  const [a, b] = [floats[A / 4 + 2] as number, floats[A / 4 + 3] as number];
  near(Math.log(a / b), (given[2] as number) - (given[3] as number), 1e-4, 'logarithm of a ratio of shares');
});

test('products with int8 weights lose less than 14 bits of the activations do', () => {
  const inputs = 64;
  const outputs = 2 * COLUMNS;
  const rows = 4;
  const zero = 121;
  const scale = 0.0125;
  const weights = Uint8Array.from({ length: inputs * outputs }, (_, i) => (i * 7919 + (i >> 5)) % 256);
  const x = Float32Array.from(
    { length: rows * inputs },
    (_, i) => noise(i) * 10 ** (Math.floor(i / inputs) - 2),
  );
  const bias = Float32Array.from({ length: outputs }, (_, i) => i - 3);
  const expected = (row: number, column: number) => {
    let sum = bias[column] as number;
    for (let k = 0; k < inputs; k++)
      sum += (x[row * inputs + k] as number) * ((weights[k * outputs + column] as number) - zero) * scale;
    return sum;
  };
  bytes.set(weights, A);
  const sums = C + 2048;
  for (let group = 0; group < outputs; group += COLUMNS) {
    kernel.pack(A + group, outputs, B + group * inputs, sums, inputs / 4);
    for (let index = 0; index < COLUMNS; index++) {
      const column = C / 4 + ((group + index) >> 3) * 16 + (index & 7);
      ints[column] = (inputs * (zero - 128) - (ints[sums / 4 + index] as number)) * 8192;
      floats[column + 8] = bias[group + index] as number;
    }
  }
  const matrix = C + 1024;
  ints[matrix / 4] = zero - 128;
  floats[matrix / 4 + 1] = scale;
  floats.set(x, D / 4);
  const tolerance = (row: number) =>
    (Math.max(...x.subarray(row * inputs, (row + 1) * inputs).map(Math.abs)) / 8191) * 135 * scale * 24;

  for (let row = 0; row < rows; row++)
    kernel.quantize(
      D + row * inputs * 4,
      inputs * 4,
      E + (row >> 1) * inputs * 4 + (row & 1) * 8,
      16,
      F + row * 8,
    );
  for (let column = 0; column < outputs; column += 8)
    kernel.multiplyPairs(
      E,
      inputs * 4,
      F,
      B + Math.floor(column / COLUMNS) * inputs * COLUMNS + (column % COLUMNS) * 4,
      C + column * 8,
      matrix,
      A + column * 4,
      outputs * 4,
      rows / 2,
    );
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < outputs; column++)
      near(
        floats[A / 4 + row * outputs + column] as number,
        expected(row, column),
        tolerance(row),
        `${row}, ${column}`,
      );

  kernel.quantize(D + inputs * 4, inputs * 4, E, 8, F);
  for (let column = 0; column < outputs; column += COLUMNS)
    kernel.multiplySingles(
      E,
      inputs * 2,
      F,
      B + column * inputs,
      C + column * 8,
      matrix,
      A + column * 4,
      outputs * 4,
      1,
    );
  for (let column = 0; column < outputs; column++)
    near(floats[A / 4 + column] as number, expected(1, column), tolerance(1), `single ${column}`);
});

test('a row of zeros stays one', () => {
  floats.fill(0, A / 4, A / 4 + 64);
  kernel.quantize(A, 256, B, 8, C);
  assert.ok(Number.isFinite(floats[C / 4]));
  assert.equal(ints[C / 4 + 1], 64 * 8192);
});

test('products of float32', () => {
  const inputs = 36;
  const rows = 2 * FLOAT_ROWS;
  for (let i = 0; i < rows * inputs; i++) floats[A / 4 + i] = noise(i);
  for (let i = 0; i < inputs * FLOAT_COLUMNS; i++) floats[B / 4 + i] = noise(i + 7);
  for (let i = 0; i < FLOAT_COLUMNS; i++) floats[C / 4 + i] = i;
  const sizes = [inputs * 4, inputs * 4, B, FLOAT_COLUMNS * 4, C] as const;
  kernel.multiplyFloats(A, ...sizes, D, FLOAT_COLUMNS * 4, 2);
  kernel.multiplyFloatRow(A, ...sizes, E, FLOAT_COLUMNS * 4, rows);
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < FLOAT_COLUMNS; column++) {
      let expected = column;
      for (let k = 0; k < inputs; k++)
        expected +=
          (floats[A / 4 + row * inputs + k] as number) *
          (floats[B / 4 + k * FLOAT_COLUMNS + column] as number);
      const at = row * FLOAT_COLUMNS + column;
      near(floats[D / 4 + at] as number, expected, 1e-3, `${row}, ${column}`);
      near(floats[E / 4 + at] as number, expected, 1e-3, `row ${row}, ${column}`);
    }
});
