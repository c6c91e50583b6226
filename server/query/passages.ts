import type { Segment } from '@speakr/contracts/transcript';

/** A search unit before it has a vector. */
export interface PassageDraft {
  readonly startMs: number;
  readonly endMs: number;
  readonly text: string;
  readonly speaker?: string;
  /** How many segments it was made from. */
  readonly segments: number;
}

export interface PassagePolicy {
  /** A passage takes no further segment once it has this many words. */
  readonly fullWords: number;
  /** It never grows beyond this, except by its first segment. */
  readonly maxWords: number;
  /** Nor over this time, in ms. */
  readonly maxMs: number;
  /** Nor over a silence of this length, in ms. */
  readonly maxSilenceMs: number;
}

/** Tuned with bench/retrieval.ts. */
export const passagePolicy: PassagePolicy = {
  fullWords: 15,
  maxWords: 35,
  maxMs: 20_000,
  maxSilenceMs: 5_000,
};

/**
 * Joins neighbouring segments to passages long enough to mean something on their own. Greedy from the start, so that
 * further segments at the end change the last passage only.
 */
export function toPassages(
  segments: readonly Segment[],
  policy: PassagePolicy = passagePolicy,
): PassageDraft[] {
  const groups: Segment[][] = [];
  let words = 0;
  for (const segment of [...segments].sort((a, b) => a.startMs - b.startMs || a.track - b.track)) {
    const count = countWords(segment.text);
    if (count === 0) continue;
    const group = groups.at(-1);
    const last = group?.at(-1);
    if (
      group !== undefined &&
      last !== undefined &&
      words < policy.fullWords &&
      words + count <= policy.maxWords &&
      segment.endMs - group[0]!.startMs <= policy.maxMs &&
      segment.startMs - last.endMs <= policy.maxSilenceMs
    ) {
      group.push(segment);
      words += count;
    } else {
      groups.push([segment]);
      words = count;
    }
  }
  return groups.map(toPassage);
}

/** Between the labels of those who speak in a passage. */
export const SPEAKER_SEPARATOR = ', ';

function toPassage(group: readonly Segment[]): PassageDraft {
  const speakers = new Set(group.flatMap(({ speaker }) => speaker ?? []));
  return {
    startMs: group[0]!.startMs,
    endMs: Math.max(...group.map(({ endMs }) => endMs)),
    text: group.map(({ text }) => text.trim()).join(' '),
    segments: group.length,
    ...(speakers.size === 0 ? {} : { speaker: [...speakers].join(SPEAKER_SEPARATOR) }),
  };
}

const countWords = (text: string) => text.match(/[\p{L}\p{N}]+/gu)?.length ?? 0;
