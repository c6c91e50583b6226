import {
  ADD,
  advance,
  BELOW,
  branchIf,
  END,
  get,
  I32,
  LOOP,
  load,
  loadInt8,
  number,
  SUBTRACT,
  set,
  simd,
  splat,
  store,
  V128,
  wasmModule,
  zeroVector,
} from '../onnx/wasm-code.ts';

/** Values a quad holds side by side: the same feature of four tokens. */
export const QUAD = 4;
/** Columns of a panel: what one pass over a quad computes. */
export const PANEL = 8;

/**
 * Products of matrices by SIMD instructions. Activations lie in quads, `[tokens / QUAD][features][QUAD]`, so that each
 * weight is read once for four tokens and nothing is ever transposed. All addresses are bytes in `memory`.
 */
export interface QuadKernel {
  /** Spreads `rows` of PANEL int8 weights, `rowBytes` apart, into float32 at `panel`: [rows][PANEL]. */
  unpack(weights: number, rowBytes: number, panel: number, rows: number): void;
  /**
   * `result[q][c] = Σ x[q][k] × panel[k][c] × scale[c] + bias[c]` for PANEL columns c of each quad q.
   * @param xStride bytes from one quad of x to the next; `resultStride` the same of the result
   * @param panelBytes length of the panel; its rows are a multiple of ROWS_AT_ONCE
   * @param quads at least one
   */
  multiply(
    x: number,
    xStride: number,
    panel: number,
    panelBytes: number,
    scale: number,
    bias: number,
    result: number,
    resultStride: number,
    quads: number,
  ): void;
}

/** Rows of a panel that one turn of the inner loop takes. */
const ROWS_AT_ONCE = 4;

export function createQuadKernel(memory: WebAssembly.Memory): QuadKernel {
  return new WebAssembly.Instance(kernel, { env: { memory } }).exports as unknown as QuadKernel;
}

// The kernel in WebAssembly, put together here since it is small enough to read.
/** a × b + c, rounded once where the processor can. */
const multiplyAdd = (a: readonly number[], b: readonly number[], c: readonly number[]) => [
  ...[...a, ...b, ...c],
  ...simd(0x105),
];
const tee = (local: number) => [0x22, local];
const repeatUnlessZero = (counter: number) => [
  ...[...get(counter), ...number(1), SUBTRACT, ...tee(counter)],
  ...branchIf(0),
];
const each = <T>(count: number, make: (index: number) => readonly T[]) =>
  Array.from({ length: count }, (_, index) => make(index)).flat();

// do { v = weights[0..7]; panel[0..3] = float(low v); panel[4..7] = float(high v); … } while (--rows)
const unpack = () => {
  const [weights, rowBytes, panel, rows, v] = [0, 1, 2, 3, 4] as const;
  const low = [...get(v), ...simd(0xa7), ...simd(0xfa)];
  const high = [...get(v), ...simd(0xa8), ...simd(0xfa)];
  return [
    ...LOOP,
    ...[...loadInt8(weights, 0), ...set(v)],
    ...[...store(panel, 0, low), ...store(panel, 16, high)],
    ...[...advance(weights, get(rowBytes)), ...advance(panel, number(32))],
    ...[...repeatUnlessZero(rows), END, END],
  ];
};

// do {
//   sums = 0; from = x; w = panel
//   do { v = from[0..3]; sums[c] += v * w[c] for c in 0..7; from += 4; w += 8 } while (w < panel + panelBytes)
//   result[c] = sums[c] * scale[c] + bias[c]; x += xStride; result += resultStride
// } while (--quads)
const multiply = () => {
  const [x, xStride, panel, panelBytes, scale, bias, result, resultStride, quads] = [
    0, 1, 2, 3, 4, 5, 6, 7, 8,
  ] as const;
  const [from, w, v, sums] = [9, 10, 11, 12] as const;
  return [
    ...LOOP,
    ...each(PANEL, (c) => [...zeroVector, ...set(sums + c)]),
    ...[...get(x), ...set(from), ...get(panel), ...set(w)],
    ...LOOP,
    ...each(ROWS_AT_ONCE, (row) => [
      ...[...load(from, row * 16), ...set(v)],
      ...each(PANEL, (c) => [
        ...multiplyAdd(get(v), splat(w, row * 32 + c * 4), get(sums + c)),
        ...set(sums + c),
      ]),
    ]),
    ...[...advance(from, number(ROWS_AT_ONCE * 16)), ...advance(w, number(ROWS_AT_ONCE * 32))],
    ...[...get(w), ...get(panel), ...get(panelBytes), ADD, BELOW, ...branchIf(0), END],
    ...each(PANEL, (c) =>
      store(result, c * 16, multiplyAdd(get(sums + c), splat(scale, c * 4), splat(bias, c * 4))),
    ),
    ...[...advance(x, get(xStride)), ...advance(result, get(resultStride))],
    ...[...repeatUnlessZero(quads), END, END],
  ];
};

const kernel = wasmModule([
  { name: 'unpack', parameters: 4, locals: [{ count: 1, type: V128 }], body: unpack() },
  {
    name: 'multiply',
    parameters: 9,
    locals: [
      { count: 2, type: I32 },
      { count: 1 + PANEL, type: V128 },
    ],
    body: multiply(),
  },
]);
