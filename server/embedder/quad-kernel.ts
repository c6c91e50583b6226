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
  const module = new WebAssembly.Module(bytes);
  return new WebAssembly.Instance(module, { env: { memory } }).exports as unknown as QuadKernel;
}

// The kernel in WebAssembly, put together here since it is small enough to read.
const I32 = 0x7f;
const V128 = 0x7b;
const END = 0x0b;
const LOOP = [0x03, 0x40];
const get = (local: number) => [0x20, local];
const set = (local: number) => [0x21, local];
/** Signed LEB128, to 8191. */
const number = (value: number) => (value < 64 ? [0x41, value] : [0x41, (value & 127) | 128, value >> 7]);
/** Unsigned LEB128, to 16383. */
const size = (value: number) => (value < 128 ? [value] : [(value & 127) | 128, value >> 7]);
const add = 0x6a;
const below = 0x49;
const simd = (code: number) => [0xfd, ...size(code)];
const at = (code: number, local: number, offset: number) => [
  ...get(local),
  ...simd(code),
  0,
  ...size(offset),
];
const load = (local: number, offset: number) => at(0x00, local, offset);
const loadInt8 = (local: number, offset: number) => at(0x01, local, offset);
const splat = (local: number, offset: number) => at(0x09, local, offset);
const store = (local: number, offset: number, value: readonly number[]) => [
  ...get(local),
  ...value,
  ...simd(0x0b),
  0,
  ...size(offset),
];
/** a × b + c, rounded once where the processor can. */
const multiplyAdd = (a: readonly number[], b: readonly number[], c: readonly number[]) => [
  ...[...a, ...b, ...c],
  ...simd(0x105),
];
const zero = [...simd(0x0c), ...new Array<number>(16).fill(0)];
const advance = (local: number, by: readonly number[]) => [...get(local), ...by, add, ...set(local)];
const repeatUnlessZero = (counter: number) => [
  ...[...get(counter), ...number(1), 0x6b, 0x22, counter],
  ...[0x0d, 0],
];
const each = <T>(count: number, make: (index: number) => readonly T[]) =>
  Array.from({ length: count }, (_, index) => make(index)).flat();

// do { v = weights[0..7]; panel[0..3] = float(low v); panel[4..7] = float(high v); … } while (--rows)
const unpack = () => {
  const [weights, rowBytes, panel, rows, v] = [0, 1, 2, 3, 4] as const;
  const low = [...get(v), ...simd(0xa7), ...simd(0xfa)];
  const high = [...get(v), ...simd(0xa8), ...simd(0xfa)];
  return [
    ...[1, 1, V128],
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
    ...[2, 2, I32, 1 + PANEL, V128],
    ...LOOP,
    ...each(PANEL, (c) => [...zero, ...set(sums + c)]),
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
    ...[...get(w), ...get(panel), ...get(panelBytes), add, below, 0x0d, 0, END],
    ...each(PANEL, (c) =>
      store(result, c * 16, multiplyAdd(get(sums + c), splat(scale, c * 4), splat(bias, c * 4))),
    ),
    ...[...advance(x, get(xStride)), ...advance(result, get(resultStride))],
    ...[...repeatUnlessZero(quads), END, END],
  ];
};

const text = (value: string) => [value.length, ...Buffer.from(value, 'ascii')];
const section = (id: number, content: readonly number[]) => [id, ...size(content.length), ...content];
const code = (body: readonly number[]) => [...size(body.length), ...body];
const takes = (parameters: number) => [0x60, parameters, ...new Array<number>(parameters).fill(I32), 0];

const bytes = Uint8Array.from([
  ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
  ...section(1, [2, ...takes(4), ...takes(9)]),
  ...section(2, [1, ...text('env'), ...text('memory'), 0x02, 0, 0]),
  ...section(3, [2, 0, 1]),
  ...section(7, [2, ...text('unpack'), 0, 0, ...text('multiply'), 0, 1]),
  ...section(10, [2, ...code(unpack()), ...code(multiply())]),
]);
