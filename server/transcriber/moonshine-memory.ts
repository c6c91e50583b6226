import { wasmModule } from '../onnx/wasm-code.ts';
import { type ByteProducts, type FloatProducts, productFunctions } from './moonshine-products.ts';
import { type VectorFunctions, vectorFunctions } from './moonshine-vectors.ts';

export const FLOAT = 4;
/** Rows behind the last that products may read and write, since they take several at once. */
export const SPARE_ROWS = 16;

export const up = (value: number, multiple: number): number => Math.ceil(value / multiple) * multiple;

/** Memory of a network, and the functions that work in it. What is allocated last is given back first. */
export interface NetworkMemory {
  readonly kernel: ByteProducts & FloatProducts & VectorFunctions;
  /** The memory as float32 and as int32; not to be kept over an allocation, which may move it. */
  readonly floats: Float32Array;
  readonly ints: Int32Array;
  /** Everything from here on is free. */
  readonly used: number;
  /** @returns address of so many bytes, a multiple of 16 */
  allocate(bytes: number): number;
  /** Room for `count` rows of float32, and for SPARE_ROWS behind them. */
  rows(count: number, width: number): number;
  place(values: Float32Array): number;
  /** Gives back what was allocated since `used` was this. */
  release(used: number): void;
}

export function createNetworkMemory(): NetworkMemory {
  const memory = new WebAssembly.Memory({ initial: 1 });
  const kernel = new WebAssembly.Instance(wasmModule([...productFunctions, ...vectorFunctions]), {
    env: { memory },
  }).exports as unknown as NetworkMemory['kernel'];
  let used = 0;
  let floats = new Float32Array(memory.buffer);
  let ints = new Int32Array(memory.buffer);
  const allocate = (bytes: number) => {
    const address = used;
    used = up(used + bytes, 16);
    const missing = used - memory.buffer.byteLength;
    if (missing > 0) {
      memory.grow(Math.ceil(missing / 65_536));
      floats = new Float32Array(memory.buffer);
      ints = new Int32Array(memory.buffer);
    }
    return address;
  };
  return {
    kernel,
    get floats() {
      return floats;
    },
    get ints() {
      return ints;
    },
    get used() {
      return used;
    },
    allocate,
    rows: (count, width) => allocate((count + SPARE_ROWS) * width * FLOAT),
    place(values) {
      const address = allocate(values.byteLength);
      floats.set(values, address / FLOAT);
      return address;
    },
    release(to) {
      used = to;
    },
  };
}
