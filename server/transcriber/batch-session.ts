import type { LogChunk } from '../audio-log/audio-log.ts';
import { decodeWindow, type SpokenSentence } from './decode-window.ts';
import { createFrameReader, type FrameBlock } from './frame-reader.ts';
import { amplify, createLoudness } from './loudness.ts';
import { mapAhead } from './map-ahead.ts';
import { createPcmHistory } from './pcm-history.ts';
import type { Recognizer } from './recognizer.ts';
import { FRAME_SAMPLES } from './silero-frames.ts';
import { batchWindows, type WindowPolicy } from './speech-policy.ts';
import type { VoiceActivity } from './voice-activity.ts';
import { createWindowPlanner, type SpeechWindow } from './windows.ts';

export interface BatchOptions {
  /** The track from `fromSample` on, contiguous. */
  readonly chunks: AsyncIterable<LogChunk>;
  /** Sample of the track that the first chunk starts with; a multiple of FRAME_SAMPLES. */
  readonly fromSample: number;
  readonly recognizer: Recognizer;
  readonly voiceActivity: VoiceActivity;
  readonly language: string;
  /** For fairness between recordings. */
  readonly session: string;
  readonly signal?: AbortSignal;
  readonly policy?: WindowPolicy;
  /** Told the sample up to which audio has been read. */
  readonly onRead?: (sample: number) => void;
}

/** What came of a stretch of the track. */
export interface BatchResult {
  readonly sentences: readonly SpokenSentence[];
  /** All speech before this sample is in the results so far. */
  readonly throughSample: number;
  readonly decodeSeconds: number;
}

/** Audio listened to at once; the gain for voice activity is that of this much and of what came before. */
const BLOCK_FRAMES = 900;
/** What older audio weighs in that gain after each block. */
const REMEMBERED = 0.5;
/** Windows under way at once: enough for every worker, few enough for flat memory. */
const MAX_WINDOWS = 8;

/**
 * Transcribes a track as fast as it can be read: voice activity, windows, decodes in parallel. Results come in the
 * order of the audio. Memory does not grow with the length of the track.
 */
export function transcribeBatch(options: BatchOptions): AsyncGenerator<BatchResult> {
  return mapAhead(planWindows(options), (planned) => decode(planned, options), MAX_WINDOWS);
}

interface PlannedWindow {
  readonly window?: SpeechWindow;
  readonly pcm: Int16Array;
  readonly throughSample: number;
}

async function decode(
  { window, pcm, throughSample }: PlannedWindow,
  { recognizer, language, session, signal }: BatchOptions,
): Promise<BatchResult> {
  if (window === undefined) return { sentences: [], throughSample, decodeSeconds: 0 };
  const result = await decodeWindow(pcm, window, recognizer, {
    language,
    session,
    signal,
    priority: 'batch',
  });
  return { ...result, throughSample };
}

/** Reads the track and cuts it into windows. Stretches without speech come as results without a window. */
async function* planWindows({
  chunks,
  fromSample,
  voiceActivity,
  signal,
  policy = batchWindows,
  onRead,
}: BatchOptions): AsyncGenerator<PlannedWindow> {
  const firstFrame = fromSample / FRAME_SAMPLES;
  const reader = createFrameReader();
  const history = createPcmHistory(firstFrame);
  const planner = createWindowPlanner(policy, firstFrame);
  const loudness = createLoudness();
  let stream = voiceActivity.stream();
  let frames = firstFrame;
  let block: Int16Array[] = [];
  let blockFrames = 0;

  const take = (windows: readonly SpeechWindow[]): PlannedWindow[] => {
    const planned = windows.map((window) => ({
      window,
      pcm: history.read(window.start, window.end),
      throughSample: window.speechEnd * FRAME_SAMPLES,
    }));
    history.forget(planner.needed);
    const throughSample = Math.max(firstFrame, planner.needed) * FRAME_SAMPLES;
    return planned.length > 0 ? planned : [{ pcm: new Int16Array(0), throughSample }];
  };
  const listen = async (): Promise<PlannedWindow[]> => {
    if (blockFrames === 0) return [];
    const pcm = concatenate(block, blockFrames);
    block = [];
    blockFrames = 0;
    loudness.forget(REMEMBERED);
    loudness.add(pcm);
    history.add(pcm);
    return take(planner.add(await stream.listen(amplify(pcm, loudness.gain()))));
  };
  const add = async (next: FrameBlock): Promise<PlannedWindow[]> => {
    if (next.kind === 'audio') {
      const planned: PlannedWindow[] = [];
      frames += next.pcm.length / FRAME_SAMPLES;
      // Cut at the same frames whatever its chunks: a file is heard the same way each time it comes.
      for (let pcm = next.pcm; pcm.length > 0; ) {
        const part = pcm.subarray(0, (BLOCK_FRAMES - blockFrames) * FRAME_SAMPLES);
        pcm = pcm.subarray(part.length);
        block.push(part);
        blockFrames += part.length / FRAME_SAMPLES;
        if (blockFrames === BLOCK_FRAMES) planned.push(...(await listen()));
      }
      return planned;
    }
    const before = await listen();
    history.addSilence(next.frames);
    frames += next.frames;
    stream = voiceActivity.stream();
    return [...before, ...take(planner.addSilence(next.frames))];
  };

  for await (const chunk of chunks) {
    signal?.throwIfAborted();
    for (const next of reader.add(chunk)) yield* await add(next);
    onRead?.(frames * FRAME_SAMPLES);
  }
  signal?.throwIfAborted();
  for (const next of reader.end()) yield* await add(next);
  yield* await listen();
  yield* take(planner.end());
}

function concatenate(blocks: readonly Int16Array[], frames: number): Int16Array {
  if (blocks.length === 1) return blocks[0] as Int16Array;
  const joined = new Int16Array(frames * FRAME_SAMPLES);
  let at = 0;
  for (const block of blocks) {
    joined.set(block, at);
    at += block.length;
  }
  return joined;
}
