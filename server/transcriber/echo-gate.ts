import type { LogChunk } from '../audio-log/audio-log.ts';
import { ECHO_SHARE, ECHO_TOLERANCE_MS, echoShare, type Heard } from './echo.ts';
import { SAMPLES_PER_MS } from './speech-policy.ts';

/**
 * Tells the echo of the loudspeakers in the microphone from what is said into it: by the words that were played at
 * about the same time. Where that is not certain, it is speech.
 */
export interface EchoGate {
  /** The track of what the computer plays, as it is read. */
  overhear(chunks: AsyncIterable<LogChunk>): AsyncIterable<LogChunk>;
  /** Words on that track: of a segment that is open, or settled. */
  played(segment: Heard, settled: boolean): void;
  /** All speech on that track before this moment is known. */
  playedThrough(ms: number): void;
  /** Nothing more will be played. */
  playedAll(): void;
  /** Whether what is being said looks like an echo so far; then it is better not shown. */
  looksLikeEcho(partial: Heard): boolean;
  /** Whether something that was heard was an echo, by what is known now. */
  isEcho(segment: Heard): boolean;
  /** The same, as soon as it can be told; waits only while something is played, and never long. */
  judge(segment: Heard): Promise<boolean>;
}

/** A partial is held back from this share on: it has few words yet, and an echo must not flash up. */
const PARTIAL_SHARE = 0.6;
/** A settled segment waits at most this long for the words that were played meanwhile, ms. */
const WAIT_MS = 2500;
/** The newest word of an open segment may still be missing in its text, ms. */
const OPEN_MARGIN_MS = 400;
/** Sound on the track that is played; digital silence and dither are below: −60 dBFS. */
const SOUNDING = 32;
/** How long what was played is remembered: windows of the second pass come later than their segments, ms. */
const REMEMBERED_MS = 120_000;

export function createEchoGate(waitMs = WAIT_MS): EchoGate {
  let settled: Heard[] = [];
  let open: Heard | undefined;
  let throughMs = 0;
  let readMs = 0;
  let ended = false;
  /** Stretches of sound, ms; the last may grow. */
  let sounding: { from: number; to: number }[] = [];
  const waiting = new Set<() => void>();

  const changed = () => {
    for (const wake of waiting) wake();
  };
  const all = () => (open === undefined ? settled : [...settled, open]);
  const forget = () => {
    const before = Math.max(readMs, throughMs) - REMEMBERED_MS;
    if (ended || (settled[0]?.endMs ?? before) >= before) return;
    settled = settled.filter(({ endMs }) => endMs >= before);
    sounding = sounding.filter(({ to }) => to >= before);
  };
  const coveredMs = () => Math.max(throughMs, (open?.endMs ?? 0) - OPEN_MARGIN_MS);

  function hear(chunk: LogChunk): void {
    const from = chunk.offset / SAMPLES_PER_MS;
    const samples = 'pcm' in chunk ? chunk.pcm.byteLength / 2 : chunk.gapSamples;
    readMs = from + samples / SAMPLES_PER_MS;
    if ('pcm' in chunk && isSounding(chunk.pcm)) {
      const last = sounding.at(-1);
      if (last !== undefined && from - last.to <= ECHO_TOLERANCE_MS) last.to = readMs;
      else sounding.push({ from, to: readMs });
    }
    changed();
  }

  /** Undefined while it cannot be told. */
  function verdict(segment: Heard): boolean | undefined {
    if (!ended && readMs < segment.endMs) return undefined;
    const from = segment.startMs - ECHO_TOLERANCE_MS;
    if (!sounding.some((stretch) => stretch.to >= from && stretch.from <= segment.endMs)) return false;
    if (echoShare(segment, all()) >= ECHO_SHARE) return true;
    return ended || coveredMs() >= segment.endMs ? false : undefined;
  }

  return {
    async *overhear(chunks) {
      for await (const chunk of chunks) {
        hear(chunk);
        yield chunk;
      }
    },
    played(segment, isSettled) {
      if (isSettled) {
        open = undefined;
        if (segment.text !== '') settled.push(segment);
        throughMs = Math.max(throughMs, segment.endMs);
        forget();
      } else open = segment;
      changed();
    },
    playedThrough(ms) {
      if (ms <= throughMs) return;
      throughMs = ms;
      changed();
    },
    playedAll() {
      ended = true;
      changed();
    },
    looksLikeEcho: (partial) => echoShare(partial, all()) >= PARTIAL_SHARE,
    isEcho: (segment) => echoShare(segment, all()) >= ECHO_SHARE,
    async judge(segment) {
      const late = AbortSignal.timeout(waitMs);
      for (;;) {
        const known = verdict(segment);
        if (known !== undefined) return known;
        if (late.aborted) return false;
        await new Promise<void>((resolve) => {
          const wake = () => {
            waiting.delete(wake);
            late.removeEventListener('abort', wake);
            resolve();
          };
          waiting.add(wake);
          late.addEventListener('abort', wake);
        });
      }
    },
  };
}

function isSounding(pcm: Uint8Array): boolean {
  const view = new DataView(pcm.buffer, pcm.byteOffset, pcm.byteLength);
  for (let at = 0; at + 1 < pcm.byteLength; at += 2)
    if (Math.abs(view.getInt16(at, true)) > SOUNDING) return true;
  return false;
}
