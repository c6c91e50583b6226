import { spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { SAMPLE_RATE } from '@speakr/contracts/stream';
import { systemClock } from '../clock.ts';
import { statedStartMs } from './capture-error.ts';

/** Bytes of 100 ms of PCM16LE mono at `SAMPLE_RATE`. */
export const CHUNK_BYTES = (SAMPLE_RATE / 10) * 2;

export interface CaptureOptions {
  readonly ffmpeg: string;
  readonly arguments: readonly string[];
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** What ffmpeg reads as its stdin. */
  readonly stdin?: Readable;
  /** `real`: a file is given out no faster than it would be heard. Microphones set their own pace. */
  readonly pace?: 'real' | 'fast';
}

export interface Capture {
  /** PCM16LE mono in chunks of 100 ms; the last may be shorter. Ends when ffmpeg ends or after `stop`. */
  readonly chunks: AsyncIterable<Uint8Array>;
  /** Asks ffmpeg to hand out what it has and end. Idempotent. */
  stop(): void;
  /** A source at its own pace goes on this much later, ms. */
  postpone(ms: number): void;
  /** When the first sample was captured, ms of the monotonic clock; known from the first chunk on, where ffmpeg says. */
  readonly startedAt: number | undefined;
  /** True when it ended because of `stop`. */
  readonly stopped: boolean;
  /** What ffmpeg said on stderr so far, at most the last 16 KiB. */
  readonly said: string;
}

/** A stated start further back than this is of another clock, ms. */
const PLAUSIBLE_MS = 5000;

/** Runs ffmpeg and gives its audio in chunks. */
export function startCapture(options: CaptureOptions): Capture {
  const { stdin, pace = 'fast' } = options;
  const child = spawn(options.ffmpeg, [...options.arguments], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...options.env, LC_ALL: 'C' } as NodeJS.ProcessEnv,
    // In a process group of its own, so that Ctrl-C in the terminal reaches speakr only. When speakr is killed, ffmpeg
    // ends at its next write into the closed pipe.
    detached: process.platform !== 'win32',
    windowsHide: true,
  });
  let said = '';
  let stopped = false;
  let pacedFrom = 0;
  let startedAt: number | undefined;
  const note = (text: string) => {
    said = (said + text).slice(-16_384);
  };
  child.stderr.setEncoding('utf8').on('data', note);
  child.on('error', (error) => note(`${error.message}\n`));
  // ffmpeg may end before it has read all of its input.
  child.stdin.on('error', () => undefined);
  if (stdin !== undefined) stdin.pipe(child.stdin);
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));

  async function* chunks(): AsyncGenerator<Uint8Array> {
    let rest: Uint8Array = new Uint8Array(0);
    let first = true;
    let given = 0;
    const due = async () => {
      if (pace === 'real' && !stopped) {
        const wait = pacedFrom + given * 100 - systemClock.monotonic();
        if (wait > 1) await sleep(wait);
      }
      given += 1;
    };
    try {
      for await (const data of child.stdout as AsyncIterable<Buffer>) {
        if (first) {
          first = false;
          pacedFrom = systemClock.monotonic();
        }
        const joined = rest.byteLength === 0 ? data : Buffer.concat([rest, data]);
        let at = 0;
        for (; joined.byteLength - at >= CHUNK_BYTES; at += CHUNK_BYTES) {
          if (given === 0) startedAt = statedStart(said);
          await due();
          // What a file would have given after the stop was not heard.
          if (stopped && pace === 'real') return;
          yield joined.subarray(at, at + CHUNK_BYTES);
        }
        rest = joined.subarray(at);
      }
      const even = rest.byteLength - (rest.byteLength % 2);
      if (even > 0) {
        await due();
        yield rest.subarray(0, even);
      }
      await ended;
    } finally {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
      if (stdin !== undefined) stdin.unpipe(child.stdin);
    }
  }

  return {
    chunks: chunks(),
    stop() {
      if (stopped) return;
      stopped = true;
      // A pipe may stay open for ever, and ffmpeg hears no signal while it waits for it: what came so far is all there is.
      if (stdin !== undefined) {
        stdin.unpipe(child.stdin);
        child.stdin.end();
      }
      // SIGINT makes ffmpeg flush; Windows only knows the key.
      else if (process.platform === 'win32') child.stdin.write('q');
      else child.kill('SIGINT');
    },
    postpone(ms) {
      pacedFrom += ms;
    },
    get startedAt() {
      return startedAt;
    },
    get stopped() {
      return stopped;
    },
    get said() {
      return said;
    },
  };
}

/** Sound systems tell ffmpeg how old the first sample was: the start it states is exact where arrival is not. */
function statedStart(said: string): number | undefined {
  const ageMs = systemClock.now() - (statedStartMs(said) ?? 0);
  return ageMs >= 0 && ageMs < PLAUSIBLE_MS ? systemClock.monotonic() - ageMs : undefined;
}
