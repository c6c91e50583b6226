import { SPEECH_OFF, SPEECH_ON, type WindowPolicy } from './speech-policy.ts';

/** A stretch that is decoded at once. Frames count from the start of the track; ends are exclusive. */
export interface SpeechWindow {
  /** With padding. */
  readonly start: number;
  readonly end: number;
  /** Where its speech begins and ends. */
  readonly speechStart: number;
  readonly speechEnd: number;
  /** Probability of speech of each frame from `start` to `end`. */
  readonly probabilities: Float32Array;
}

/** Cuts a track into windows while it is read. */
export interface WindowPlanner {
  /** The next frames' probabilities of speech; returns the windows that are complete now. */
  add(probabilities: Float32Array): SpeechWindow[];
  /** The same for a stretch of silence, at no cost for its length. */
  addSilence(frames: number): SpeechWindow[];
  /** The track has ended. */
  end(): SpeechWindow[];
  /** No window that comes will need a frame before this one. */
  readonly needed: number;
}

interface Span {
  start: number;
  end: number;
}

/**
 * The state machine behind batch decoding: speech starts at SPEECH_ON and ends when `minSilence` below SPEECH_OFF has
 * passed; spans that are too long are cut where speech is least likely; neighbours are joined to windows.
 * @param firstFrame number of the first frame that will be added
 */
export function createWindowPlanner(policy: WindowPolicy, firstFrame = 0): WindowPlanner {
  let now = firstFrame;
  /** Probabilities from frame `kept` to `now`. */
  let recent: number[] = [];
  let kept = firstFrame;
  let speechStart = -1;
  /** First frame of the silence inside a span, or -1. */
  let silenceStart = -1;
  /** End of the window before, which this one may not overlap. */
  let floor = firstFrame;
  let open: Span | undefined;

  const at = (frame: number) => recent[frame - kept] ?? 0;

  const close = (nextSpeech: number): SpeechWindow[] => {
    if (open === undefined) return [];
    const { start: speechStart, end: speechEnd } = open;
    const start = Math.max(floor, speechStart - policy.padding);
    const middle = Math.ceil((speechEnd + nextSpeech) / 2);
    const end = Math.min(now, speechEnd + policy.padding, middle);
    const probabilities = Float32Array.from({ length: end - start }, (_, i) => at(start + i));
    floor = end;
    open = undefined;
    return [{ start, end, speechStart, speechEnd, probabilities }];
  };

  /** The frame between `from` and `to` where speech is least likely, looking at its neighbours too. */
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

  const addSpan = (span: Span): SpeechWindow[] => {
    if (open !== undefined) {
      const joins = span.start - open.end <= policy.maxGap && span.end - open.start <= policy.maxLength;
      if (joins) {
        open.end = span.end;
        return [];
      }
    }
    const closed = close(span.start);
    open = { ...span };
    return closed;
  };

  const endSpan = (end: number): SpeechWindow[] => {
    const start = speechStart;
    speechStart = -1;
    silenceStart = -1;
    return end - start >= policy.minSpeech ? addSpan({ start, end }) : [];
  };

  const step = (probability: number): SpeechWindow[] => {
    const frame = now++;
    recent.push(probability);
    if (speechStart < 0) {
      if (probability >= SPEECH_ON) {
        speechStart = frame;
        return [];
      }
      return open !== undefined && now - open.end > policy.maxGap ? close(Number.POSITIVE_INFINITY) : [];
    }
    if (probability >= SPEECH_ON) silenceStart = -1;
    else if (probability < SPEECH_OFF && silenceStart < 0) silenceStart = frame;
    if (silenceStart >= 0 && now - silenceStart >= policy.minSilence) return endSpan(silenceStart);
    if (now - speechStart >= policy.maxLength) {
      const cut = weakest(speechStart + Math.floor(policy.maxLength * 0.6), now - policy.minSilence);
      const windows = addSpan({ start: speechStart, end: cut });
      speechStart = cut;
      if (silenceStart >= 0 && silenceStart < cut) silenceStart = -1;
      return windows;
    }
    return [];
  };

  const needed = () => {
    const earliest = open?.start ?? (speechStart >= 0 ? speechStart : now);
    return Math.max(floor, Math.min(earliest, now) - policy.padding);
  };
  const forget = () => {
    const from = Math.max(kept, needed() - 1);
    if (from - kept < 1024) return;
    recent = recent.slice(from - kept);
    kept = from;
  };

  return {
    get needed() {
      return needed();
    },
    add(probabilities) {
      const windows: SpeechWindow[] = [];
      for (const probability of probabilities) windows.push(...step(probability));
      forget();
      return windows;
    },
    addSilence(frames) {
      // What is open closes within these; the rest is only counted.
      const settling = Math.min(frames, policy.minSilence + policy.maxGap + policy.padding + 2);
      const windows: SpeechWindow[] = [];
      for (let i = 0; i < settling; i++) windows.push(...step(0));
      const rest = frames - settling;
      if (rest > 0) {
        now += rest;
        recent = [];
        kept = now;
      }
      return windows;
    },
    end() {
      const windows = speechStart >= 0 ? endSpan(silenceStart >= 0 ? silenceStart : now) : [];
      return [...windows, ...close(Number.POSITIVE_INFINITY)];
    },
  };
}
