import type { Log } from '../observability/log.ts';
import { startWorker, WorkerGone, type WorkerThread } from '../workers.ts';
import { modelBuffers, type RequireModel } from './model-files.ts';
import {
  CONTEXT_SAMPLES,
  FRAME_SAMPLES,
  STATE_VALUES,
  type VoiceActivityRequest,
  type VoiceActivityResult,
  type VoiceActivityWorkerData,
} from './silero-frames.ts';

/** One stream of audio, listened to frame by frame. */
export interface VoiceActivityStream {
  /**
   * @param samples whole frames that follow the ones before, [n × FRAME_SAMPLES] float32 mono 16 kHz in [-1, 1]
   * @returns probability of speech of each frame
   */
  listen(samples: Float32Array): Promise<Float32Array>;
}

/** Tells speech from everything else. */
export interface VoiceActivity {
  warm(): Promise<void>;
  stream(): VoiceActivityStream;
  close(): Promise<void>;
}

export interface SileroOptions {
  readonly requireModel: RequireModel;
  /** Id of the model in the catalogue. */
  readonly model?: string;
  readonly log?: Pick<Log, 'warn'>;
}

const WEIGHTS = 'silero_vad_v6.onnx';
const LOAD_DEADLINE_MS = 60_000;
/** A frame takes about 0.2 ms; this is for a machine a hundred times busier. */
const listenDeadlineMs = (frames: number) => 10_000 + frames * 20;

/** Silero VAD v6 (ONNX, WASM) in one worker thread for all streams. What the model remembers stays with its stream. */
export function createSileroVoiceActivity({
  requireModel,
  model = 'silero-vad-v6',
  log,
}: SileroOptions): VoiceActivity {
  let starting: Promise<WorkerThread> | undefined;

  const start = async () => {
    const files = await requireModel(model);
    const data: VoiceActivityWorkerData = { weights: files.get(WEIGHTS) as Uint8Array };
    const thread = startWorker('voice-activity', { data, transfer: modelBuffers(files) });
    const nothing = {
      samples: new Float32Array(0),
      state: new Float32Array(STATE_VALUES),
      context: new Float32Array(CONTEXT_SAMPLES),
    };
    await thread.call(nothing, { deadlineMs: LOAD_DEADLINE_MS });
    return thread;
  };
  const worker = async () => {
    starting ??= start().catch((error) => {
      starting = undefined;
      throw error;
    });
    const thread = await starting;
    if (thread.alive) return thread;
    starting = undefined;
    return worker();
  };

  const listen = async (request: VoiceActivityRequest): Promise<VoiceActivityResult> => {
    const deadlineMs = listenDeadlineMs(request.samples.length / FRAME_SAMPLES);
    try {
      return await (await worker()).call<VoiceActivityResult>(request, { deadlineMs });
    } catch (error) {
      if (!(error instanceof WorkerGone)) throw error;
      log?.warn({ err: error }, 'the voice activity worker was replaced');
      return (await worker()).call<VoiceActivityResult>(request, { deadlineMs });
    }
  };

  return {
    async warm() {
      await worker();
    },
    stream() {
      let state: Float32Array = new Float32Array(STATE_VALUES);
      let context: Float32Array = new Float32Array(CONTEXT_SAMPLES);
      return {
        async listen(samples) {
          if (samples.length % FRAME_SAMPLES !== 0) throw new RangeError('whole frames only');
          if (samples.length === 0) return new Float32Array(0);
          const result = await listen({ samples, state, context });
          state = result.state;
          context = result.context;
          return result.probabilities;
        },
      };
    },
    async close() {
      const closing = starting;
      starting = undefined;
      if (closing !== undefined) await (await closing).close();
    },
  };
}
