import { SAMPLES_PER_MS } from './speech-policy.ts';

/** Length over which loudness is measured. */
const STEP = 10 * SAMPLES_PER_MS;
/** A dip between words has at most this share of the mean power before it: −6 dB. */
const DIP = 0.25;

/**
 * Where to end speech that goes on: at the deepest dip near the end, which mostly lies between two words. A recognizer
 * that hears half a word makes up another.
 * @param pcm PCM16 mono 16 kHz
 * @param maxTrim samples that may be left out at most
 * @returns number of samples to keep; all of them when there is no dip
 */
export function endAtDip(pcm: Int16Array, maxTrim: number): number {
  const power = (from: number) => {
    let sum = 0;
    for (let i = from; i < from + STEP; i++) sum += (pcm[i] as number) ** 2;
    return sum / STEP;
  };
  const steps = Math.floor(Math.min(maxTrim, pcm.length) / STEP);
  let lowest = Number.POSITIVE_INFINITY;
  let best = pcm.length;
  for (let step = 1; step < steps; step++) {
    // Two steps at a time, and cut in their middle: a dip of 10 ms is a gap between two periods of a low voice.
    const middle = pcm.length - step * STEP;
    const here = middle < STEP ? Number.POSITIVE_INFINITY : (power(middle - STEP) + power(middle)) / 2;
    if (here >= lowest) continue;
    lowest = here;
    best = middle;
  }
  let mean = 0;
  let count = 0;
  for (let from = Math.max(0, pcm.length - 100 * STEP); from + STEP <= pcm.length; from += STEP) {
    mean += power(from);
    count++;
  }
  return count > 0 && lowest < (DIP * mean) / count ? best : pcm.length;
}
