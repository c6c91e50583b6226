import { once } from 'node:events';
import { Readable } from 'node:stream';
import { SpeakrError } from '@speakr/contracts/problem';
import { type Capture, type CaptureOptions, startCapture } from './capture.ts';
import { fileArguments } from './capture-arguments.ts';
import { readWavStream, type WavStream } from './wav-stream.ts';

interface StdinCaptureOptions extends Pick<CaptureOptions, 'ffmpeg' | 'env' | 'pace'> {
  readonly stdin: Readable;
}

/**
 * Captures what comes on stdin, in any format ffmpeg reads. To find out what a WAV is ffmpeg takes the first five
 * seconds of a live one; its header is read here.
 * @returns a capture whose chunks throw SpeakrError `file_empty` when nothing comes at all
 */
export function startStdinCapture({ stdin, ...options }: StdinCaptureOptions): Capture {
  const stopping = new AbortController();
  let capture: Capture | undefined;

  async function* chunks(): AsyncGenerator<Uint8Array> {
    const { head, wav, ended } = await readHead(stdin, stopping.signal);
    if (stopping.signal.aborted) return;
    if (head.length === 0)
      throw new SpeakrError('file_empty', 'Nothing came on stdin.', {
        hint: 'Check the program before the pipe: does it write audio to its stdout?',
      });
    const rest = head.subarray(wav?.dataAt ?? 0);
    if (!ended && rest.length > 0) stdin.unshift(rest);
    capture = startCapture({
      ...options,
      arguments: fileArguments('-', wav?.input),
      stdin: ended ? Readable.from([rest]) : stdin,
    });
    yield* capture.chunks;
  }

  return {
    chunks: chunks(),
    stop() {
      stopping.abort();
      capture?.stop();
    },
    postpone: (ms) => capture?.postpone(ms),
    get startedAt() {
      return capture?.startedAt;
    },
    get stopped() {
      return stopping.signal.aborted;
    },
    get said() {
      return capture?.said ?? '';
    },
  };
}

interface Head {
  /** The first bytes, taken out of the stream. */
  readonly head: Buffer;
  readonly wav?: WavStream;
  /** Nothing follows. */
  readonly ended: boolean;
}

/** Reads until it is known what comes. */
async function readHead(stdin: Readable, signal: AbortSignal): Promise<Head> {
  let head: Buffer = Buffer.alloc(0);
  while (!signal.aborted) {
    const bytes = stdin.read() as Buffer | null;
    if (bytes === null) {
      if (stdin.readableEnded || stdin.destroyed) break;
      await Promise.race(['readable', 'end', 'close'].map((event) => once(stdin, event, { signal }))).catch(
        () => undefined,
      );
      continue;
    }
    head = Buffer.concat([head, bytes]);
    const found = readWavStream(head);
    if (found === undefined) return { head, ended: false };
    if (found !== 'more') return { head, wav: found, ended: false };
  }
  return { head, ended: true };
}
