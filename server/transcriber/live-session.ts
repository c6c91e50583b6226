import type { StateMessage } from '@speakr/contracts/stream';
import type { z } from 'zod';
import type { LogChunk } from '../audio-log/audio-log.ts';
import type { Clock } from '../clock.ts';
import { createAgreement, type Shown } from './agreement.ts';
import { decodeContinued, type SpokenBefore } from './decode-continued.ts';
import { type DecodedWindow, decodeWindow, prepare } from './decode-window.ts';
import { createFrameReader, type FrameBlock } from './frame-reader.ts';
import { saysNothing, withoutInvention } from './hallucination.ts';
import { createLiveFinals, type EndEvent, type LiveFinal } from './live-finals.ts';
import { framesToMs, type LivePolicy, livePolicy } from './live-policy.ts';
import { createLiveSegmenter, type HeardSegment, type LiveEvent } from './live-segmenter.ts';
import { createLoadShedding } from './load-shedding.ts';
import { amplify, createLoudness } from './loudness.ts';
import { createPcmHistory } from './pcm-history.ts';
import type { DecodeOptions, Recognizer } from './recognizer.ts';
import { FRAME_SAMPLES } from './silero-frames.ts';
import { SAMPLES_PER_MS } from './speech-policy.ts';
import type { VoiceActivity } from './voice-activity.ts';

export type LiveMode = z.infer<typeof StateMessage>['mode'];

export interface LiveOptions {
  /** The track from `fromSample` on, contiguous, as it comes. */
  readonly chunks: AsyncIterable<LogChunk>;
  /** Sample of the track that the first chunk starts with; a multiple of FRAME_SAMPLES. */
  readonly fromSample: number;
  /** Samples of the track that are there to be read by now. */
  readonly available: () => number;
  readonly recognizer: Recognizer;
  readonly voiceActivity: VoiceActivity;
  readonly language: string;
  readonly session: string;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly policy?: LivePolicy;
  /** Called one after the other, in the order of the audio. */
  readonly onPartial: (partial: LivePartial) => void;
  /** Awaited: the next final waits until this one is kept. */
  readonly onFinal: (final: LiveFinal) => Promise<void>;
  readonly onState: (state: { mode: LiveMode; lagMs: number; throughSample: number }) => void;
  /** No more audio comes, and the last final is being decoded. */
  readonly onEnded?: () => void;
}

/** The open segment as it is heard now. */
export interface LivePartial {
  /** Counts the segments of this session from 0. */
  readonly segment: number;
  readonly startMs: number;
  readonly endMs: number;
  readonly text: string;
  /** Prefix that will not change any more. */
  readonly stable: string;
}

interface OpenSegment {
  readonly segment: number;
  readonly start: number;
  readonly agreement: ReturnType<typeof createAgreement>;
  shown: boolean;
  /** A partial has been decoded. */
  ticked: boolean;
  /** What was said before the pause does not end with sentence-final punctuation, as far as is known. */
  midSentence: boolean;
  /** Where the audio of partials begins. */
  partialFrom: number;
  /** It was not clear where a later beginning fits in: partials stay whole. */
  whole: boolean;
  /** Frame up to which audio has been given to be decoded … */
  decodedThrough: number;
  /** … and up to which what is shown was heard. */
  shownThrough: number;
  /** Aborted when it ends: a partial that waits for a worker is of no use then. */
  readonly over: AbortController;
  /** Decoded in advance at a pause. */
  early?: { end: number; decoding: Promise<DecodedWindow> };
}

/**
 * Live captions of one track: voice activity frame by frame, partials while a segment is open, a final at its end.
 * Reading never waits for partials; it waits for finals only when many are behind, and then the log keeps the audio.
 * Resolves at the end of the track, when the last final is kept.
 */
export async function transcribeLive(options: LiveOptions): Promise<void> {
  const { chunks, voiceActivity, signal, clock, policy = livePolicy } = options;
  const firstFrame = options.fromSample / FRAME_SAMPLES;
  const reader = createFrameReader();
  const history = createPcmHistory(firstFrame);
  const segmenter = createLiveSegmenter(policy, firstFrame);
  const loudness = createLoudness();
  const finals = createLiveFinals({
    ...options,
    maxWaiting: policy.maxWaitingFinals,
    // Whoever pauses shall not be told of a lag that is none any more.
    onSettled: () => reportState(),
  });
  let vad = voiceActivity.stream();
  let frames = firstFrame;
  let open: OpenSegment | undefined;
  let segments = 0;
  /** The segment before. */
  let previous: { event: HeardSegment; decoding: SpokenBefore['decoding'] } | undefined;
  let partial: Promise<void> | undefined;
  let lastDecodeMs = 0;
  const shedding = createLoadShedding(policy);
  let heardOf = { samples: 0, at: Number.NEGATIVE_INFINITY };
  let stateAt = Number.NEGATIVE_INFINITY;
  let ended = false;

  const lagMs = () => {
    const heard = frames * FRAME_SAMPLES;
    const done = Math.min(heard, finals.oldestEnd);
    return Math.max(0, Math.round((Math.max(options.available(), heard) - done) / SAMPLES_PER_MS));
  };
  const reportState = (force = false) => {
    const lag = lagMs();
    const before = shedding.state;
    shedding.update(lag);
    const now = clock.monotonic();
    if (!force && shedding.state === before && now - stateAt < policy.stateIntervalMs) return;
    stateAt = now;
    const heard = open === undefined ? segmenter.needed : open.start;
    const throughSample =
      finals.waiting > 0 ? finals.through : Math.min(frames, Math.max(heard, firstFrame)) * FRAME_SAMPLES;
    options.onState({ mode: ended ? 'finishing' : shedding.state, lagMs: lag, throughSample });
  };
  /** Who is far behind leaves the workers to those who are not, until nothing more comes. */
  const finalPriority = (): DecodeOptions['priority'] => {
    const available = options.available();
    if (available > heardOf.samples) heardOf = { samples: available, at: clock.monotonic() };
    const idle = ended || clock.monotonic() - heardOf.at > policy.idleMs;
    return shedding.state === 'deferred' && !idle ? 'batch' : 'final';
  };

  const decodeFinal = (heard: HeardSegment): Promise<DecodedWindow> => {
    const { recognizer, language, session } = options;
    const decode = { language, session, signal, priority: finalPriority(), beams: policy.finalBeams };
    const before = spokenBefore(heard);
    if (before === undefined)
      return decodeWindow(
        history.read(heard.start, heard.end),
        heard,
        recognizer,
        decode,
        policy.finalMargin,
      );
    const pcm = history.read(before.start, heard.end);
    return decodeContinued(pcm, heard, before, recognizer, decode, policy.finalMargin);
  };
  const spokenBefore = ({ start, end, speechStart }: HeardSegment): SpokenBefore | undefined => {
    if (previous === undefined || end - start > policy.contextShort) return undefined;
    const { event, decoding } = previous;
    const near = speechStart - event.speechEnd <= policy.contextGap;
    return near && event.end - event.start <= policy.contextMost
      ? { start: event.start, decoding }
      : undefined;
  };

  /** The audio of a partial of this moment. */
  const takePartial = (segment: OpenSegment) => {
    const end = Math.max(frames, segment.decodedThrough);
    const start = partialStart(segment, end);
    segment.decodedThrough = end;
    segment.ticked = true;
    const samples = prepare(
      history.read(start, end),
      start === segment.start ? policy.preRoll : 0,
      0,
      policy.partialMargin,
    );
    return { start, end, later: start > segment.partialFrom, samples };
  };
  const decodePartial = async (segment: OpenSegment) => {
    const started = clock.monotonic();
    let taken = takePartial(segment);
    const { language, session, recognizer } = options;
    try {
      const { text, confidences } = await recognizer.decode(taken.samples, {
        language,
        session,
        signal: AbortSignal.any([signal, segment.over.signal]),
        // What waited is old: whoever reads along wants to see what is said now.
        latest() {
          if (frames > taken.end) taken = takePartial(segment);
          return taken.samples;
        },
        priority: 'partial',
        beams: lastDecodeMs <= policy.quickDecodeMs ? policy.finalBeams : policy.partialBeams,
      });
      lastDecodeMs = clock.monotonic() - started;
      const { start, end, later } = taken;
      const seconds = framesToMs(end - start) / 1000;
      show(segment, end, withoutInvention(text, seconds), (heard) => {
        const ending = { confidence: heard === text ? confidences?.at(-1) : undefined };
        if (!later) return segment.agreement.add(heard, ending);
        const shown = segment.agreement.addLater(heard, ending);
        if (shown === undefined) segment.whole = true;
        else segment.partialFrom = start;
        return shown;
      });
    } catch (error) {
      if (!segment.over.signal.aborted) throw error;
    }
  };
  /** Where a partial up to `end` begins: later than the one before when that has grown long. */
  const partialStart = (segment: OpenSegment, end: number) => {
    if (segment.whole || end - segment.partialFrom <= policy.partialWindow) return segment.partialFrom;
    return segmenter.weakest(end - policy.mostOverlap, end - policy.leastOverlap);
  };
  const show = (
    segment: OpenSegment,
    end: number,
    text: string,
    add: (text: string) => Shown | undefined,
  ) => {
    // One that began before may end after, and knows less.
    if (open !== segment || text === '' || end < segment.shownThrough) return;
    if (!segment.shown && saysNothing(text, 0)) return;
    const shown = add(text);
    if (shown === undefined || shown.text === '') return;
    segment.shownThrough = end;
    segment.shown = true;
    options.onPartial({
      segment: segment.segment,
      startMs: framesToMs(segment.start),
      endMs: framesToMs(end),
      ...shown,
    });
  };
  const maybePartial = () => {
    if (open === undefined || partial !== undefined || shedding.state !== 'live' || segmenter.falling) return;
    const fresh = frames - open.decodedThrough;
    const tick = !open.ticked ? policy.firstTick : open.shown ? policy.tick : policy.searchTick;
    if (fresh < tick || framesToMs(fresh) < policy.tickPerDecode * lastDecodeMs) return;
    if (frames < options.available() / FRAME_SAMPLES - 2 * policy.tick) return;
    partial = decodePartial(open)
      .catch((error) => finals.fail(error))
      .finally(() => {
        partial = undefined;
      });
  };

  const handle = (event: LiveEvent) => {
    if (event.type === 'begin') {
      open = {
        segment: segments++,
        start: event.start,
        agreement: createAgreement(policy),
        over: new AbortController(),
        shown: false,
        ticked: false,
        partialFrom: event.start,
        whole: false,
        midSentence: false,
        decodedThrough: event.onset,
        shownThrough: event.start,
      };
    } else if (event.type === 'end') {
      // At the end of a track a segment may end that never was long enough to begin.
      if (open === undefined) handle({ type: 'begin', start: event.start, onset: event.speechStart });
      finish(open as OpenSegment, event);
      open = undefined;
    } else if (open !== undefined && event.type === 'resume') {
      open.early = undefined;
    } else if (open !== undefined && event.type === 'pause' && shedding.state === 'live') {
      const segment = open;
      const early = { end: event.end, decoding: decodeFinal(event) };
      segment.early = early;
      segment.decodedThrough = event.end;
      // Not known before the text is there.
      segment.midSentence = true;
      early.decoding.then(
        ({ sentences }) => {
          const text = sentences.map((sentence) => sentence.text).join(' ');
          show(segment, early.end, text, (heard) => segment.agreement.addWhole(heard, { complete: true }));
          if (open !== segment || segment.early !== early) return;
          segment.midSentence = !endsSentence(text);
          for (const event of segmenter.settle(segment.midSentence)) handle(event);
        },
        () => {},
      );
    }
  };
  const finish = (segment: OpenSegment, event: EndEvent) => {
    segment.over.abort();
    const early = segment.early;
    const usable = early !== undefined && early.end <= event.end && event.end - early.end <= policy.postRoll;
    const decoding = usable ? early.decoding : decodeFinal(event);
    previous = { event, decoding };
    finals.add({ segment: segment.segment, event, shown: () => segment.shown, decoding });
  };

  const add = async (block: FrameBlock) => {
    if (block.kind === 'silence') {
      history.addSilence(block.frames);
      frames += block.frames;
      vad = voiceActivity.stream();
      for (const event of segmenter.addSilence(block.frames)) handle(event);
    } else {
      const count = block.pcm.length / FRAME_SAMPLES;
      loudness.forget(policy.rememberedPerSecond ** (framesToMs(count) / 1000));
      loudness.add(block.pcm);
      history.add(block.pcm);
      const probabilities = await vad.listen(amplify(block.pcm, loudness.gain()));
      for (const [index, probability] of probabilities.entries()) {
        frames++;
        const level = powerOf(block.pcm.subarray(index * FRAME_SAMPLES, (index + 1) * FRAME_SAMPLES));
        for (const event of segmenter.add(probability, level, open?.midSentence ?? false)) handle(event);
      }
    }
    history.forget(Math.min(segmenter.needed, previous?.event.start ?? segmenter.needed));
    if (previous !== undefined && segmenter.needed - previous.event.end > policy.contextGap)
      previous = undefined;
    maybePartial();
    reportState();
    await finals.room();
  };

  for await (const chunk of chunks) {
    signal.throwIfAborted();
    for (const block of reader.add(chunk)) await add(block);
  }
  signal.throwIfAborted();
  for (const block of reader.end()) await add(block);
  ended = true;
  for (const event of segmenter.end()) handle(event);
  options.onEnded?.();
  reportState(true);
  await partial;
  await finals.done();
  reportState(true);
}

const endsSentence = (text: string) => /[.?!…]["'”’)]*$/.test(text);

/** Power of PCM16, dB. */
function powerOf(pcm: Int16Array): number {
  let sum = 0;
  for (let i = 0; i < pcm.length; i++) sum += (pcm[i] as number) ** 2;
  return 10 * Math.log10(sum / pcm.length);
}
