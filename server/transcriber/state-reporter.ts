import type { Message } from '@speakr/contracts/events';
import type { Captions } from '../captions/captions.ts';
import type { Clock } from '../clock.ts';
import type { LiveMode } from './live-session.ts';
import { SAMPLES_PER_MS } from './speech-policy.ts';

/** How far a track has come. */
export interface TrackProgress {
  readSamples: number;
  throughSample: number;
  segments: number;
  /** Segments that the second pass has written. */
  revised: number;
}

/** Merges what the tracks report into `state` captions of the recording, at most one a second unless the mode changes. */
export interface StateReporter {
  changed(): void;
  /** Adds to the time spent decoding. */
  decoded(seconds: number): void;
  /** Reports at once: nothing more comes of a track. */
  ended(): void;
  live(track: number, mode: LiveMode, lagMs: number): void;
  available(track: number): number;
}

export interface StateReporterOptions {
  readonly owner: string;
  readonly run: Message<'transcription.run.v1'>['data'];
  readonly captions: Captions;
  readonly clock: Clock;
  /** Samples of each track that are there by now; undefined when unknown. */
  readonly available: () => Promise<ReadonlyMap<number, number> | undefined>;
  readonly onProgress?: (share: number) => void;
}

const STATE_INTERVAL_MS = 500;
const AVAILABLE_INTERVAL_MS = 250;
/** From the best to the worst; the worst of all tracks is shown. */
const modes: readonly LiveMode[] = ['batch', 'live', 'finals-only', 'deferred', 'finishing'];

export function createStateReporter(
  { owner, captions, run, clock, available, onProgress }: StateReporterOptions,
  progress: ReadonlyMap<number, TrackProgress>,
): StateReporter {
  const reported = new Map<number, { mode: LiveMode; lagMs: number }>();
  let there: ReadonlyMap<number, number> = new Map();
  let askedAt = Number.NEGATIVE_INFINITY;
  let publishedAt = Number.NEGATIVE_INFINITY;
  let publishedMode: LiveMode | undefined;
  let decodeSeconds: number | undefined;

  const ask = () => {
    const now = clock.monotonic();
    if (now - askedAt < AVAILABLE_INTERVAL_MS) return;
    askedAt = now;
    available().then(
      (samples) => {
        there = samples ?? there;
      },
      // The log was removed under us: reading it fails in its own turn.
      () => {},
    );
  };
  const samplesThere = (track: number) => {
    ask();
    return Math.max(there.get(track) ?? 0, progress.get(track)?.readSamples ?? 0);
  };
  const publish = (force = false) => {
    let mode: LiveMode = run.mode;
    let lagMs = 0;
    let transcribed = Number.POSITIVE_INFINITY;
    for (const [track, { throughSample }] of progress) {
      const report = reported.get(track);
      if (report !== undefined && modes.indexOf(report.mode) > modes.indexOf(mode)) mode = report.mode;
      const behind = (samplesThere(track) - throughSample) / SAMPLES_PER_MS;
      lagMs = Math.max(lagMs, report?.lagMs ?? behind);
      transcribed = Math.min(transcribed, throughSample / SAMPLES_PER_MS);
    }
    if (run.mode === 'batch' && Number.isFinite(transcribed)) onProgress?.(shareOf(progress, samplesThere));
    const now = clock.monotonic();
    if (!force && mode === publishedMode && now - publishedAt < STATE_INTERVAL_MS) return;
    publishedMode = mode;
    publishedAt = now;
    captions.publish(owner, run.recordingId, {
      type: 'state',
      mode,
      lagMs: Math.max(0, Math.round(lagMs)),
      transcribedMs: Number.isFinite(transcribed) ? Math.floor(transcribed) : 0,
      ...(decodeSeconds === undefined ? {} : { decodeMs: Math.round(decodeSeconds * 1000) }),
    });
  };
  return {
    changed: () => publish(),
    decoded(seconds) {
      decodeSeconds = (decodeSeconds ?? 0) + seconds;
    },
    ended: () => publish(true),
    live(track, mode, lagMs) {
      reported.set(track, { mode, lagMs });
      publish();
    },
    available: samplesThere,
  };
}

/** Of all samples that are there, over all tracks. */
function shareOf(
  progress: ReadonlyMap<number, TrackProgress>,
  samplesThere: (track: number) => number,
): number {
  let through = 0;
  let there = 0;
  for (const [track, { throughSample }] of progress) {
    through += throughSample;
    there += Math.max(throughSample, samplesThere(track));
  }
  return there === 0 ? 0 : through / there;
}
