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
  const module = new WebAssembly.Module(kernel);
  const { multiply } = new WebAssembly.Instance(module, { env: { memory } }).exports as {
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
const I32 = 0x7f;
const V128 = 0x7b;
const [WEIGHTS, VALUES, RESULT, ROWS, ROW_BYTES, END, X, A, B] = [0, 1, 2, 3, 4, 5, 6, 7, 8] as const;
const get = (local: number) => [0x20, local];
const set = (local: number) => [0x21, local];
const number = (value: number) => [0x41, value];
const add = 0x6a;
const subtract = 0x6b;
const loadVector = (local: number, offset: number) => [...get(local), 0xfd, 0x00, 2, offset];
const addVectors = [0xfd, 0xe4, 0x01];
const multiplyVectors = [0xfd, 0xe6, 0x01];
const zeroVector = [0xfd, 0x0c, ...new Array<number>(16).fill(0)];
const lane = (index: number) => [...get(A), 0xfd, 0x1f, index];
const addFloats = 0x92;
const end = 0x0b;
const accumulate = (strand: number, offset: number) => [
  ...get(strand),
  ...[...loadVector(WEIGHTS, offset), ...loadVector(X, offset), ...multiplyVectors],
  ...addVectors,
  ...set(strand),
];
const advance = (local: number, bytes: number) => [...get(local), ...number(bytes), add, ...set(local)];

const body = [
  ...[2, 2, I32, 2, V128], // locals: END and X, A and B
  ...[0x02, 0x40], // block
  ...[0x03, 0x40], // loop over rows
  ...[...get(ROWS), 0x45, 0x0d, 1], // none left: leave the block
  ...[...zeroVector, ...set(A), ...zeroVector, ...set(B)],
  ...[...get(VALUES), ...set(X)],
  ...[...get(WEIGHTS), ...get(ROW_BYTES), add, ...set(END)],
  ...[0x03, 0x40], // loop over columns
  ...[...accumulate(A, 0), ...accumulate(B, 16)],
  ...[...advance(WEIGHTS, 32), ...advance(X, 32)],
  ...[...get(WEIGHTS), ...get(END), 0x49, 0x0d, 0, end], // again while weights < end
  ...[...get(A), ...get(B), ...addVectors, ...set(A)],
  ...[
    ...get(RESULT),
    ...lane(0),
    ...lane(1),
    addFloats,
    ...lane(2),
    addFloats,
    ...lane(3),
    addFloats,
    0x38,
    2,
    0,
  ],
  ...advance(RESULT, 4),
  ...[...get(ROWS), ...number(1), subtract, ...set(ROWS)],
  ...[0x0c, 0, end, end, end], // again; ends of loop, block and function
];
const text = (value: string) => [value.length, ...Buffer.from(value, 'ascii')];
/** Unsigned LEB128. */
const size = (length: number) => (length < 128 ? [length] : [(length & 127) | 128, length >> 7]);
const section = (id: number, content: readonly number[]) => [id, ...size(content.length), ...content];

const kernel = Uint8Array.from([
  ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
  ...section(1, [1, 0x60, 5, I32, I32, I32, I32, I32, 0]), // (i32 × 5) → nothing
  ...section(2, [1, ...text('env'), ...text('memory'), 0x02, 0, 0]),
  ...section(3, [1, 0]),
  ...section(7, [1, ...text('multiply'), 0x00, 0]),
  ...section(10, [1, ...size(body.length), ...body]),
]);
