import { workerData } from 'node:worker_threads';
import * as ort from 'onnxruntime-web/wasm';
import { readAsset } from '../assets.ts';
import { answerCalls, transferred } from '../worker-port.ts';
import {
  CONTEXT_SAMPLES,
  FRAME_SAMPLES,
  STATE_VALUES,
  type VoiceActivityRequest,
  type VoiceActivityWorkerData,
} from './silero-frames.ts';

const { weights } = workerData as VoiceActivityWorkerData;

async function load(): Promise<ort.InferenceSession> {
  ort.env.wasm.numThreads = 1;
  ort.env.wasm.wasmBinary = (await readAsset('ort-wasm-simd-threaded.wasm')) as Uint8Array<ArrayBuffer>;
  return ort.InferenceSession.create(weights, {
    executionProviders: ['wasm'],
    intraOpNumThreads: 1,
  });
}

const loaded = load();
loaded.catch(() => {});
const sampleRate = new ort.Tensor('int64', BigInt64Array.of(16_000n), [1]);

answerCalls(async ({ samples, state, context }: VoiceActivityRequest) => {
  const session = await loaded;
  const frames = samples.length / FRAME_SAMPLES;
  const probabilities = new Float32Array(frames);
  const input = new Float32Array(CONTEXT_SAMPLES + FRAME_SAMPLES);
  input.set(context);
  const inputTensor = new ort.Tensor('float32', input, [1, input.length]);
  let stateTensor: ort.Tensor = new ort.Tensor('float32', state, [2, 1, STATE_VALUES / 2]);
  for (let frame = 0; frame < frames; frame++) {
    input.set(samples.subarray(frame * FRAME_SAMPLES, (frame + 1) * FRAME_SAMPLES), CONTEXT_SAMPLES);
    const result = await session.run({ input: inputTensor, state: stateTensor, sr: sampleRate });
    stateTensor = result.stateN as ort.Tensor;
    probabilities[frame] = (result.output as ort.Tensor).data[0] as number;
    input.copyWithin(0, FRAME_SAMPLES);
  }
  const newState = Float32Array.from(stateTensor.data as Float32Array);
  const newContext = input.slice(0, CONTEXT_SAMPLES);
  return transferred({ probabilities, state: newState, context: newContext }, [
    probabilities.buffer,
    newState.buffer,
    newContext.buffer,
  ]);
});
