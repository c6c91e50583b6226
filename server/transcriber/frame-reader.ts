import type { LogChunk } from '../audio-log/audio-log.ts';
import { FRAME_SAMPLES } from './silero-frames.ts';

/** Whole frames of PCM16, or a number of whole frames of which nothing was captured. */
export type FrameBlock =
  | { readonly kind: 'audio'; readonly pcm: Int16Array }
  | { readonly kind: 'silence'; readonly frames: number };

/** Aligns the chunks of a track to frames. The last frame of the track is filled up with silence. */
export interface FrameReader {
  add(chunk: LogChunk): FrameBlock[];
  /** What is left at the end of the track: one frame or nothing. */
  end(): FrameBlock[];
}

export function createFrameReader(): FrameReader {
  let rest: Int16Array = new Int16Array(0);

  const take = (pcm: Int16Array): FrameBlock[] => {
    const whole = pcm.length - (pcm.length % FRAME_SAMPLES);
    rest = pcm.slice(whole);
    return whole === 0 ? [] : [{ kind: 'audio', pcm: pcm.subarray(0, whole) }];
  };
  const join = (tail: Int16Array) => {
    const joined = new Int16Array(rest.length + tail.length);
    joined.set(rest);
    joined.set(tail, rest.length);
    return joined;
  };

  return {
    add(chunk) {
      if ('pcm' in chunk) return take(join(samplesOf(chunk.pcm)));
      const fill = rest.length === 0 ? 0 : Math.min(chunk.gapSamples, FRAME_SAMPLES - rest.length);
      const blocks = fill === 0 ? [] : take(join(new Int16Array(fill)));
      const left = chunk.gapSamples - fill;
      const frames = Math.floor(left / FRAME_SAMPLES);
      if (frames > 0) blocks.push({ kind: 'silence', frames });
      if (left % FRAME_SAMPLES > 0) rest = new Int16Array(left % FRAME_SAMPLES);
      return blocks;
    },
    end() {
      return rest.length === 0 ? [] : take(join(new Int16Array(FRAME_SAMPLES - rest.length)));
    },
  };
}

/** PCM16 little-endian bytes as samples; copies, since the bytes may not be aligned. */
export function samplesOf(bytes: Uint8Array): Int16Array {
  const samples = new Int16Array(bytes.byteLength >> 1);
  new Uint8Array(samples.buffer).set(bytes.subarray(0, samples.byteLength));
  return samples;
}
