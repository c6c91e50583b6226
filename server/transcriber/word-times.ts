import type { Word } from '@speakr/contracts/transcript';
import { FRAME_MS } from './silero-frames.ts';
import { SPEECH_OFF } from './speech-policy.ts';

/** Where speech is in a window: frames from `start` (exclusive end), with their probabilities. */
export interface SpeechFrames {
  /** Frame number of the first probability, from the start of the track. */
  readonly start: number;
  readonly speechStart: number;
  readonly speechEnd: number;
  readonly probabilities: Float32Array;
}

/** A pause at which a sentence may end: at least 100 ms. */
const MIN_PAUSE_FRAMES = 3;
/** How far a sentence's end may be moved to a pause, as time. */
const MAX_SHIFT_FRAMES = 40;

/**
 * Estimates word times: the characters of the text are spread evenly over the frames that hold speech; then the ends
 * of the given words are moved to the nearest pause.
 * @param words all words of the window
 * @param sentenceEnds indexes of the words that end a sentence
 * @returns times in ms from the start of the track, in order and without overlap, all `estimated`
 */
export function estimateWordTimes(
  words: readonly string[],
  sentenceEnds: ReadonlySet<number>,
  frames: SpeechFrames,
): Word[] {
  if (words.length === 0) return [];
  const boundaries = spread(words, frames);
  const pauses = findPauses(frames);
  const ends = boundaries.slice(1);
  const starts = boundaries.slice(0, -1);
  for (const index of sentenceEnds) {
    if (index >= words.length - 1) continue;
    const boundary = ends[index] as number;
    const low = starts[index] as number;
    const high = ends[index + 1] as number;
    const pause = nearestPause(pauses, boundary);
    if (pause === undefined) continue;
    ends[index] = Math.max(low, Math.min(pause.start, high));
    starts[index + 1] = Math.max(ends[index] as number, Math.min(pause.end, high));
  }
  return words.map((text, index) => ({
    text,
    startMs: Math.round((starts[index] as number) * FRAME_MS),
    endMs: Math.round((ends[index] as number) * FRAME_MS),
    estimated: true,
  }));
}

/** Frame numbers (fractions allowed) of the n + 1 boundaries of n words. */
function spread(
  words: readonly string[],
  { start, speechStart, speechEnd, probabilities }: SpeechFrames,
): number[] {
  const speaking: number[] = [];
  for (let frame = speechStart; frame < speechEnd; frame++)
    if ((probabilities[frame - start] ?? 0) >= SPEECH_OFF) speaking.push(frame);
  const total = words.reduce((sum, word) => sum + word.length + 1, 0);
  let passed = 0;
  const position = (share: number) => {
    if (speaking.length === 0) return speechStart + share * (speechEnd - speechStart);
    const exact = share * speaking.length;
    const index = Math.min(speaking.length - 1, Math.floor(exact));
    return (speaking[index] as number) + Math.min(1, exact - index);
  };
  const boundaries = [speechStart];
  for (const word of words) {
    passed += word.length + 1;
    boundaries.push(position(passed / total));
  }
  boundaries[words.length] = speechEnd;
  return boundaries;
}

interface Pause {
  start: number;
  end: number;
}

function findPauses({ start, speechStart, speechEnd, probabilities }: SpeechFrames): Pause[] {
  const pauses: Pause[] = [];
  let from = -1;
  for (let frame = speechStart; frame <= speechEnd; frame++) {
    const silent = frame < speechEnd && (probabilities[frame - start] ?? 0) < SPEECH_OFF;
    if (silent && from < 0) from = frame;
    if (silent || from < 0) continue;
    if (frame - from >= MIN_PAUSE_FRAMES) pauses.push({ start: from, end: frame });
    from = -1;
  }
  return pauses;
}

/** The pause that fits best: near, and long ones may be farther away. */
function nearestPause(pauses: readonly Pause[], boundary: number): Pause | undefined {
  let best: Pause | undefined;
  let lowest = MAX_SHIFT_FRAMES;
  for (const pause of pauses) {
    const distance = Math.max(0, pause.start - boundary, boundary - pause.end);
    const cost = distance - Math.min(20, pause.end - pause.start);
    if (cost >= lowest || distance > MAX_SHIFT_FRAMES) continue;
    lowest = cost;
    best = pause;
  }
  return best;
}
