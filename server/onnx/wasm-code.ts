// Words for writing small WebAssembly functions by hand: each gives the bytes of one piece of the binary format
// (WebAssembly Core Specification 2.0, chapter 5; fixed-width SIMD and relaxed SIMD included).

export const I32 = 0x7f;
export const V128 = 0x7b;
export const END = 0x0b;
export const BLOCK = [0x02, 0x40];
export const LOOP = [0x03, 0x40];
export const ADD = 0x6a;
export const SUBTRACT = 0x6b;
/** Unsigned less-than. */
export const BELOW = 0x49;

/** Unsigned LEB128, to 16383. */
const size = (value: number) => (value < 128 ? [value] : [(value & 127) | 128, value >> 7]);

export const get = (local: number) => [0x20, local];
export const set = (local: number) => [0x21, local];
export const branch = (depth: number) => [0x0c, depth];
export const branchIf = (depth: number) => [0x0d, depth];
/** An i32 constant, 0 to 8191. */
export const number = (value: number) =>
  value < 64 ? [0x41, value] : [0x41, (value & 127) | 128, value >> 7];
export const advance = (local: number, by: readonly number[]) => [...get(local), ...by, ADD, ...set(local)];

/** A SIMD instruction by its code. */
export const simd = (code: number) => [0xfd, ...size(code)];
const at = (code: number, local: number, offset: number) => [
  ...get(local),
  ...simd(code),
  0,
  ...size(offset),
];
/** Four float32 at the address in a local, plus an offset in bytes. */
export const load = (local: number, offset: number) => at(0x00, local, offset);
/** Eight int8, widened to int16. */
export const loadInt8 = (local: number, offset: number) => at(0x01, local, offset);
/** One float32 in all four places. */
export const splat = (local: number, offset: number) => at(0x09, local, offset);
export const store = (local: number, offset: number, value: readonly number[]) => [
  ...get(local),
  ...value,
  ...simd(0x0b),
  0,
  ...size(offset),
];
/** A vector instruction of two operands, each code of its own. */
export const binary = (code: number) => (a: readonly number[], b: readonly number[]) => [
  ...a,
  ...b,
  ...simd(code),
];
export const unary = (code: number) => (a: readonly number[]) => [...a, ...simd(code)];
/** a × b + c, rounded once where the processor can. */
export const multiplyAdd = (a: readonly number[], b: readonly number[], c: readonly number[]) => [
  ...[...a, ...b, ...c],
  ...simd(0x105),
];
/** The same float32 in all four places. */
export const floats = (value: number) => {
  const bytes = [...new Uint8Array(Float32Array.of(value).buffer)];
  return [...simd(0x0c), ...bytes, ...bytes, ...bytes, ...bytes];
};
/** The same int32 in all four places. */
export const ints = (value: number) => {
  const bytes = [...new Uint8Array(Int32Array.of(value).buffer)];
  return [...simd(0x0c), ...bytes, ...bytes, ...bytes, ...bytes];
};
/** The pieces of code that a function gives for 0 … count − 1, one behind the other. */
export const repeat = (count: number, make: (index: number) => readonly number[]) =>
  Array.from({ length: count }, (_, index) => make(index)).flat();
/** do { … } while (--counter) */
export const countDown = (counter: number, body: readonly number[]) => [
  ...[...LOOP, ...body],
  ...[...get(counter), ...number(1), SUBTRACT, 0x22, counter, ...branchIf(0), END],
];
/** do { … } while (local < end) */
export const loopBelow = (local: number, end: readonly number[], body: readonly number[]) => [
  ...[...LOOP, ...body],
  ...[...get(local), ...end, BELOW, ...branchIf(0), END],
];
export const zeroVector = [...simd(0x0c), ...new Array<number>(16).fill(0)];

export interface WasmFunction {
  readonly name: string;
  /** How many i32 it takes; it returns nothing. */
  readonly parameters: number;
  /** Types of the locals after the parameters, in runs. */
  readonly locals: readonly { readonly count: number; readonly type: number }[];
  /** Instructions, with the END of the function. */
  readonly body: readonly number[];
}

const text = (value: string) => [value.length, ...Buffer.from(value, 'ascii')];
const section = (id: number, content: readonly number[]) => [id, ...size(content.length), ...content];

/** A module of functions over an imported `env.memory`. */
export function wasmModule(functions: readonly WasmFunction[]): WebAssembly.Module {
  const all = (make: (each: WasmFunction, index: number) => readonly number[]) => [
    functions.length,
    ...functions.flatMap(make),
  ];
  const code = ({ locals, body }: WasmFunction) => [
    ...[locals.length, ...locals.flatMap(({ count, type }) => [count, type])],
    ...body,
  ];
  const bytes = Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(
      1,
      all(({ parameters }) => [0x60, parameters, ...new Array<number>(parameters).fill(I32), 0]),
    ),
    ...section(2, [1, ...text('env'), ...text('memory'), 0x02, 0, 0]),
    ...section(
      3,
      all((_, index) => [index]),
    ),
    ...section(
      7,
      all(({ name }, index) => [...text(name), 0, index]),
    ),
    ...section(
      10,
      all((each) => [...size(code(each).length), ...code(each)]),
    ),
  ]);
  return new WebAssembly.Module(bytes);
}
