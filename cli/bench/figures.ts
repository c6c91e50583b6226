import type { Spread } from '@speakr/contracts/bench-run';
import { percentile } from './scoring/percentile.ts';
import type { WordErrors } from './scoring/word-errors.ts';

/** Median and 95th percentile, whole ms; null without values. */
export function spreadOf(values: readonly number[]): Spread | null {
  if (values.length === 0) return null;
  return {
    p50: Math.round(percentile(values, 0.5)),
    p95: Math.round(percentile(values, 0.95)),
    count: values.length,
  };
}

/** Word errors of all clips together: long clips weigh more. */
export function totalErrors(each: readonly WordErrors[]) {
  const sum = (key: keyof WordErrors) => each.reduce((total, errors) => total + errors[key], 0);
  const words = sum('words');
  return {
    words,
    substitutions: sum('substitutions'),
    deletions: sum('deletions'),
    insertions: sum('insertions'),
    wordErrorRate: words === 0 ? null : rounded(sum('errors') / words),
  };
}

/** Four digits are more than any of these figures is worth. */
export const rounded = (value: number): number => Math.round(value * 1e4) / 1e4;

/** Processor seconds a second of audio. */
export function cpuPerSecond(
  before: number | undefined,
  after: number | undefined,
  audioMs: number,
): number | null {
  if (before === undefined || after === undefined || audioMs === 0) return null;
  return rounded((after - before) / audioMs);
}
