import type { Word } from '@speakr/contracts/transcript';
import { FRAME_MS } from './silero-frames.ts';
import { SPEECH_OFF } from './speech-policy.ts';

/** Where speech is: frame numbers from the start of the track, ends exclusive. */
export interface SpeechFrames {
  /** Frame number of the first probability. */
  readonly start: number;
  readonly speechStart: number;
  readonly speechEnd: number;
  /** Probability of speech of each frame. */
  readonly probabilities: Float32Array;
}

/** Shorter dips between two frames of speech are no pauses. */
const MIN_PAUSE = 3;
/** Cost of ending a sentence where nobody pauses, against a pause of MIN_PAUSE frames. */
const NO_PAUSE_COST = 2;

interface Span {
  readonly start: number;
  readonly end: number;
}

/** A place where a sentence may end: a pause, or a point without one. */
interface Break extends Span {
  readonly cost: number;
}

/**
 * Estimates word times: sentences take speech in proportion to their letters and preferably end at pauses (the best
 * way over all of them is found by dynamic programming); words share the speech of their sentence by their letters.
 * @param sentences words of each sentence of the window
 * @returns words of each sentence with times in ms from the start of the track, in order, all `estimated`
 */
export function estimateWordTimes(sentences: readonly (readonly string[])[], frames: SpeechFrames): Word[][] {
  const speech = measureSpeech(frames);
  const spans = alignSentences(sentences.map(letters), speech);
  return sentences.map((words, index) => spreadWords(words, spans[index] as Span, speech));
}

const letters = (words: readonly string[]) => words.reduce((sum, word) => sum + word.length + 1, 0);

interface Speech extends Span {
  /** Speech frames between the start and this frame. */
  before(frame: number): number;
  /** The frame at which so much speech has passed. */
  at(amount: number): number;
  readonly total: number;
  readonly pauses: readonly Span[];
}

function measureSpeech({ start, speechStart, speechEnd, probabilities }: SpeechFrames): Speech {
  const isSpeech = (frame: number) => (probabilities[frame - start] ?? 0) >= SPEECH_OFF;
  const passed = [0];
  const pauses: Span[] = [];
  let quietFrom = -1;
  for (let frame = speechStart; frame < speechEnd; frame++) {
    const speaking = isSpeech(frame);
    passed.push((passed.at(-1) as number) + (speaking ? 1 : 0));
    if (!speaking && quietFrom < 0) quietFrom = frame;
    if (speaking && quietFrom >= 0) {
      if (frame - quietFrom >= MIN_PAUSE) pauses.push({ start: quietFrom, end: frame });
      quietFrom = -1;
    }
  }
  const total = passed.at(-1) as number;
  return {
    start: speechStart,
    end: speechEnd,
    total,
    pauses,
    before: (frame) =>
      passed[Math.max(0, Math.min(passed.length - 1, Math.round(frame) - speechStart))] as number,
    at(amount) {
      if (total === 0) return speechStart;
      let low = 0;
      let high = passed.length - 1;
      while (low < high) {
        const middle = (low + high) >> 1;
        if ((passed[middle] as number) < amount) low = middle + 1;
        else high = middle;
      }
      return speechStart + low;
    },
  };
}

/** How badly a sentence fits: squared, relative to what its letters let expect. */
const misfit = (actual: number, expected: number) => ((actual - expected) / (0.25 * expected + 8)) ** 2;

function alignSentences(weights: readonly number[], speech: Speech): Span[] {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const expected = weights.map((weight) => (weight / total) * speech.total);
  const pauses: Break[] = speech.pauses.map((pause) => ({
    ...pause,
    cost: -Math.log((pause.end - pause.start) / MIN_PAUSE),
  }));

  interface Way {
    readonly at: Break;
    readonly cost: number;
    readonly from?: Way;
  }
  const beginning: Way = { at: { start: speech.start, end: speech.start, cost: 0 }, cost: 0 };
  let ways: Way[] = [beginning];
  let passed = 0;
  for (const amount of expected.slice(0, -1)) {
    passed += amount;
    const point = speech.at(passed);
    const places = [...pauses, { start: point, end: point, cost: NO_PAUSE_COST }];
    const next: Way[] = [];
    for (const at of places) {
      let best: Way | undefined;
      for (const from of ways) {
        if (from.at.end >= at.start) continue;
        const fit = misfit(speech.before(at.start) - speech.before(from.at.end), amount);
        const cost = from.cost + fit + at.cost;
        if (best === undefined || cost < best.cost) best = { at, cost, from };
      }
      if (best !== undefined) next.push(best);
    }
    // Speech too short for its text: what is left shares the end.
    ways =
      next.length > 0
        ? next
        : ways.map((from) => ({
            at: { start: speech.end, end: speech.end, cost: 0 },
            cost: from.cost,
            from,
          }));
  }
  const last = expected.at(-1) as number;
  let best: Way | undefined;
  let lowest = Number.POSITIVE_INFINITY;
  for (const way of ways) {
    const cost = way.cost + misfit(speech.total - speech.before(way.at.end), last);
    if (cost >= lowest) continue;
    lowest = cost;
    best = way;
  }
  const breaks: Break[] = [];
  for (let way = best; way?.from !== undefined; way = way.from) breaks.unshift(way.at);
  const starts = [speech.start, ...breaks.map(({ end }) => end)];
  const ends = [...breaks.map(({ start }) => start), speech.end];
  return starts.map((start, index) => ({ start, end: Math.max(start, ends[index] as number) }));
}

function spreadWords(words: readonly string[], { start, end }: Span, speech: Speech): Word[] {
  const total = letters(words);
  const from = speech.before(start);
  const amount = speech.before(end) - from;
  const position = (share: number) => {
    if (share <= 0) return start;
    if (share >= 1) return end;
    const place = amount === 0 ? start + share * (end - start) : speech.at(from + share * amount);
    return Math.max(start, Math.min(end, place));
  };
  let passed = 0;
  return words.map((text) => {
    const startMs = Math.round(position(passed / total) * FRAME_MS);
    passed += text.length + 1;
    return { text, startMs, endMs: Math.round(position(passed / total) * FRAME_MS), estimated: true };
  });
}
