import type { Segment } from '@speakr/contracts/transcript';
import { MOST_HEARINGS } from './hearings.ts';

/** How live segments are joined to windows for the second pass, ms. */
export interface SecondPassPolicy {
  /** Segments closer than this share a window … */
  readonly maxGapMs: number;
  /** … while it is not longer than this. */
  readonly maxLengthMs: number;
  /** A window that is too long is cut at its longest pause behind this much. */
  readonly minLengthMs: number;
  /** Audio decoded before and after the speech of a window. */
  readonly paddingMs: number;
  /** How often a window is listened to … */
  readonly hearings: number;
  /** … unless all of them cost more than this, CPU s per s of audio, … */
  readonly mostCost: number;
  /** … or take longer than this after stop: then once, and also when windows wait, or others are heard. */
  readonly mostTailMs: number;
}

/**
 * Measured with bench/second-pass.ts: windows of 10 to 15 s are equally good, 221 to 222 errors in 1,854 words; shorter
 * ones are kinder to speakers who alternate, and leave less to do at the end of a recording.
 */
export const secondPassPolicy: SecondPassPolicy = {
  maxGapMs: 700,
  maxLengthMs: 10_000,
  minLengthMs: 4000,
  paddingMs: 700,
  hearings: MOST_HEARINGS,
  mostCost: 0.15,
  mostTailMs: 350,
};

/** Live segments that follow each other and are decoded again at once. */
export interface SecondPassWindow {
  readonly segments: readonly Segment[];
  readonly startMs: number;
  readonly endMs: number;
  /** With padding, without what belongs to the neighbours. */
  readonly audioStartMs: number;
  readonly audioEndMs: number;
}

/** Joins the live segments of one track to windows, in the order in which they come. No clock and no I/O. */
export interface SecondPassPlanner {
  /** The next segment; returns the windows that are complete now. */
  add(segment: Segment): SecondPassWindow[];
  /** All speech before this moment has been added. */
  quietUntil(ms: number): SecondPassWindow[];
  /** The window ends here, though more segments may come, of speech that begins at `nextMs` or later. */
  cut(nextMs: number): SecondPassWindow[];
  /** The track has ended. */
  end(): SecondPassWindow[];
  /** The window that may still grow. */
  readonly open: Pick<SecondPassWindow, 'segments' | 'startMs' | 'audioStartMs'> | undefined;
}

/** @param spokenMs end of the speech before the first segment, where another process has had it */
export function createSecondPassPlanner(policy: SecondPassPolicy, spokenMs = 0): SecondPassPlanner {
  let open: Segment[] = [];
  /** End of the speech before the open window. */
  let floorMs = spokenMs;

  const beginning = (segments: readonly Segment[]) => {
    const { startMs } = segments[0] as Segment;
    const middle = Math.min(startMs, (floorMs + startMs) / 2);
    return { segments, startMs, audioStartMs: Math.max(0, startMs - policy.paddingMs, middle) };
  };
  const window = (segments: readonly Segment[], nextMs: number): SecondPassWindow => {
    const endMs = Math.max(...segments.map((segment) => segment.endMs));
    const middle = Math.max(endMs, (endMs + nextMs) / 2);
    const made = {
      ...beginning(segments),
      endMs,
      audioEndMs: Math.min(endMs + policy.paddingMs, middle),
    };
    floorMs = endMs;
    return made;
  };
  const close = (nextMs = Number.POSITIVE_INFINITY): SecondPassWindow[] => {
    if (open.length === 0) return [];
    const closed = window(open, nextMs);
    open = [];
    return [closed];
  };
  /** How many of the open segments make a window when `next` does not fit any more. */
  const longestPause = (next: Segment): number => {
    let best = open.length;
    let longest = Number.NEGATIVE_INFINITY;
    for (let count = 1; count <= open.length; count++) {
      const before = open[count - 1] as Segment;
      if (before.endMs - (open[0] as Segment).startMs < policy.minLengthMs) continue;
      const pause = (open[count] ?? next).startMs - before.endMs;
      if (pause < longest) continue;
      longest = pause;
      best = count;
    }
    return best;
  };

  return {
    get open() {
      return open.length === 0 ? undefined : beginning(open);
    },
    add(segment) {
      const [first, last] = [open[0], open.at(-1)];
      if (first === undefined || last === undefined) {
        open = [segment];
        return [];
      }
      if (segment.startMs - last.endMs > policy.maxGapMs) {
        const closed = close(segment.startMs);
        open = [segment];
        return closed;
      }
      if (segment.endMs - first.startMs <= policy.maxLengthMs) {
        open.push(segment);
        return [];
      }
      const count = longestPause(segment);
      const rest = open.slice(count);
      open = open.slice(0, count);
      const closed = close((rest[0] ?? segment).startMs);
      open = [...rest, segment];
      return closed;
    },
    quietUntil(ms) {
      const last = open.at(-1);
      return last !== undefined && ms - last.endMs > policy.maxGapMs ? close() : [];
    },
    cut: close,
    end: () => close(),
  };
}
