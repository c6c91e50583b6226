import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import * as ort from 'onnxruntime-web/wasm';
import { createModels } from '../models/models.ts';
import { readOnnxConstants } from '../onnx/onnx-constants.ts';
import { createMatrixKernel } from './matrix-kernel.ts';
import { CONTEXT_SAMPLES, FRAME_SAMPLES, STATE_VALUES } from './silero-frames.ts';
import { createSileroNetwork } from './silero-network.ts';

const modelsDir = process.env.SPEAKR_MODELS_DIR ?? join(homedir(), '.local', 'share', 'speakr', 'models');
const files = await createModels({ modelsDir }).require('silero-vad-v6');
const model = files.get('silero_vad_v6.onnx') as Uint8Array;

function frames(): Float32Array[] {
  const file = fileURLToPath(new URL('../../samples/demo.flac', import.meta.url));
  const bytes = execFileSync(
    'ffmpeg',
    ['-v', 'error', '-i', file, '-f', 'f32le', '-ac', '1', '-ar', '16000', '-'],
    { maxBuffer: 2 ** 26 },
  );
  const samples = new Float32Array(new Uint8Array(bytes).buffer);
  const made: Float32Array[] = [];
  const frame = new Float32Array(CONTEXT_SAMPLES + FRAME_SAMPLES);
  for (let at = 0; at + FRAME_SAMPLES <= samples.length; at += FRAME_SAMPLES) {
    frame.copyWithin(0, FRAME_SAMPLES);
    frame.set(samples.subarray(at, at + FRAME_SAMPLES), CONTEXT_SAMPLES);
    made.push(frame.slice());
  }
  return made;
}

test('our network gives what ONNX Runtime gives for the same model', async () => {
  ort.env.wasm.numThreads = 1;
  const runtime = fileURLToPath(import.meta.resolve('onnxruntime-web/ort-wasm-simd-threaded.wasm'));
  ort.env.wasm.wasmBinary = new Uint8Array(await readFile(runtime)).buffer;
  const session = await ort.InferenceSession.create(model.slice());
  const sr = new ort.Tensor('int64', BigInt64Array.of(16_000n), [1]);
  let expectedState: ort.Tensor = new ort.Tensor('float32', new Float32Array(STATE_VALUES), [2, 1, 128]);
  const network = createSileroNetwork(model);
  const state = new Float32Array(STATE_VALUES);
  let speaking = 0;
  for (const frame of frames().slice(0, 200)) {
    const input = new ort.Tensor('float32', frame, [1, frame.length]);
    const expected = await session.run({ input, state: expectedState, sr });
    expectedState = expected.stateN as ort.Tensor;
    const probability = network.listen(frame, state);
    assert.ok(Math.abs(probability - ((expected.output as ort.Tensor).data[0] as number)) < 1e-3);
    if (probability > 0.5) speaking++;
  }
  const drift = Array.from(expectedState.data as Float32Array, (value, index) =>
    Math.abs(value - (state[index] as number)),
  );
  assert.ok(Math.max(...drift) < 1e-2);
  assert.ok(speaking > 50, 'there was speech to compare');
  await session.release();
});

test('the kernel multiplies matrices of any width, from and to anywhere', () => {
  const kernel = createMatrixKernel(4096);
  for (const columns of [1, 7, 8, 9, 100]) {
    const rows = 5;
    const values = Float32Array.from({ length: rows * columns }, (_, index) => Math.sin(index));
    const matrix = kernel.matrix(values, rows);
    const vector = kernel.vector(columns + 3);
    vector.set(Float32Array.from({ length: columns + 3 }, (_, index) => Math.cos(index)));
    const result = kernel.vector(rows + 1);
    kernel.multiply(matrix, vector, 3, result, 1);
    for (let row = 0; row < rows; row++) {
      let expected = 0;
      for (let column = 0; column < columns; column++)
        expected += (values[row * columns + column] as number) * (vector[3 + column] as number);
      assert.ok(Math.abs((result[1 + row] as number) - expected) < 1e-4);
    }
    assert.equal(result[0], 0);
  }
});

test('a file that is another model, or half of one, is refused', () => {
  assert.throws(() => createSileroNetwork(new Uint8Array(0)), RangeError);
  assert.throws(() => createSileroNetwork(model.subarray(0, model.length / 2)), RangeError);
  assert.throws(() => readOnnxConstants(Uint8Array.of(0x0b, 0)), /not ONNX/);
});
