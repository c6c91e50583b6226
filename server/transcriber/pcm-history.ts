import { FRAME_SAMPLES } from './silero-frames.ts';

/** The last stretch of a track's audio, by frame number; what was never captured reads as silence. */
export interface PcmHistory {
  /** Appends whole frames. */
  add(pcm: Int16Array): void;
  addSilence(frames: number): void;
  /** Samples of the frames from `start` to `end` (exclusive). */
  read(start: number, end: number): Int16Array;
  /** Frames before this one will not be read any more. */
  forget(before: number): void;
}

export function createPcmHistory(firstFrame = 0): PcmHistory {
  const blocks: { start: number; pcm: Int16Array }[] = [];
  let now = firstFrame;
  return {
    add(pcm) {
      blocks.push({ start: now, pcm });
      now += pcm.length / FRAME_SAMPLES;
    },
    addSilence(frames) {
      now += frames;
    },
    read(start, end) {
      const samples = new Int16Array((end - start) * FRAME_SAMPLES);
      for (const block of blocks) {
        const from = Math.max(start, block.start);
        const to = Math.min(end, block.start + block.pcm.length / FRAME_SAMPLES);
        if (from >= to) continue;
        const source = block.pcm.subarray(
          (from - block.start) * FRAME_SAMPLES,
          (to - block.start) * FRAME_SAMPLES,
        );
        samples.set(source, (from - start) * FRAME_SAMPLES);
      }
      return samples;
    },
    forget(before) {
      while (blocks[0] !== undefined && blocks[0].start + blocks[0].pcm.length / FRAME_SAMPLES <= before)
        blocks.shift();
    },
  };
}
