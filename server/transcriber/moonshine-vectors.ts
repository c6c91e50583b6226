import {
  ADD,
  advance,
  binary,
  countDown,
  END,
  floats,
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
  store,
  unary,
  V128,
  type WasmFunction,
  zeroVector,
} from '../onnx/wasm-code.ts';

/** What is done to values one by one, or row by row. All arguments are addresses and lengths in bytes of one memory. */
export interface VectorFunctions {
  /**
   * Rounds a row to two digits of 7 bits, `[floats / 4][digit][4]`, for the products of bytes.
   * @param bytes a multiple of 64
   * @param digitStep from four digits of this row to the next four
   * @param row where its scale (float32) and the sum of its values (int32) go
   */
  quantize(from: number, bytes: number, digits: number, digitStep: number, row: number): void;
  /** Layer normalisation of `turns` rows without bias; ε is 1e-5. @param width where 1 / floats of a row is, four times */
  normalize(from: number, to: number, rowBytes: number, weight: number, width: number, turns: number): void;
  /** Sum of a stretch and sum of its squares, four float32 each to be added up. */
  moments(start: number, bytes: number, to: number): void;
  /** `x[r][c] × factors[c] + summands[c]` of `turns` rows, in place. */
  stretch(start: number, rowBytes: number, factors: number, summands: number, turns: number): void;
  add(to: number, from: number, bytes: number): void;
  /** x × Φ(x), in place. */
  gelu(start: number, bytes: number): void;
  tanh(start: number, bytes: number): void;
  /** `values[i] × gates[i] × σ(gates[i])`, in place of the values. */
  gate(values: number, bytes: number, gates: number): void;
  /** Scores of `turns` rows to shares that sum to one, in place. */
  softmax(start: number, rowBytes: number, turns: number): void;
}

type Code = readonly number[];
const addFloats = binary(0xe4);
const subtract = binary(0xe5);
const multiply = binary(0xe6);
const divide = binary(0xe7);
const minimum = binary(0xe8);
const maximum = binary(0xe9);
const absolute = unary(0xe0);
const negative = unary(0xe1);
const squareRoot = unary(0xe3);
const nearest = unary(0x6a);
const toInts = unary(0xf8);
const addInts = binary(0xae);
const and = binary(0x4e);
const shift = (code: number) => (a: Code, bits: number) => [...a, ...number(bits), ...simd(code)];
const shiftLeft = shift(0xab);
const shiftRight = shift(0xad);
const shuffle = (a: Code, b: Code, bytes: readonly number[]) => [...a, ...b, ...simd(0x0d), ...bytes];
/** The four places of a local combined into each of them. */
const combine = (local: number, operation: (a: Code, b: Code) => Code) =>
  [8, 4].flatMap((by) => [
    ...operation(
      get(local),
      shuffle(
        get(local),
        get(local),
        Array.from({ length: 16 }, (_, i) => (i + by) % 16),
      ),
    ),
    ...set(local),
  ]);
const storeLane = (code: number, address: Code, vector: Code, lane: number) => [
  ...[...address, ...vector, ...simd(code)],
  ...[0, 0, lane],
];

/** e to the power of a local, in place; uses two more. Polynomial of Cephes' expf, right to 1e-7 of the value. */
function exponential(x: number, n: number, p: number): number[] {
  const step = (factor: number) => [...multiplyAdd(get(p), get(x), floats(factor)), ...set(p)];
  return [
    ...[...minimum(maximum(get(x), floats(-87)), floats(88)), ...set(x)],
    ...[...nearest(multiply(get(x), floats(Math.LOG2E))), ...set(n)],
    ...[...multiplyAdd(get(n), floats(-0.693359375), get(x)), ...set(x)],
    ...[...multiplyAdd(get(n), floats(2.1219444e-4), get(x)), ...set(x)],
    ...[...floats(1.98756915e-4), ...set(p)],
    ...[1.3981999507e-3, 8.3334519073e-3, 4.1665795894e-2, 1.6666665459e-1, 5.0000001201e-1].flatMap(step),
    ...[...multiply(multiply(get(p), get(x)), get(x)), ...set(p)],
    ...multiply(
      addFloats(addFloats(get(p), get(x)), floats(1)),
      shiftLeft(addInts(toInts(get(n)), ints(127)), 23),
    ),
    ...set(x),
  ];
}

/** A function of each value in a stretch, in place. @param body puts the result for local `x` on the stack */
function pointwise(name: string, body: (x: number, spare: readonly number[]) => Code): WasmFunction {
  const [start, bytes, end, x] = [0, 1, 2, 3] as const;
  return {
    name,
    parameters: 2,
    locals: [
      { count: 1, type: I32 },
      { count: 5, type: V128 },
    ],
    body: [
      ...[...get(start), ...get(bytes), ADD, ...set(end)],
      ...loopBelow(start, get(end), [
        ...[...load(start, 0), ...set(x)],
        ...store(start, 0, body(x, [4, 5, 6, 7])),
        ...advance(start, number(16)),
      ]),
      END,
    ],
  };
}

/** erf by Abramowitz and Stegun, 7.1.26: right to 1.5e-7. */
const ERF_STEP = 0.3275911;
const ERF = [-1.453152027, 1.421413741, -0.284496736, 0.254829592];

const gelu = pointwise('gelu', (x, spare) => {
  const [e, n, p, t] = spare as [number, number, number, number];
  return [
    ...[...multiply(absolute(get(x)), floats(Math.SQRT1_2)), ...set(e)],
    ...divide(floats(1), multiplyAdd(get(e), floats(ERF_STEP), floats(1))),
    ...set(t),
    ...[...negative(multiply(get(e), get(e))), ...set(e)],
    ...exponential(e, n, p),
    ...[...floats(1.061405429), ...set(p)],
    ...ERF.flatMap((factor) => [...multiplyAdd(get(p), get(t), floats(factor)), ...set(p)]),
    // Half of 1 - erf(|x| / √2): the share beyond |x|.
    ...[...multiply(multiply(multiply(get(p), get(t)), get(e)), floats(0.5)), ...set(p)],
    ...get(x),
    // Which of both: x < 0.
    ...[...get(p), ...subtract(floats(1), get(p)), ...get(x), ...zeroVector, ...simd(0x43), ...simd(0x52)],
    ...simd(0xe6),
  ];
});

const tanh = pointwise('tanh', (x, spare) => [
  ...[...addFloats(get(x), get(x)), ...set(x)],
  ...exponential(x, spare[0] as number, spare[1] as number),
  ...subtract(floats(1), divide(floats(2), addFloats(get(x), floats(1)))),
]);

const gate = (): WasmFunction => {
  const [values, bytes, gates, end, e, n, p] = [0, 1, 2, 3, 4, 5, 6] as const;
  return {
    name: 'gate',
    parameters: 3,
    locals: [
      { count: 1, type: I32 },
      { count: 3, type: V128 },
    ],
    body: [
      ...[...get(values), ...get(bytes), ADD, ...set(end)],
      ...loopBelow(values, get(end), [
        ...[...negative(load(gates, 0)), ...set(e)],
        ...exponential(e, n, p),
        ...store(values, 0, divide(multiply(load(values, 0), load(gates, 0)), addFloats(get(e), floats(1)))),
        ...[...advance(values, number(16)), ...advance(gates, number(16))],
      ]),
      END,
    ],
  };
};

const add = (): WasmFunction => {
  const [to, from, bytes, end] = [0, 1, 2, 3] as const;
  return {
    name: 'add',
    parameters: 3,
    locals: [{ count: 1, type: I32 }],
    body: [
      ...[...get(to), ...get(bytes), ADD, ...set(end)],
      ...loopBelow(to, get(end), [
        ...store(to, 0, addFloats(load(to, 0), load(from, 0))),
        ...[...advance(to, number(16)), ...advance(from, number(16))],
      ]),
      END,
    ],
  };
};

const moments = (): WasmFunction => {
  const [start, bytes, to, end, sum, squares, x] = [0, 1, 2, 3, 4, 5, 6] as const;
  return {
    name: 'moments',
    parameters: 3,
    locals: [
      { count: 1, type: I32 },
      { count: 3, type: V128 },
    ],
    body: [
      ...[...get(start), ...get(bytes), ADD, ...set(end)],
      ...[...zeroVector, ...set(sum), ...zeroVector, ...set(squares)],
      ...loopBelow(start, get(end), [
        ...[...load(start, 0), ...set(x), ...addFloats(get(sum), get(x)), ...set(sum)],
        ...[...multiplyAdd(get(x), get(x), get(squares)), ...set(squares)],
        ...advance(start, number(16)),
      ]),
      ...[...store(to, 0, get(sum)), ...store(to, 16, get(squares)), END],
    ],
  };
};

const stretch = (): WasmFunction => {
  const [start, rowBytes, factors, summands, turns, factor, summand, end] = [0, 1, 2, 3, 4, 5, 6, 7] as const;
  return {
    name: 'stretch',
    parameters: 5,
    locals: [{ count: 3, type: I32 }],
    body: [
      ...countDown(turns, [
        ...[...get(start), ...get(rowBytes), ADD, ...set(end)],
        ...[...get(factors), ...set(factor), ...get(summands), ...set(summand)],
        ...loopBelow(start, get(end), [
          ...store(start, 0, multiplyAdd(load(start, 0), load(factor, 0), load(summand, 0))),
          ...[start, factor, summand].flatMap((local) => advance(local, number(16))),
        ]),
      ]),
      END,
    ],
  };
};

const softmax = (): WasmFunction => {
  const [start, rowBytes, turns, at, end] = [0, 1, 2, 3, 4] as const;
  const [most, sum, x, n, p] = [5, 6, 7, 8, 9] as const;
  const overRow = (body: Code) => [
    ...[...get(start), ...set(at)],
    ...loopBelow(at, get(end), [...body, ...advance(at, number(16))]),
  ];
  return {
    name: 'softmax',
    parameters: 3,
    locals: [
      { count: 2, type: I32 },
      { count: 5, type: V128 },
    ],
    body: [
      ...countDown(turns, [
        ...[...get(start), ...get(rowBytes), ADD, ...set(end)],
        ...[...load(start, 0), ...set(most), ...zeroVector, ...set(sum)],
        ...overRow([...maximum(get(most), load(at, 0)), ...set(most)]),
        ...combine(most, maximum),
        ...overRow([
          ...[...subtract(load(at, 0), get(most)), ...set(x)],
          ...exponential(x, n, p),
          ...store(at, 0, get(x)),
          ...[...addFloats(get(sum), get(x)), ...set(sum)],
        ]),
        ...combine(sum, addFloats),
        ...[...divide(floats(1), get(sum)), ...set(sum)],
        ...overRow(store(at, 0, multiply(load(at, 0), get(sum)))),
        ...[...get(end), ...set(start)],
      ]),
      END,
    ],
  };
};

const normalize = (): WasmFunction => {
  const [from, to, rowBytes, weight, width, turns, at, w, end] = [0, 1, 2, 3, 4, 5, 6, 7, 8] as const;
  const [sum, squares, x] = [9, 10, 11] as const;
  const overRow = (body: Code) => [
    ...[...get(from), ...set(at)],
    ...loopBelow(at, get(end), [...body, ...advance(at, number(16))]),
  ];
  const mean = (local: number) => [
    ...combine(local, addFloats),
    ...[...multiply(get(local), load(width, 0)), ...set(local)],
  ];
  return {
    name: 'normalize',
    parameters: 6,
    locals: [
      { count: 3, type: I32 },
      { count: 3, type: V128 },
    ],
    body: [
      ...countDown(turns, [
        ...[...get(from), ...get(rowBytes), ADD, ...set(end)],
        ...[...zeroVector, ...set(sum), ...zeroVector, ...set(squares)],
        ...overRow([...addFloats(get(sum), load(at, 0)), ...set(sum)]),
        ...mean(sum),
        ...overRow([
          ...[...subtract(load(at, 0), get(sum)), ...set(x)],
          ...[...multiplyAdd(get(x), get(x), get(squares)), ...set(squares)],
        ]),
        ...mean(squares),
        ...[...divide(floats(1), squareRoot(addFloats(get(squares), floats(1e-5)))), ...set(squares)],
        ...[...get(weight), ...set(w)],
        ...overRow([
          ...store(to, 0, multiply(multiply(subtract(load(at, 0), get(sum)), get(squares)), load(w, 0))),
          ...[...advance(to, number(16)), ...advance(w, number(16))],
        ]),
        ...[...get(end), ...set(from)],
      ]),
      END,
    ],
  };
};

/** Where the middle of 14 bits is, and the most beyond it. */
const MIDDLE = 8192;
const MOST = 8191;

const quantize = (): WasmFunction => {
  const [from, bytes, digits, step, row, at, end] = [0, 1, 2, 3, 4, 5, 6] as const;
  const [most, inverse, sum, high, low] = [7, 8, 9, 10, 11] as const;
  const value = (index: number) => 12 + index;
  /** Four times four int32 as sixteen bytes. */
  const narrow = (make: (index: number) => Code) => {
    const half = (first: number) => [...make(first), ...make(first + 1), ...simd(0x85)];
    return [...half(0), ...half(2), ...simd(0x66)];
  };
  const pairs = (first: number) =>
    [first, first + 1].flatMap((index) => [
      ...Array.from({ length: 4 }, (_, i) => index * 4 + i),
      ...Array.from({ length: 4 }, (_, i) => 16 + index * 4 + i),
    ]);
  return {
    name: 'quantize',
    parameters: 5,
    locals: [
      { count: 2, type: I32 },
      { count: 9, type: V128 },
    ],
    body: [
      ...[...get(from), ...get(bytes), ADD, ...set(end)],
      ...[...get(from), ...set(at), ...zeroVector, ...set(most), ...zeroVector, ...set(sum)],
      ...loopBelow(at, get(end), [
        ...[...maximum(get(most), absolute(load(at, 0))), ...set(most)],
        ...advance(at, number(16)),
      ]),
      ...combine(most, maximum),
      // All zeros: whatever the scale is, nothing comes of it.
      ...[...maximum(get(most), floats(1e-30)), ...set(most)],
      ...[...divide(floats(MOST), get(most)), ...set(inverse)],
      ...storeLane(0x5a, get(row), multiply(get(most), floats(1 / MOST)), 0),
      ...loopBelow(from, get(end), [
        ...repeat(4, (index) => [
          ...addInts(toInts(nearest(multiply(load(from, index * 16), get(inverse)))), ints(MIDDLE)),
          ...set(value(index)),
          ...[...addInts(get(sum), get(value(index))), ...set(sum)],
        ]),
        ...[...narrow((index) => shiftRight(get(value(index)), 7)), ...set(high)],
        ...[...narrow((index) => and(get(value(index)), ints(127))), ...set(low)],
        ...[0, 2].flatMap((first) => [
          ...[...shuffle(get(high), get(low), pairs(first)), ...set(value(0))],
          ...[...storeLane(0x5b, get(digits), get(value(0)), 0), ...advance(digits, get(step))],
          ...[...storeLane(0x5b, get(digits), get(value(0)), 1), ...advance(digits, get(step))],
        ]),
        ...advance(from, number(64)),
      ]),
      ...combine(sum, addInts),
      ...[...get(row), ...number(4), ADD, ...set(at)],
      ...storeLane(0x5a, get(at), get(sum), 0),
      END,
    ],
  };
};

export const vectorFunctions: readonly WasmFunction[] = [
  gelu,
  tanh,
  gate(),
  add(),
  moments(),
  stretch(),
  softmax(),
  normalize(),
  quantize(),
];
