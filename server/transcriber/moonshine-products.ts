import {
  ADD,
  advance,
  binary,
  countDown,
  END,
  get,
  I32,
  ints,
  load,
  loopBelow,
  multiplyAdd,
  number,
  repeat,
  set,
  simd,
  splat,
  store,
  unary,
  V128,
  type WasmFunction,
  zeroVector,
} from '../onnx/wasm-code.ts';

/**
 * Products of matrices by SIMD instructions, for networks whose weights are int8. All arguments are addresses and
 * lengths in bytes of one memory.
 *
 * Activations are rounded to 14 bits, as two digits of 7, since the fastest instruction there is multiplies int8 with
 * 7 bits: `x = scale × (128 × high + low − 8192)`.
 */
export interface ByteProducts {
  /**
   * `result[r][c] = Σ x[r][k] × (weights[k][c] − zero) × scale + bias[c]` for 8 columns of `turns` pairs of rows.
   * @param digits two rows side by side, `[k / 4][row][digit][4]`; `digitBytes` of each pair
   * @param rows scale and sum of digits of each row, see `quantize`
   * @param weights `[k / 4][COLUMNS][4]`; may point to the second eight of COLUMNS
   * @param columns `[8]` int32 and `[8]` float32 bias, see `packWeights`
   * @param matrix zero (int32) and scale (float32)
   */
  multiplyPairs(
    digits: number,
    digitBytes: number,
    rows: number,
    weights: number,
    columns: number,
    matrix: number,
    result: number,
    resultStride: number,
    turns: number,
  ): void;
  /** The same for COLUMNS columns of single rows: `[k / 4][digit][4]`. */
  multiplySingles: ByteProducts['multiplyPairs'];
  /**
   * Lays COLUMNS columns of uint8 weights out for these products, as int8 around 128.
   * @param rowBytes of the weights, `[k][columns]`
   * @param turns fours of rows
   * @param sums where the sum of each column goes, int32
   */
  pack(weights: number, rowBytes: number, packed: number, sums: number, turns: number): void;
}

/** Columns whose weights lie together: `[inputs / 4][COLUMNS][4]`. */
export const COLUMNS = 16;
/** Bytes of four inputs of them. */
const GROUP_BYTES = COLUMNS * 4;

const addInts = binary(0xae);
const subtractInts = binary(0xb1);
const multiplyInts = binary(0xb5);
const multiplyFloats = binary(0xe6);
const toFloats = unary(0xfa);
/** i32x4.relaxed_dot_i8x16_i7x16_add_s: int8 × 7 bits, four products to each int32. */
const dot = (weights: readonly number[], digits: readonly number[], sum: readonly number[]) => [
  ...[...weights, ...digits, ...sum],
  ...simd(0x113),
];
const shiftLeft = (a: readonly number[], bits: number) => [...a, ...number(bits), ...simd(0xab)];

/** @param rows taken at once; `panels` of four columns each */
function byteProduct(name: string, rows: number, panels: number): WasmFunction {
  const [digits, digitBytes, info, weights, columns, matrix, result, stride, turns] = [
    0, 1, 2, 3, 4, 5, 6, 7, 8,
  ] as const;
  const [from, w, end, to] = [9, 10, 11, 12] as const;
  const firstWeight = 13;
  const digit = firstWeight + panels;
  /** Of a digit of a row, and four columns. */
  const sum = (row: number, which: number, panel: number) => digit + 1 + (row * 2 + which) * panels + panel;
  const sums = rows * 2 * panels;
  const termAt = (panel: number) => (panel >> 1) * 64 + (panel & 1) * 16;
  const finish = (row: number, panel: number) =>
    store(
      to,
      panel * 16,
      multiplyAdd(
        toFloats(
          subtractInts(
            addInts(
              addInts(shiftLeft(get(sum(row, 0, panel)), 7), get(sum(row, 1, panel))),
              load(columns, termAt(panel)),
            ),
            multiplyInts(splat(matrix, 0), splat(info, row * 8 + 4)),
          ),
        ),
        multiplyFloats(splat(matrix, 4), splat(info, row * 8)),
        load(columns, termAt(panel) + 32),
      ),
    );
  return {
    name,
    parameters: 9,
    locals: [
      { count: 4, type: I32 },
      { count: panels + 1 + sums, type: V128 },
    ],
    body: [
      ...countDown(turns, [
        ...repeat(sums, (index) => [...zeroVector, ...set(digit + 1 + index)]),
        ...[...get(digits), ...set(from), ...get(weights), ...set(w)],
        ...[...get(digits), ...get(digitBytes), ADD, ...set(end)],
        ...loopBelow(from, get(end), [
          ...repeat(panels, (panel) => [...load(w, panel * 16), ...set(firstWeight + panel)]),
          ...repeat(rows * 2, (index) => [
            ...[...splat(from, index * 4), ...set(digit)],
            ...repeat(panels, (panel) => {
              const to = sum(index >> 1, index & 1, panel);
              return [...dot(get(firstWeight + panel), get(digit), get(to)), ...set(to)];
            }),
          ]),
          ...[...advance(from, number(rows * 8)), ...advance(w, number(GROUP_BYTES))],
        ]),
        ...[...get(result), ...set(to)],
        ...repeat(rows, (row) => [
          ...repeat(panels, (panel) => finish(row, panel)),
          ...advance(to, get(stride)),
        ]),
        ...[...get(to), ...set(result), ...get(end), ...set(digits)],
        ...advance(info, number(rows * 8)),
      ]),
      END,
    ],
  };
}

function pack(): WasmFunction {
  const [weights, rowBytes, packed, sums, turns] = [0, 1, 2, 3, 4] as const;
  const row = (index: number) => 5 + index;
  const pair = (index: number) => 9 + index;
  const sum = (index: number) => 13 + index;
  const shuffle = (a: number, b: number, lanes: readonly number[]) => [
    ...[...get(a), ...get(b)],
    ...[...simd(0x0d), ...lanes],
  ];
  /** Values of `size` bytes of two vectors in turn, from the lower or the upper half of each. */
  const alternate = (size: number, upper: number) =>
    Array.from({ length: 16 }, (_, i) => {
      const value = Math.floor(i / size);
      return (value & 1) * 16 + upper * 8 + (value >> 1) * size + (i % size);
    });
  return {
    name: 'pack',
    parameters: 5,
    locals: [{ count: 12, type: V128 }],
    body: [
      ...repeat(4, (index) => [...zeroVector, ...set(sum(index))]),
      ...countDown(turns, [
        ...repeat(4, (index) => [
          ...[...load(weights, 0), ...ints(0x80808080 | 0), ...simd(0x51), ...set(row(index))],
          ...advance(weights, get(rowBytes)),
        ]),
        ...repeat(4, (index) => [
          ...shuffle(row(index & 2), row((index & 2) + 1), alternate(1, index & 1)),
          ...set(pair(index)),
        ]),
        ...repeat(4, (index) => {
          const four = shuffle(pair(index >> 1), pair((index >> 1) + 2), alternate(2, index & 1));
          return [
            ...[...four, ...set(row(0)), ...store(packed, index * 16, get(row(0)))],
            ...[...dot(get(row(0)), ints(0x01010101), get(sum(index))), ...set(sum(index))],
          ];
        }),
        ...advance(packed, number(GROUP_BYTES)),
      ]),
      ...repeat(4, (index) => store(sums, index * 16, get(sum(index)))),
      END,
    ],
  };
}

/** Products of float32. */
export interface FloatProducts {
  /**
   * `result[r][c] = Σ x[r][k] × y[k][c] + bias[c]` for FLOAT_COLUMNS columns of `turns` times FLOAT_ROWS rows.
   * @param xBytes length of a row of x, a multiple of 16
   */
  multiplyFloats(
    x: number,
    xStride: number,
    xBytes: number,
    y: number,
    yStride: number,
    bias: number,
    result: number,
    resultStride: number,
    turns: number,
  ): void;
  /** The same, `turns` single rows. */
  multiplyFloatRow: FloatProducts['multiplyFloats'];
}

export const FLOAT_ROWS = 3;
export const FLOAT_COLUMNS = 12;

function floatProduct(name: string, rows: number): WasmFunction {
  const panels = FLOAT_COLUMNS / 4;
  const [x, xStride, xBytes, y, yStride, bias, result, stride, turns] = [0, 1, 2, 3, 4, 5, 6, 7, 8] as const;
  const [from, w, end, to] = [9, 9 + rows, 10 + rows, 11 + rows] as const;
  const firstWeight = 12 + rows;
  const value = firstWeight + panels;
  const sum = (row: number, panel: number) => value + 1 + row * panels + panel;
  const start = [...get(x), ...set(from)];
  return {
    name,
    parameters: 9,
    locals: [
      { count: 3 + rows, type: I32 },
      { count: panels + 1 + rows * panels, type: V128 },
    ],
    body: [
      ...countDown(turns, [
        ...repeat(rows * panels, (index) => [
          ...load(bias, (index % panels) * 16),
          ...set(sum(Math.floor(index / panels), index % panels)),
        ]),
        ...start,
        ...repeat(rows - 1, (row) => [...get(from + row), ...get(xStride), ADD, ...set(from + row + 1)]),
        ...[...get(y), ...set(w), ...get(x), ...get(xBytes), ADD, ...set(end)],
        ...loopBelow(from, get(end), [
          ...repeat(4, (k) => [
            ...repeat(panels, (panel) => [...load(w, panel * 16), ...set(firstWeight + panel)]),
            ...repeat(rows, (row) => [
              ...[...splat(from + row, k * 4), ...set(value)],
              ...repeat(panels, (panel) => [
                ...multiplyAdd(get(value), get(firstWeight + panel), get(sum(row, panel))),
                ...set(sum(row, panel)),
              ]),
            ]),
            ...advance(w, get(yStride)),
          ]),
          ...repeat(rows, (row) => advance(from + row, number(16))),
        ]),
        ...[...get(result), ...set(to)],
        ...repeat(rows, (row) => [
          ...repeat(panels, (panel) => store(to, panel * 16, get(sum(row, panel)))),
          ...[...advance(to, get(stride)), ...advance(x, get(xStride))],
        ]),
        ...[...get(to), ...set(result)],
      ]),
      END,
    ],
  };
}

export const productFunctions: readonly WasmFunction[] = [
  byteProduct('multiplyPairs', 2, 2),
  byteProduct('multiplySingles', 1, 4),
  pack(),
  floatProduct('multiplyFloats', FLOAT_ROWS),
  floatProduct('multiplyFloatRow', 1),
];
