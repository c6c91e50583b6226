import {
  ADD,
  advance,
  BELOW,
  BLOCK,
  branch,
  branchIf,
  END,
  get,
  I32,
  LOOP,
  load,
  number,
  SUBTRACT,
  set,
  simd,
  V128,
  wasmModule,
  zeroVector,
} from '../onnx/wasm-code.ts';

/** Floats that the kernel takes at once: rows and vectors are padded to a multiple with zeros. */
const STEP = 8;

export interface Matrix {
  readonly rows: number;
  /** Columns with padding. */
  readonly stride: number;
  readonly values: Float32Array;
}

/** Products of float32 matrices and vectors by SIMD instructions, four times as fast as JavaScript's own. */
export interface MatrixKernel {
  /** Room for a vector of so many floats, and padding behind it. */
  vector(length: number): Float32Array;
  /** @param values [rows × columns] */
  matrix(values: Float32Array, rows: number): Matrix;
  /** `result[i] = Σ matrix[i][j] × vector[from + j]`; all of them must come from this kernel. */
  multiply(matrix: Matrix, vector: Float32Array, from: number, result: Float32Array, to: number): void;
}

/** @param floats room for all matrices and vectors, padding included */
export function createMatrixKernel(floats: number): MatrixKernel {
  const memory = new WebAssembly.Memory({ initial: Math.ceil((floats * 4) / 65_536) });
  const { multiply } = new WebAssembly.Instance(kernel, { env: { memory } }).exports as {
    multiply(weights: number, values: number, result: number, rows: number, rowBytes: number): void;
  };
  let used = 0;
  const allocate = (length: number) => {
    const view = new Float32Array(memory.buffer, used * 4, length);
    used += length;
    return view;
  };
  const padded = (length: number) => Math.ceil(length / STEP) * STEP;
  return {
    vector: (length) => allocate(padded(length) + STEP).subarray(0, length),
    matrix(values, rows) {
      const columns = values.length / rows;
      const stride = padded(columns);
      const room = allocate(rows * stride);
      for (let row = 0; row < rows; row++)
        room.set(values.subarray(row * columns, (row + 1) * columns), row * stride);
      return { rows, stride, values: room };
    },
    multiply({ rows, stride, values }, vector, from, result, to) {
      multiply(values.byteOffset, vector.byteOffset + from * 4, result.byteOffset + to * 4, rows, stride * 4);
    },
  };
}

// The kernel in WebAssembly, put together here since it is small enough to read:
//
//   while (rows--) {
//     a = b = [0, 0, 0, 0]; x = values; end = weights + rowBytes
//     do { a += weights[0..3] * x[0..3]; b += weights[4..7] * x[4..7]; weights += 8; x += 8 } while (weights < end)
//     a += b; *result++ = a[0] + a[1] + a[2] + a[3]
//   }
const [WEIGHTS, VALUES, RESULT, ROWS, ROW_BYTES, LAST, X, A, B] = [0, 1, 2, 3, 4, 5, 6, 7, 8] as const;
const addVectors = simd(0xe4);
const lane = (index: number) => [...get(A), ...simd(0x1f), index];
const addFloats = 0x92;
const storeFloat = [0x38, 2, 0];
const accumulate = (strand: number, offset: number) => [
  ...get(strand),
  ...[...load(WEIGHTS, offset), ...load(X, offset), ...simd(0xe6)],
  ...addVectors,
  ...set(strand),
];

const kernel = wasmModule([
  {
    name: 'multiply',
    parameters: 5,
    locals: [
      { count: 2, type: I32 },
      { count: 2, type: V128 },
    ],
    body: [
      ...BLOCK,
      ...LOOP, // over rows
      ...[...get(ROWS), 0x45, ...branchIf(1)], // none left: leave the block
      ...[...zeroVector, ...set(A), ...zeroVector, ...set(B)],
      ...[...get(VALUES), ...set(X)],
      ...[...get(WEIGHTS), ...get(ROW_BYTES), ADD, ...set(LAST)],
      ...LOOP, // over columns
      ...[...accumulate(A, 0), ...accumulate(B, 16)],
      ...[...advance(WEIGHTS, number(32)), ...advance(X, number(32))],
      ...[...get(WEIGHTS), ...get(LAST), BELOW, ...branchIf(0), END],
      ...[...get(A), ...get(B), ...addVectors, ...set(A), ...get(RESULT)],
      ...[...lane(0), ...lane(1), addFloats, ...lane(2), addFloats, ...lane(3), addFloats, ...storeFloat],
      ...advance(RESULT, number(4)),
      ...[...get(ROWS), ...number(1), SUBTRACT, ...set(ROWS)],
      ...[...branch(0), END, END, END], // ends of loop, block and function
    ],
  },
]);
