import { SpeakrError } from '@speakr/contracts/problem';
import { SAMPLE_RATE } from '@speakr/contracts/stream';
import type { Clock } from '../clock.ts';
import type { Capture } from './capture.ts';
import { type HeardAudio, watchSound } from './sound-clock.ts';
import type { GapReason, SpoolTrack } from './spool-track.ts';
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
  /** What may take the place of a device that has vanished and does not come back at once. */
  readonly fallback?: TrackInput;
  /** The device has vanished; it is waited for. */
  onLost?(): void;
  /** Sound is back, from the same device or from `fallback`. */
  onFound?(from: TrackInput): void;
  /** How long a device that has vanished is waited for, ms. */
  readonly deviceWaitMs?: number;
  /** How long another input may take to give sound, ms. */
  readonly switchMs?: number;
}

/** A device that has vanished is waited for so long, ms; then the recording ends with what there is. */
const DEVICE_WAIT_MS = 10 * 60_000;
/** So long only the same device will do: a plug that is put back, ms. */
const SAME_DEVICE_MS = 2000;
const LOOK_AGAIN_MS = 500;

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
  const stopping = Promise.withResolvers<void>();
  /** Others that may still be heard. */
  let pending = 0;
  /** The capture in use ended while another was tried. */
  let lost = false;
  /** Tried in vain: what comes from them all the same, in their last breath, is not taken. */
  const givenUp = new WeakSet<Capture>();

  async function pump(of: TrackInput, from: Capture, onHeard: () => void): Promise<void> {
    let heard = false;
    /** Moment of the next sample. */
    let at = 0;
    let aligned = false;
    let afterPause = false;
    let gapReason: GapReason = 'device_lost';
    for await (const { pcm, lostMs, reason } of soundOf(of, from, clock)) {
      if ((stopped && from !== capture) || givenUp.has(from)) return;
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
      if (lostMs > 0) {
        at += lostMs;
        aligned = false;
        gapReason = reason;
      }
      const parts = timeline.kept(at, at + msOf(pcm));
      const whole = parts.length === 1 && parts[0]?.from === at && parts[0].to === at + msOf(pcm);
      if (!whole) aligned = false;
      for (const part of parts) {
        const bytes = pcm.subarray(bytesOf(part.from - at), bytesOf(part.to - at));
        const fitting: Uint8Array = aligned ? bytes : align(track, part.from, bytes, afterPause, gapReason);
        // What the track has already may reach into the next chunk.
        aligned = fitting.byteLength > 0;
        if (!aligned) continue;
        afterPause = false;
        gapReason = 'device_lost';
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
  function align(
    track: SpoolTrack,
    at: number,
    pcm: Uint8Array,
    afterPause: boolean,
    reason: GapReason,
  ): Uint8Array {
    const missing = Math.round(samplesOf(timeline.position(at))) - track.samples;
    // Before the first sample of a track, and around a pause, nothing was lost.
    if (missing > 0 && (track.samples === 0 || afterPause)) track.append(new Uint8Array(missing * 2));
    else if (missing > ROUNDING_SAMPLES) track.appendGap(missing, reason);
    else if (missing < -ROUNDING_SAMPLES) return pcm.subarray(-missing * 2);
    return pcm;
  }

  function run(of: TrackInput, from: Capture, onHeard: () => void): Promise<void> {
    return pump(of, from, onHeard)
      .then(() => {
        if (from === capture && pending === 0) endOrWait();
        else if (from === capture) lost = true;
      })
      .catch(reject);
  }
  void run(input, capture, () => undefined);

  function endOrWait(): void {
    // A file is over, and a device that was never heard will not be.
    if (input.kind === 'file' || stopped || !timeline.begun) resolve();
    else waitForDevice().catch(reject);
  }

  /** Tries the device again, then the fallback as well, until one is heard, the user stops, or patience ends. */
  async function waitForDevice(): Promise<void> {
    const gone = capture;
    const since = clock.monotonic();
    const waitedMs = () => clock.monotonic() - since;
    const waiting = () =>
      !stopped && capture === gone && waitedMs() < (options.deviceWaitMs ?? DEVICE_WAIT_MS);
    options.onLost?.();
    while (waiting()) {
      const { fallback } = options;
      const candidates = fallback === undefined || waitedMs() < SAME_DEVICE_MS ? [input] : [input, fallback];
      for (const candidate of candidates)
        if (waiting() && (await hearFrom(candidate))) {
          options.onFound?.(candidate);
          return;
        }
      if (waiting()) await Promise.race([pause(LOOK_AGAIN_MS), stopping.promise]);
    }
    // The user has chosen another device meanwhile.
    if (capture !== gone) return;
    const track = options.track();
    const missing = Math.round(samplesOf(timeline.position(clock.monotonic()))) - track.samples;
    if (missing > ROUNDING_SAMPLES) track.appendGap(missing, 'device_lost');
    resolve();
  }

  /** Whether an input gives sound; it is then the one in use. */
  async function hearFrom(other: TrackInput): Promise<boolean> {
    const next = other.open();
    pending += 1;
    const heard = Promise.withResolvers<boolean>();
    const timer = setTimeout(() => heard.resolve(false), options.switchMs ?? SWITCH_MS);
    void run(other, next, () => heard.resolve(true)).then(() => heard.resolve(false));
    const works = await Promise.race([heard.promise, stopping.promise.then(() => false)]);
    clearTimeout(timer);
    pending -= 1;
    if (works) return true;
    givenUp.add(next);
    next.stop();
    return false;
  }

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
      stopping.resolve();
      capture.stop();
    },
    async switchTo(other) {
      if (await hearFrom(other)) return;
      if (lost && pending === 0) endOrWait();
      throw new SpeakrError('microphone_missing', 'The other device gives no sound.', {
        hint: 'The recording goes on with the one before.',
      });
    },
  };
}

/** What a capture gives; of a live one also what it lost. */
async function* soundOf(of: TrackInput, from: Capture, clock: Clock): AsyncGenerator<HeardAudio> {
  if (of.kind === 'file') for await (const pcm of from.chunks) yield { pcm, lostMs: 0, reason: 'overrun' };
  else yield* watchSound(from.chunks, clock);
}

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms).unref());
const msOf = (pcm: Uint8Array) => (pcm.byteLength / 2 / SAMPLE_RATE) * 1000;
const samplesOf = (ms: number) => (ms * SAMPLE_RATE) / 1000;
const bytesOf = (ms: number) => Math.round(samplesOf(ms)) * 2;
