import { Tokenizer } from '@huggingface/tokenizers';
import { env, InferenceSession, Tensor } from 'onnxruntime-web/wasm';
import { readAsset } from '../assets.ts';
import { answerCalls, transferred } from '../worker-port.ts';
import { batchByLength } from './batches.ts';

/** First call: the model. */
export interface LoadCall {
  readonly kind: 'load';
  readonly model: Uint8Array;
  /** tokenizer.json */
  readonly tokenizer: Uint8Array;
}
/** Every other call; answered with a Float32Array [texts, 384]. */
export interface EmbedCall {
  readonly kind: 'embed';
  readonly texts: readonly string[];
}

/** `max_seq_length` of the model; what follows is cut off. */
const MAX_TOKENS = 256;
const DIMENSIONS = 384;

let tokenizer: Tokenizer;
let session: InferenceSession;

answerCalls(async (call: LoadCall | EmbedCall) => {
  if (call.kind === 'load') return load(call);
  const vectors = await embed(call.texts);
  return transferred(vectors, [vectors.buffer]);
});

async function load(call: LoadCall): Promise<void> {
  tokenizer = new Tokenizer(JSON.parse(Buffer.from(call.tokenizer).toString('utf8')), {});
  // Threads would need SharedArrayBuffer set-up and gain nothing on sentences.
  env.wasm.numThreads = 1;
  const wasm = await readAsset('ort-wasm-simd-threaded.wasm');
  env.wasm.wasmBinary = wasm.slice().buffer;
  session = await InferenceSession.create(call.model, {
    executionProviders: ['wasm'],
    // Optimising takes longer than it saves: it unpacks the int8 weights for good, which makes loading 0.3 s slower,
    // costs 90 MB and saves 40 ms a run.
    graphOptimizationLevel: 'disabled',
  });
}

async function embed(texts: readonly string[]): Promise<Float32Array<ArrayBuffer>> {
  const tokens = texts.map((text) => {
    const { ids } = tokenizer.encode(text);
    return ids.length <= MAX_TOKENS ? ids : [...ids.slice(0, MAX_TOKENS - 1), ids.at(-1)!];
  });
  const vectors = new Float32Array(texts.length * DIMENSIONS);
  for (const batch of batchByLength(tokens.map((ids) => ids.length))) {
    const states = await run(batch.map((index) => tokens[index]!));
    for (const [row, index] of batch.entries()) {
      pool(
        states,
        row,
        tokens[index]!.length,
        vectors.subarray(index * DIMENSIONS, (index + 1) * DIMENSIONS),
      );
    }
  }
  return vectors;
}

/** Hidden states [rows, length, 384] of the last layer, padded to the longest row. */
async function run(rows: readonly number[][]): Promise<{ data: Float32Array; length: number }> {
  const length = Math.max(...rows.map((ids) => ids.length));
  const ids = new BigInt64Array(rows.length * length);
  const mask = new BigInt64Array(rows.length * length);
  for (const [row, tokens] of rows.entries()) {
    for (const [position, id] of tokens.entries()) {
      ids[row * length + position] = BigInt(id);
      mask[row * length + position] = 1n;
    }
  }
  const tensor = (data: BigInt64Array) => new Tensor('int64', data, [rows.length, length]);
  const { last_hidden_state: states } = await session.run({
    input_ids: tensor(ids),
    attention_mask: tensor(mask),
    token_type_ids: tensor(new BigInt64Array(ids.length)),
  });
  return { data: states!.data as Float32Array, length };
}

/** Mean over the tokens of one row, scaled to unit length: how the model was trained to be read. */
function pool(
  states: { data: Float32Array; length: number },
  row: number,
  tokens: number,
  vector: Float32Array,
): void {
  const start = row * states.length * DIMENSIONS;
  for (let token = 0; token < tokens; token++) {
    const offset = start + token * DIMENSIONS;
    for (let d = 0; d < DIMENSIONS; d++) vector[d]! += states.data[offset + d]!;
  }
  const norm = Math.hypot(...vector) || 1;
  for (let d = 0; d < DIMENSIONS; d++) vector[d]! /= norm;
}
