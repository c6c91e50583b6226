/** Samples of a frame of Silero VAD v6 at 16 kHz: 32 ms. */
export const FRAME_SAMPLES = 512;
/** Samples of the frame before that the model sees with each frame. */
export const CONTEXT_SAMPLES = 64;
/** Length of the recurrent state: [2, 1, 128]. */
export const STATE_VALUES = 256;
/** Length of a frame, ms. */
export const FRAME_MS = 32;

export interface VoiceActivityWorkerData {
  /** `silero_vad_v6.onnx`. */
  readonly weights: Uint8Array;
}

/** Frames of one stream, and what the model remembers of it. */
export interface VoiceActivityRequest {
  /** Whole frames, [n × FRAME_SAMPLES] float32 in [-1, 1]. */
  readonly samples: Float32Array;
  readonly state: Float32Array;
  readonly context: Float32Array;
}

export interface VoiceActivityResult {
  /** Probability of speech of each frame. */
  readonly probabilities: Float32Array;
  readonly state: Float32Array;
  readonly context: Float32Array;
}
