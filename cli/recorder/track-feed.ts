import { SpeakrError } from '@speakr/contracts/problem';
import { SAMPLE_RATE } from '@speakr/contracts/stream';
import type { Clock } from '../clock.ts';
import type { Capture } from './capture.ts';
import type { SpoolTrack } from './spool-track.ts';
import type { Timeline } from './timeline.ts';

/** What fills a track. */
export interface TrackInput {
  /** Who or what is heard on it. */
  readonly label: string;
  /** A microphone, what the computer plays, or a file. */
  readonly kind: 'microphone' | 'system' | 'file';
  /** Starts ffmpeg at once: audio is taken before anything else is up. */
  open(): Capture;
}

/** Fills one track from one capture after the other. */
export interface TrackFeed {
  readonly input: TrackInput;
  readonly capture: Capture;
  /** Ends capture. Idempotent. */
  stop(): void;
  /**
   * Goes on with another input. The one before is let go when the other is heard: nothing is missed between them.
   * @throws SpeakrError `microphone_missing` when the other gives no sound; then the one before goes on
   */
  switchTo(input: TrackInput): Promise<void>;
  /** Resolves when the capture in use has ended, asked or not. */
  readonly ended: Promise<void>;
}

interface TrackFeedOptions {
  readonly input: TrackInput;
  readonly clock: Clock;
  readonly timeline: Timeline;
  /** The spool's track; there from `onFirst` on. */
  track(): SpoolTrack;
  /** Audio is there; the timeline has begun. Called for every capture. */
  onFirst(): void;
  /** Called with what was added to the track. */
  onAudio(pcm: Uint8Array): void;
  /** Called with what was heard and left out, because the recording is paused. */
  onPaused(pcm: Uint8Array): void;
}

/** How long another input may take to give sound, ms. */
const SWITCH_MS = 5000;
/** Captures are laid out by the sample; what differs by less than this is rounding. */
const ROUNDING_SAMPLES = 16;

export function feedTrack(options: TrackFeedOptions): TrackFeed {
  const { clock, timeline } = options;
  const { promise: ended, resolve, reject } = Promise.withResolvers<void>();
  let input = options.input;
  let capture = input.open();
  let stopped = false;
  /** Others that may still be heard. */
  let pending = 0;
  /** The capture in use ended while another was tried. */
  let lost = false;

  async function pump(of: TrackInput, from: Capture, onHeard: () => void): Promise<void> {
    let heard = false;
    /** Moment of the next sample. */
    let at = 0;
    let aligned = false;
    let afterPause = false;
    for await (const pcm of from.chunks) {
      if (stopped && from !== capture) return;
      if (!heard) {
        heard = true;
        at = from.startedAt ?? clock.monotonic() - (of.kind === 'file' ? 0 : msOf(pcm));
        if (from !== capture) {
          capture.stop();
          capture = from;
          input = of;
          lost = false;
        }
        timeline.begin(at);
        options.onFirst();
        onHeard();
      }
      if (from !== capture) return;
      const track = options.track();
      if (of.kind === 'file') {
        const pausedAt = clock.monotonic();
        await timeline.running();
        from.postpone(clock.monotonic() - pausedAt);
        track.append(pcm);
        options.onAudio(pcm);
        await track.room();
        continue;
      }
      const parts = timeline.kept(at, at + msOf(pcm));
      const whole = parts.length === 1 && parts[0]?.from === at && parts[0].to === at + msOf(pcm);
      if (!whole) aligned = false;
      for (const part of parts) {
        const bytes = pcm.subarray(bytesOf(part.from - at), bytesOf(part.to - at));
        const fitting: Uint8Array = aligned ? bytes : align(track, part.from, bytes, afterPause);
        // What the track has already may reach into the next chunk.
        aligned = fitting.byteLength > 0;
        if (!aligned) continue;
        afterPause = false;
        track.append(fitting);
        options.onAudio(fitting);
      }
      if (!whole) {
        aligned = false;
        afterPause = true;
      }
      if (parts.length === 0) options.onPaused(pcm);
      at += msOf(pcm);
    }
  }

  /** Makes the track as long as the position of a moment says, or leaves out what it has already. */
  function align(track: SpoolTrack, at: number, pcm: Uint8Array, afterPause: boolean): Uint8Array {
    const missing = Math.round(samplesOf(timeline.position(at))) - track.samples;
    // Before the first sample of a track, and around a pause, nothing was lost.
    if (missing > 0 && (track.samples === 0 || afterPause)) track.append(new Uint8Array(missing * 2));
    else if (missing > ROUNDING_SAMPLES) track.appendGap(missing, 'device_lost');
    else if (missing < -ROUNDING_SAMPLES) return pcm.subarray(-missing * 2);
    return pcm;
  }

  function run(of: TrackInput, from: Capture, onHeard: () => void): Promise<void> {
    return pump(of, from, onHeard)
      .then(() => {
        if (from === capture && pending === 0) resolve();
        else if (from === capture) lost = true;
      })
      .catch(reject);
  }
  void run(input, capture, () => undefined);

  return {
    get input() {
      return input;
    },
    get capture() {
      return capture;
    },
    ended,
    stop() {
      stopped = true;
      capture.stop();
    },
    async switchTo(other) {
      const next = other.open();
      pending += 1;
      const heard = Promise.withResolvers<boolean>();
      const timer = setTimeout(() => heard.resolve(false), SWITCH_MS);
      void run(other, next, () => heard.resolve(true)).then(() => heard.resolve(false));
      const works = await heard.promise;
      clearTimeout(timer);
      pending -= 1;
      if (works) return;
      next.stop();
      if (lost && pending === 0) resolve();
      throw new SpeakrError('microphone_missing', 'The other device gives no sound.', {
        hint: 'The recording goes on with the one before.',
      });
    },
  };
}

const msOf = (pcm: Uint8Array) => (pcm.byteLength / 2 / SAMPLE_RATE) * 1000;
const samplesOf = (ms: number) => (ms * SAMPLE_RATE) / 1000;
const bytesOf = (ms: number) => Math.round(samplesOf(ms)) * 2;
