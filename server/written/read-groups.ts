import type { NumberReading } from './language.ts';

export interface GroupWords {
  /** A number below 1000. */
  below1000(words: readonly string[], at: number): NumberReading | undefined;
  readonly scales: ReadonlyMap<string, number>;
  /** Scales that need no number in front: "mille", "mil". */
  readonly bare: ReadonlySet<string>;
  /** May stand between two groups. */
  readonly and?: string;
}

/** Reads a number in groups of thousands, the greatest first: "two million three hundred thousand and five". */
export function readGroups(
  words: readonly string[],
  start: number,
  { below1000, scales, bare, and }: GroupWords,
): NumberReading | undefined {
  let total = 0;
  let end: number | undefined;
  let limit = Number.POSITIVE_INFINITY;
  for (let at = start; ; ) {
    const joined = end !== undefined && words[at] === and ? at + 1 : at;
    const group = below1000(words, joined);
    const scaleAt = group?.end ?? (bare.has(words[joined] ?? '') ? joined : -1);
    const scale = scales.get(words[scaleAt] ?? '');
    if (scale !== undefined && scale < limit) {
      total += (group?.value ?? 1) * scale;
      limit = scale;
      end = scaleAt + 1;
      at = end;
      continue;
    }
    if (group === undefined || group.value >= limit || (end !== undefined && group.value === 0)) break;
    total += group.value;
    end = group.end;
    break;
  }
  return end === undefined ? undefined : { value: total, end };
}
