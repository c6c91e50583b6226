import type { LivePolicy } from './live-policy.ts';
import { SPEECH_OFF, SPEECH_ON } from './speech-policy.ts';

/** What happened at a frame. Frames count from the start of the track; ends are exclusive. */
export type LiveEvent =
  /** A segment has begun; `start` includes the pre-roll, `onset` is where speech begins. */
  | { readonly type: 'begin'; readonly start: number; readonly onset: number }
  /** Speech seems to be over: a good moment to decode the segment as if this were its end. */
  | ({ readonly type: 'pause' } & HeardSegment)
  /** It was not. */
  | { readonly type: 'resume' }
  /** The segment is complete. When `cut`, the next one begins at its end without a pause. */
  | ({ readonly type: 'end'; readonly cut: boolean } & HeardSegment);

export interface HeardSegment {
  readonly start: number;
  readonly end: number;
  /** Where the probabilities say that speech is. */
  readonly speechStart: number;
  readonly speechEnd: number;
  /** Probability of speech of each frame. */
  readonly probabilities: Float32Array;
}

/** Cuts live audio into segments, frame by frame. No clock and no I/O. */
export interface LiveSegmenter {
  /**
   * @param level power of the frame, dB
   * @param midSentence whether the text shown so far ends without sentence-final punctuation
   */
  add(probability: number, level: number, midSentence: boolean): LiveEvent[];
  /**
   * It is known now how what was said before a pause ends.
   * @returns the end of the segment when that decides it
   */
  settle(midSentence: boolean): LiveEvent[];
  /** A stretch of silence, at no cost for its length. */
  addSilence(frames: number): LiveEvent[];
  /** The track has ended. */
  end(): LiveEvent[];
  /** Start of the open segment with its pre-roll, or -1. */
  readonly openStart: number;
  /** True from the first frame below SPEECH_OFF or far below the loudest on: what comes is probably silence. */
  readonly falling: boolean;
  /** The frame of the open segment from `from` to `to` (exclusive) at which a cut is least likely to hit a word. */
  weakest(from: number, to: number): number;
  /** No event that comes will need a frame before this one. */
  readonly needed: number;
}

export function createLiveSegmenter(policy: LivePolicy, firstFrame = 0): LiveSegmenter {
  let now = firstFrame;
  /** Probabilities from frame `kept` on. */
  let recent: number[] = [];
  let kept = firstFrame;
  /** End of the segment before. */
  let floor = firstFrame;
  let onset = -1;
  let openStart = -1;
  let silenceStart = -1;
  let paused = false;
  const sound = createLevels();
  /** Frame after the last one of the open segment that was loud or not clearly speech, or -1. */
  let quietStart = -1;

  const at = (frame: number) => recent[frame - kept] ?? 0;
  const needed = () =>
    openStart >= 0 ? openStart : Math.max(floor, (onset >= 0 ? onset : now) - policy.preRoll);

  const heard = (end: number, speechEnd: number): HeardSegment => {
    const start = openStart;
    const probabilities = Float32Array.from({ length: end - start }, (_, index) => at(start + index));
    const first = probabilities.findIndex((probability) => probability >= SPEECH_OFF);
    return { start, end, speechStart: start + Math.max(0, first), speechEnd, probabilities };
  };
  const close = (end: number, speechEnd: number, cut: boolean): LiveEvent => {
    const segment = heard(end, speechEnd);
    floor = end;
    openStart = cut ? end : -1;
    onset = -1;
    silenceStart = -1;
    quietStart = -1;
    paused = false;
    return { type: 'end', cut, ...segment };
  };

  const weakest = (from: number, to: number) => {
    let best = from;
    let lowest = Number.POSITIVE_INFINITY;
    for (let frame = from; frame < to; frame++) {
      const value = at(frame - 1) + 2 * at(frame) + at(frame + 1);
      if (value > lowest) continue;
      lowest = value;
      best = frame;
    }
    return best;
  };

  const stepClosed = (probability: number, frame: number): LiveEvent[] => {
    if (probability >= SPEECH_ON && onset < 0) onset = frame;
    else if (probability < SPEECH_OFF) onset = -1;
    if (onset < 0 || now - onset < policy.minSpeech) return [];
    openStart = Math.max(floor, onset - policy.preRoll);
    return [{ type: 'begin', start: openStart, onset }];
  };

  const endpoint = (midSentence: boolean) => {
    const patient = midSentence ? policy.endpointMidSentence : policy.endpoint;
    const grown = (now - openStart - policy.shortOpen) / (policy.longOpen - policy.shortOpen);
    return patient + Math.max(0, Math.min(1, grown)) * (policy.endpointLong - patient);
  };

  const endOfSilence = (midSentence: boolean): LiveEvent[] =>
    silenceStart < 0 || now - silenceStart < endpoint(midSentence)
      ? []
      : [close(Math.min(now, silenceStart + policy.postRoll), silenceStart, false)];

  const stepOpen = (probability: number, frame: number, midSentence: boolean): LiveEvent[] => {
    const events: LiveEvent[] = [];
    if (probability >= SPEECH_ON) {
      silenceStart = -1;
      if (paused) events.push({ type: 'resume' });
      paused = false;
    } else if (probability < SPEECH_OFF && silenceStart < 0) silenceStart = frame;
    const silence = silenceStart < 0 ? 0 : now - silenceStart;
    const ended = endOfSilence(midSentence);
    if (ended.length > 0) return [...events, ...ended];
    if (silence >= policy.pause && !paused) {
      paused = true;
      events.push({
        type: 'pause',
        ...heard(Math.min(now, silenceStart + policy.postRoll), silenceStart),
      });
    }
    // Noise hides the pause from voice activity, not from the level.
    const quiet = silenceStart < 0 && quietStart >= 0 ? now - quietStart : 0;
    const noisy = sound.range < policy.noisyRange;
    if (noisy && quiet >= policy.quietEndpoint && now - openStart >= policy.quietAfter) {
      // As late as can be: the last words may be soft.
      const end = now - 1;
      events.push(close(end, quietStart, true), { type: 'begin', start: end, onset: end });
      return events;
    }
    if (now - openStart >= policy.maxOpen) {
      const cut = weakest(openStart + Math.floor(policy.maxOpen / 2), now - policy.cutMargin);
      const silenceAfter = silenceStart;
      events.push(close(cut, cut, true), { type: 'begin', start: cut, onset: cut });
      silenceStart = silenceAfter >= cut ? silenceAfter : -1;
    }
    return events;
  };

  const add = (probability: number, level: number, midSentence: boolean): LiveEvent[] => {
    const frame = now++;
    recent.push(probability);
    // Where voice activity falls by itself, it knows better.
    sound.add(level);
    if (sound.below <= policy.quietBelow || (quietStart >= 0 && probability < SPEECH_ON)) quietStart = now;
    const events = openStart < 0 ? stepClosed(probability, frame) : stepOpen(probability, frame, midSentence);
    const from = Math.max(kept, needed() - 1);
    if (from - kept >= 256) {
      recent = recent.slice(from - kept);
      kept = from;
    }
    return events;
  };

  return {
    get openStart() {
      return openStart;
    },
    get falling() {
      return silenceStart >= 0 || (quietStart >= 0 && now - quietStart >= policy.pause * 2);
    },
    get needed() {
      return needed();
    },
    add,
    settle: (midSentence) => (openStart < 0 ? [] : endOfSilence(midSentence)),
    weakest,
    addSilence(frames) {
      const settling = Math.min(frames, policy.endpointMidSentence + policy.postRoll + policy.preRoll);
      const events: LiveEvent[] = [];
      for (let i = 0; i < settling; i++) events.push(...add(0, Number.NEGATIVE_INFINITY, false));
      if (frames > settling) {
        now += frames - settling;
        recent = [];
        kept = now;
      }
      return events;
    },
    end() {
      if (openStart < 0 && onset >= 0) openStart = Math.max(floor, onset - policy.preRoll);
      return openStart < 0 || now === openStart
        ? []
        : [close(now, silenceStart < 0 ? now : silenceStart, false)];
    },
  };
}

/** Forgets the loudest after a while, and the softest sooner, since speech itself has gaps: dB a frame. */
const LOUDEST_FADE = 0.03;
const SOFTEST_FADE = 0.1;

/** How loud a frame is among those of late, dB. */
function createLevels() {
  let loudest = Number.NEGATIVE_INFINITY;
  let softest = Number.POSITIVE_INFINITY;
  let below = 0;
  return {
    add(level: number): void {
      loudest = Math.max(level, loudest - LOUDEST_FADE);
      // Digital silence says nothing of a room.
      softest = Math.min(Math.max(0, level), softest + SOFTEST_FADE);
      below = loudest - level;
    },
    /** How far the newest is below the loudest. */
    get below() {
      return below;
    },
    /** From the softest to the loudest: how far speech stands out from the noise behind it. */
    get range() {
      return loudest - softest;
    },
  };
}
