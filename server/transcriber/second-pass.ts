import type { Segment } from '@speakr/contracts/transcript';
import type { LogChunk } from '../audio-log/audio-log.ts';
import type { Log } from '../observability/log.ts';
import { type DecodedWindow, decodeWindow, type SpokenSentence } from './decode-window.ts';
import { samplesOf } from './frame-reader.ts';
import type { LiveFinal } from './live-finals.ts';
import { amplify, createLoudness } from './loudness.ts';
import type { DecodeOptions, Recognizer } from './recognizer.ts';
import { prefersSecond, withSurerWords } from './second-pass-choice.ts';
import { createSecondPassPlanner, type SecondPassWindow, secondPassPolicy } from './second-pass-windows.ts';
import { FRAME_MS, FRAME_SAMPLES } from './silero-frames.ts';
import { SPEECH_OFF, SPEECH_ON } from './speech-policy.ts';
import type { VoiceActivity } from './voice-activity.ts';

/** Live segments and the sentences that are better. */
export interface Revision {
  readonly replaced: readonly Segment[];
  readonly sentences: readonly SpokenSentence[];
}

export interface SecondPassOptions {
  /** The track's audio from a sample on; what is asked for has been captured. */
  readonly openAudio: (fromSample: number) => AsyncIterable<LogChunk>;
  readonly recognizer: Recognizer;
  readonly voiceActivity: VoiceActivity;
  readonly language: string;
  readonly session: string;
  /** End of the speech before the segments that will be added, ms; 0 when absent. */
  readonly spokenMs?: number;
  readonly signal: AbortSignal;
  /** Whether there is time for more than one hearing. */
  readonly isAlone: () => boolean;
  readonly log: Pick<Log, 'warn'>;
  /** Awaited: the next one waits until this is kept. In the order of the audio. */
  readonly onRevised: (revision: Revision) => Promise<void>;
}

/**
 * The rolling second pass over one track of a recording that runs: joins live segments to windows, decodes each again
 * when the recognizer has nothing more urgent to do, and tells what is better. It never fails: what it cannot do stays
 * as it was heard live.
 */
export interface SecondPass {
  /** A live segment has been kept. @param decoded how it was heard, where that is known */
  add(segment: Segment, decoded?: Pick<LiveFinal, 'decodeSeconds' | 'confidences'>): void;
  /** All speech before this moment has been added. */
  quietUntil(ms: number): void;
  /** No more audio comes: what is open is decoded at once, beside the last live segment. */
  audioEnded(endMs: number): void;
  /** All segments have been added. Resolves when everything is revised, or `limitMs` have passed. */
  finish(limitMs: number): Promise<void>;
}

export function createSecondPass(options: SecondPassOptions): SecondPass {
  const { log, session } = options;
  const planner = createSecondPassPlanner(secondPassPolicy, options.spokenMs);
  const late = new AbortController();
  const signal = AbortSignal.any([options.signal, late.signal]);
  let work = Promise.resolve();
  /** The last window, decoded before its last segment was there. */
  let tail: { readonly first: Segment; readonly decoding: Promise<DecodedWindow | undefined> } | undefined;
  /** All speech before this moment has been added. */
  let quietMs = 0;
  /** Windows that wait for their turn, and the one that has it. */
  let pending = 0;
  let isOver = false;
  const confidences = new WeakMap<Segment, readonly number[]>();
  /** What it costs to listen to audio once, CPU s per s, as far as that is known. */
  let cost: number | undefined;

  const hearingsFor = (ms: number): number => {
    const { hearings, mostCost, mostTailMs } = secondPassPolicy;
    if (pending > 1 || !options.isAlone() || (cost ?? 0) * hearings > mostCost) return 1;
    if (!isOver) return hearings;
    const inTime = cost === undefined ? 1 : Math.floor(mostTailMs / (cost * ms));
    return Math.max(1, Math.min(hearings, inTime));
  };

  const decode = async (
    startMs: number,
    endMs: number,
    priority: DecodeOptions['priority'],
  ): Promise<DecodedWindow | undefined> => {
    const { recognizer, voiceActivity, language } = options;
    const start = Math.floor(startMs / FRAME_MS);
    const pcm = await readFrames(options.openAudio, start, Math.ceil(endMs / FRAME_MS));
    const loudness = createLoudness();
    loudness.add(pcm);
    const probabilities = await voiceActivity.stream().listen(amplify(pcm, loudness.gain()));
    const first = probabilities.findIndex((probability) => probability >= SPEECH_ON);
    if (first < 0) return undefined;
    const last = probabilities.findLastIndex((probability) => probability >= SPEECH_OFF);
    const window = {
      start,
      end: start + probabilities.length,
      speechStart: start + first,
      speechEnd: start + last + 1,
      probabilities,
    };
    signal.throwIfAborted();
    const ms = probabilities.length * FRAME_MS;
    const hearings = hearingsFor(ms);
    const asked = { language, session, signal, priority, hearings };
    const decoded = await decodeWindow(pcm, window, recognizer, asked);
    cost = (decoded.decodeSeconds * 1000) / ms / hearings;
    return decoded;
  };

  const revise = async (segments: readonly Segment[], decoding: Promise<DecodedWindow | undefined>) => {
    const second = await decoding;
    options.signal.throwIfAborted();
    if (second === undefined || !prefersSecond(segments, second.sentences)) return;
    const live = segments.map((segment) => ({ ...segment, confidences: confidences.get(segment) }));
    const sentences = withSurerWords(live, second);
    if (prefersSecond(segments, sentences)) await options.onRevised({ replaced: segments, sentences });
  };
  const inTurn = (step: () => Promise<void>) => {
    pending += 1;
    work = work.then(async () => {
      if (!signal.aborted)
        await step().catch((error: unknown) => {
          // Its name only: what an engine says may quote speech.
          if (!signal.aborted)
            log.warn({ recordingId: session, error: (error as Error).name }, 'no second pass');
        });
      pending -= 1;
    });
  };
  const pass = (windows: readonly SecondPassWindow[], priority: DecodeOptions['priority'] = 'batch') => {
    for (const { segments, audioStartMs, audioEndMs } of windows)
      inTurn(() => revise(segments, decode(audioStartMs, audioEndMs, priority)));
  };
  const passLast = () => {
    const windows = planner.end();
    const [last] = windows;
    if (last === undefined || tail === undefined || tail.first !== last.segments[0])
      return pass(windows, 'partial');
    // What was decoded early reaches to the end, as this window does: one that ended before would have it twice.
    const { decoding } = tail;
    inTurn(() => revise(last.segments, decoding));
  };

  return {
    add(segment, decoded) {
      const { startMs, endMs } = segment;
      if (decoded !== undefined) cost ??= (1000 * decoded.decodeSeconds) / (endMs - startMs);
      if (decoded?.confidences !== undefined) confidences.set(segment, decoded.confidences);
      pass(planner.add(segment));
    },
    quietUntil(ms) {
      quietMs = Math.max(quietMs, ms);
      pass(planner.quietUntil(ms));
    },
    audioEnded(endMs) {
      isOver = true;
      const { open } = planner;
      if (open === undefined) return;
      // The padding must not reach into segments that are still to come.
      if (endMs - open.startMs > secondPassPolicy.maxLengthMs) return pass(planner.cut(quietMs), 'partial');
      const decoding = decode(open.audioStartMs, endMs, 'partial');
      // Heard in its turn.
      decoding.catch(() => {});
      tail = { first: open.segments[0] as Segment, decoding };
    },
    async finish(limitMs) {
      passLast();
      const timer = setTimeout(() => late.abort(new Error('late')), Math.max(0, limitMs));
      await work;
      clearTimeout(timer);
    },
  };
}

/** Frames of a track; what was never captured, or is missing at its end, is silence. */
async function readFrames(
  openAudio: SecondPassOptions['openAudio'],
  startFrame: number,
  endFrame: number,
): Promise<Int16Array> {
  const from = startFrame * FRAME_SAMPLES;
  const pcm = new Int16Array(endFrame * FRAME_SAMPLES - from);
  for await (const chunk of openAudio(from)) {
    const at = chunk.offset - from;
    if ('pcm' in chunk) pcm.set(samplesOf(chunk.pcm).subarray(0, Math.max(0, pcm.length - at)), at);
    const end = at + ('pcm' in chunk ? chunk.pcm.byteLength / 2 : chunk.gapSamples);
    if (end >= pcm.length) break;
  }
  return pcm;
}
