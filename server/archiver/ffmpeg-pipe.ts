import { spawn } from 'node:child_process';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { SpeakrError } from '@speakr/contracts/problem';

/**
 * Sends bytes through ffmpeg and returns what comes out, as it comes.
 * @throws SpeakrError `ffmpeg_missing`; an Error with the end of ffmpeg's messages when it fails
 */
export async function* throughFfmpeg(
  ffmpeg: string,
  args: readonly string[],
  input: AsyncIterable<Uint8Array>,
  signal?: AbortSignal,
): AsyncGenerator<Buffer> {
  const child = spawn(ffmpeg, ['-hide_banner', '-loglevel', 'error', '-nostdin', ...args], {
    stdio: ['pipe', 'pipe', 'pipe'],
    windowsHide: true,
  });
  let messages = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    messages = (messages + text).slice(-2000);
  });
  const ended = new Promise<void>((resolve, reject) => {
    child.once('error', (cause: NodeJS.ErrnoException) =>
      reject(cause.code === 'ENOENT' ? new SpeakrError('ffmpeg_missing', undefined, { cause }) : cause),
    );
    child.once('close', (code) =>
      code === 0 ? resolve() : reject(new Error(`ffmpeg ended with ${code}: ${messages.trim()}`)),
    );
  });
  ended.catch(() => {});
  // A broken pipe only means that ffmpeg has ended, and `ended` says why; an error of the input itself counts.
  let inputError: unknown;
  const fed = pipeline(Readable.from(watch(input)), child.stdin).catch(() => {});
  async function* watch(source: AsyncIterable<Uint8Array>) {
    const iterator = source[Symbol.asyncIterator]();
    try {
      for (;;) {
        // Not around the yield: there the pipeline throws when ffmpeg goes away.
        const next = await iterator.next().catch((error: unknown) => {
          inputError = error;
          throw error;
        });
        if (next.done) return;
        yield next.value;
      }
    } finally {
      await iterator.return?.();
    }
  }
  const abort = () => child.kill('SIGKILL');
  signal?.addEventListener('abort', abort, { once: true });
  try {
    signal?.throwIfAborted();
    yield* child.stdout as AsyncIterable<Buffer>;
    await fed;
    if (inputError !== undefined) throw inputError;
    await ended;
  } catch (error) {
    signal?.throwIfAborted();
    if (inputError !== undefined) throw inputError;
    // Why ffmpeg ended says more than that its output did.
    await ended;
    throw error;
  } finally {
    signal?.removeEventListener('abort', abort);
    // Whoever stops reading early is done with it.
    child.kill('SIGKILL');
  }
}
