import {
  advance,
  binary,
  countDown,
  END,
  get,
  I32,
  load,
  loopBelow,
  multiplyAdd,
  number,
  ADD as PLUS,
  repeat,
  set,
  store,
  V128,
  wasmModule,
  zeroVector,
} from '../onnx/wasm-code.ts';

/** Values that one turn of the inner loop takes. */
const VALUES_AT_ONCE = 16;
const SUMS = 4;
const VECTOR_BYTES = 16;
const PAGE_BYTES = 2 ** 16;

/** Dot products by SIMD instructions: addresses are bytes in the memory. */
interface Kernel {
  /**
   * For each of `rows` vectors, one behind the other, four sums whose sum is its product with `question`.
   * @param bytes length of a vector: a multiple of VALUES_AT_ONCE float32
   */
  multiply(vectors: number, question: number, bytes: number, result: number, rows: number): void;
}

// do {
//   sums = 0; from = question
//   do { sums[i] += vectors[i] * from[i] for i in 0..3; vectors += 4; from += 4 } while (from < question + bytes)
//   result = sums[0] + … + sums[3]; result += 1
// } while (--rows)
const multiply = () => {
  const [vectors, question, bytes, result, rows, from, sums] = [0, 1, 2, 3, 4, 5, 6] as const;
  const add = binary(0xe4);
  const inner = [
    ...repeat(SUMS, (i) => [
      ...multiplyAdd(load(vectors, i * VECTOR_BYTES), load(from, i * VECTOR_BYTES), get(sums + i)),
      ...set(sums + i),
    ]),
    ...[...advance(vectors, number(SUMS * VECTOR_BYTES)), ...advance(from, number(SUMS * VECTOR_BYTES))],
  ];
  const whole = add(add(get(sums), get(sums + 1)), add(get(sums + 2), get(sums + 3)));
  return [
    ...countDown(rows, [
      ...repeat(SUMS, (i) => [...zeroVector, ...set(sums + i)]),
      ...[...get(question), ...set(from)],
      ...loopBelow(from, [...get(question), ...get(bytes), PLUS], inner),
      ...[...store(result, 0, whole), ...advance(result, number(VECTOR_BYTES))],
    ]),
    END,
  ];
};

/** Made when the first question comes. */
let made: { memory: WebAssembly.Memory; kernel: Kernel } | undefined;

function kernelFor(bytes: number) {
  if (made === undefined) {
    const memory = new WebAssembly.Memory({ initial: 1 });
    const locals = [
      { count: 1, type: I32 },
      { count: SUMS, type: V128 },
    ];
    const module = wasmModule([{ name: 'multiply', parameters: 5, locals, body: multiply() }]);
    made = {
      memory,
      kernel: new WebAssembly.Instance(module, { env: { memory } }).exports as unknown as Kernel,
    };
  }
  const more = bytes - made.memory.buffer.byteLength;
  if (more > 0) made.memory.grow(Math.ceil(more / PAGE_BYTES));
  return made;
}

/**
 * Dot product of each vector with `question`, into `found`. Copying the vectors to where SIMD instructions reach them and
 * multiplying there takes a third of the time of a loop over them here.
 * @param vectors [found.length, question.length] float32
 */
export function dotProducts(vectors: Float32Array, question: Float32Array, found: Float32Array): void {
  if (question.length % VALUES_AT_ONCE === 0) simdProducts(vectors, question, found);
  else plainProducts(vectors, question, found);
}

function simdProducts(vectors: Float32Array, question: Float32Array, found: Float32Array): void {
  const [rows, bytes] = [found.length, question.length * 4];
  if (rows === 0) return;
  const results = bytes + vectors.byteLength;
  const { memory, kernel } = kernelFor(results + rows * VECTOR_BYTES);
  const values = new Float32Array(memory.buffer);
  values.set(question, 0);
  values.set(vectors, question.length);
  kernel.multiply(bytes, 0, bytes, results, rows);
  for (let row = 0, at = results / 4; row < rows; row++, at += 4)
    found[row] = values[at]! + values[at + 1]! + values[at + 2]! + values[at + 3]!;
}

function plainProducts(vectors: Float32Array, question: Float32Array, found: Float32Array): void {
  for (let row = 0, at = 0; row < found.length; row++) {
    let sum = 0;
    for (let value = 0; value < question.length; value++, at++) sum += vectors[at]! * question[value]!;
    found[row] = sum;
  }
}
