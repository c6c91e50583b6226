import { workerData } from 'node:worker_threads';
import { answerCalls, transferred } from '../worker-port.ts';
import {
  CONTEXT_SAMPLES,
  FRAME_SAMPLES,
  type VoiceActivityRequest,
  type VoiceActivityWorkerData,
} from './silero-frames.ts';
import { createSileroNetwork } from './silero-network.ts';

const { weights } = workerData as VoiceActivityWorkerData;
const network = createSileroNetwork(weights);

answerCalls(({ samples, state, context }: VoiceActivityRequest) => {
  const probabilities = new Float32Array(samples.length / FRAME_SAMPLES);
  const frame = new Float32Array(CONTEXT_SAMPLES + FRAME_SAMPLES);
  frame.set(context);
  for (let index = 0; index < probabilities.length; index++) {
    frame.set(samples.subarray(index * FRAME_SAMPLES, (index + 1) * FRAME_SAMPLES), CONTEXT_SAMPLES);
    probabilities[index] = network.listen(frame, state);
    frame.copyWithin(0, FRAME_SAMPLES);
  }
  // A thread that makes no garbage but this collects none for minutes: given back at once.
  (samples.buffer as ArrayBuffer).transfer(0);
  return transferred({ probabilities, state, context: frame.slice(0, CONTEXT_SAMPLES) }, [
    probabilities.buffer,
    state.buffer as ArrayBuffer,
  ]);
});
