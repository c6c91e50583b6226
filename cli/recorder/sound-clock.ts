import { SAMPLE_RATE } from '@speakr/contracts/stream';
import type { Clock } from '../clock.ts';

export type LostReason = 'sleep' | 'overrun';

/** Audio of a live source, and how much was lost just before it. */
export interface HeardAudio {
  readonly pcm: Uint8Array;
  /** 0 when it follows what was heard before. */
  readonly lostMs: number;
  readonly reason: LostReason;
}

/** Sound that comes this much later than usual is late, not lost: drivers and pipes deliver in bursts, ms. */
const TOLERANCE_MS = 250;
/** Without any audio for so long something stood still, ms. */
const STALL_MS = 1000;
/**
 * After a stall audio that was kept somewhere comes at once, with pauses on a busy machine. It is at its pace again when
 * so many chunks took so long, ms, of which one pause counts no more than this, ms.
 */
const PACE_CHUNKS = 5;
const PACE_MS = 300;
const LONGEST_PAUSE_MS = 150;
/** A burst is over after this at the latest, ms: what is held is on no disk. */
const BURST_MS = 10_000;
/** Lateness is judged by the best of so many chunks: 2 s. */
const WINDOW_CHUNKS = 20;
/** Crystals of sound devices are this far off at most; slower sound than that has lost samples. */
const MOST_DRIFT = 0.0005;
const BEAT_MS = 250;

/**
 * Compares what a live source delivers with the time that passes, and tells what is missing: because the machine or
 * this process slept, or because samples were dropped on the way. A clock of the device that is merely a little slow or
 * fast (up to 500 ppm) loses nothing and is followed.
 */
export function createSoundClock(clock: Pick<Clock, 'monotonic'>) {
  let firstAt: number | undefined;
  let lastAt = 0;
  let lastBeat = clock.monotonic();
  let sleptUntil = Number.NEGATIVE_INFINITY;
  /** Audio heard and audio counted as lost, ms. */
  let accountedMs = 0;
  /** How late sound usually comes, ms. */
  let usualMs: number | undefined;
  let latest: number[] = [];
  /** Heard since a stall; what was lost in it is known when the burst is over. */
  let held: Uint8Array[] | undefined;
  let heldSince = 0;
  /** Time before each of the last chunks that are held, ms. */
  let pauses: number[] = [];
  let heldReason: LostReason = 'overrun';

  function beat(now = clock.monotonic()): void {
    if (now - lastBeat > STALL_MS) sleptUntil = now;
    lastBeat = now;
  }

  const lateness = (now: number) => now - (firstAt ?? now) - accountedMs;

  function lose(ms: number): number {
    accountedMs += ms;
    latest = [];
    return ms;
  }

  function release(now: number): HeardAudio[] {
    const [first, ...others] = held ?? [];
    const reason = heldReason;
    held = undefined;
    if (first === undefined) return [];
    const missing = lateness(now) - (usualMs ?? 0);
    const lostMs = missing > TOLERANCE_MS ? lose(missing) : 0;
    return [{ pcm: first, lostMs, reason }, ...others.map((pcm) => ({ pcm, lostMs: 0, reason }))];
  }

  function hear(pcm: Uint8Array): HeardAudio[] {
    const now = clock.monotonic();
    const sinceLast = firstAt === undefined ? 0 : now - lastAt;
    firstAt ??= now - msOf(pcm);
    if (sinceLast > STALL_MS) {
      const released = release(now - sinceLast);
      const stoodStillAt = lastAt;
      beat(now);
      lastAt = now;
      heldSince = now;
      pauses = [];
      heldReason = sleptUntil > stoodStillAt ? 'sleep' : 'overrun';
      held = [pcm];
      accountedMs += msOf(pcm);
      return released;
    }
    lastAt = now;
    accountedMs += msOf(pcm);
    if (held !== undefined) {
      held.push(pcm);
      pauses = [...pauses, Math.min(sinceLast, LONGEST_PAUSE_MS)].slice(-PACE_CHUNKS);
      const isAtPace = pauses.reduce((sum, pause) => sum + pause, 0) >= PACE_MS;
      return isAtPace || now - heldSince > BURST_MS ? release(now) : [];
    }
    const late = lateness(now);
    usualMs ??= late;
    latest.push(late);
    if (latest.length < WINDOW_CHUNKS) return [{ pcm, lostMs: 0, reason: 'overrun' }];
    const best = Math.min(...latest);
    latest.shift();
    const missing = best - usualMs;
    const lostMs = missing > TOLERANCE_MS ? lose(missing) : 0;
    if (missing < 0) usualMs = best;
    else if (lostMs === 0) usualMs += Math.min(missing, msOf(pcm) * MOST_DRIFT);
    return [{ pcm, lostMs, reason: 'overrun' }];
  }

  return {
    hear,
    /** To be called every `BEAT_MS`: that it was not says that this process stood still. */
    beat: () => beat(),
    /** What is held at the end. */
    end: () => release(clock.monotonic()),
  };
}

/** What a live source delivers, with what it lost. */
export async function* watchSound(
  chunks: AsyncIterable<Uint8Array>,
  clock: Pick<Clock, 'monotonic'>,
): AsyncGenerator<HeardAudio> {
  const sound = createSoundClock(clock);
  const timer = setInterval(sound.beat, BEAT_MS);
  timer.unref();
  try {
    for await (const pcm of chunks) yield* sound.hear(pcm);
    yield* sound.end();
  } finally {
    clearInterval(timer);
  }
}

const msOf = (pcm: Uint8Array) => (pcm.byteLength / 2 / SAMPLE_RATE) * 1000;
