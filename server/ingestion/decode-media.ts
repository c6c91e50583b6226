import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { setPriority } from 'node:os';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { SpeakrError } from '@speakr/contracts/problem';
import { SAMPLE_RATE } from '@speakr/contracts/stream';

/** What reading a file may cost: whoever made it is not trusted. */
export interface MediaLimits {
  /** Longest audio, ms. */
  readonly maxDurationMs: number;
  /** Processor time of ffmpeg, seconds. */
  readonly cpuSeconds: number;
  /** Address space of ffmpeg, bytes; where the system can hold it to that. */
  readonly memoryBytes: number;
  /** Longest wait for the next sound, ms. */
  readonly stallMs: number;
}

export const mediaLimits: Omit<MediaLimits, 'maxDurationMs'> = {
  cpuSeconds: 15 * 60,
  memoryBytes: 1024 ** 3,
  stallMs: 120_000,
};

/** A file, or bytes as they come: formats that keep their index at the end must be files. */
export type MediaInput = { readonly file: string } | { readonly bytes: AsyncIterable<Uint8Array> };

export interface DecodeMediaOptions {
  readonly ffmpeg: string;
  readonly input: MediaInput;
  readonly limits: MediaLimits;
  readonly signal: AbortSignal;
  /** Told the length that the header states, once, ms. */
  readonly onDuration?: (ms: number) => void;
}

/** Formats that are read. Playlists and scripts, which name other files, are none of them. */
export const mediaFormats = [
  'aac,ac3,aiff,amr,amrnb,amrwb,ape,asf,au,avi,caf,eac3,flac,flv,gsm,matroska,webm,mov,mp4,m4a,3gp,3g2,mj2',
  'mp3,mpc,mpc8,mpeg,mpegts,ogg,rm,tak,tta,voc,w64,wav,wv,wtv',
].join(',');

const BYTES_PER_MS = (SAMPLE_RATE * 2) / 1000;
/** The header comes first; what is said later is of no use. */
const KEPT_HEADER = 64 * 1024;

/**
 * Decodes the first audio stream of a file of any format to PCM16LE mono 16 kHz, within limits: ffmpeg may open nothing
 * but what it is given, and is ended when it takes too long, too much memory, or makes more sound than is allowed.
 * What a file is is found out from its content.
 * @throws SpeakrError `file_not_audio`, `file_truncated`, `audio_too_long`, `media_refused`, `ffmpeg_missing`; what the
 * input throws
 */
export async function* decodeMedia(options: DecodeMediaOptions): AsyncGenerator<Buffer> {
  const { ffmpeg, input, limits, signal, onDuration } = options;
  signal.throwIfAborted();
  const child = start(ffmpeg, decodeArguments(input), limits);
  let header = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    if (header.length < KEPT_HEADER) header += text;
  });
  let inputError: unknown;
  const fed = 'bytes' in input ? feed(input.bytes, child.stdin, (error) => (inputError = error)) : undefined;
  if (fed === undefined) child.stdin.end();
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', (cause: NodeJS.ErrnoException) =>
      reject(cause.code === 'ENOENT' ? new SpeakrError('ffmpeg_missing', undefined, { cause }) : cause),
    );
    child.once('close', (code) => resolve(code));
  });
  ended.catch(() => {});
  let isStalled = false;
  let stallTimer: NodeJS.Timeout | undefined;
  const watch = () => {
    clearTimeout(stallTimer);
    stallTimer = setTimeout(() => {
      isStalled = true;
      child.kill('SIGKILL');
    }, limits.stallMs).unref();
  };
  const abort = () => child.kill('SIGKILL');
  signal.addEventListener('abort', abort, { once: true });
  let bytes = 0;
  try {
    watch();
    for await (const pcm of child.stdout as AsyncIterable<Buffer>) {
      // How long the sound is kept from here on is not the fault of the file.
      clearTimeout(stallTimer);
      if (bytes === 0) {
        const stated = statedMs(header);
        if (stated !== undefined && stated > limits.maxDurationMs) throw tooLong(limits);
        if (stated !== undefined) onDuration?.(stated);
      }
      bytes += pcm.length;
      if (bytes / BYTES_PER_MS > limits.maxDurationMs) throw tooLong(limits);
      yield pcm;
      watch();
    }
    const code = await ended;
    signal.throwIfAborted();
    if (inputError !== undefined) throw inputError;
    if (isStalled || isRefused(code, child.signalCode))
      throw new SpeakrError('media_refused', 'Reading the file takes more time or memory than is allowed.');
    if (bytes === 0) throw soundless(header);
  } catch (error) {
    signal.throwIfAborted();
    throw inputError ?? error;
  } finally {
    clearTimeout(stallTimer);
    signal.removeEventListener('abort', abort);
    child.kill('SIGKILL');
    await fed;
  }
}

const decodeArguments = (input: MediaInput): string[] => [
  '-hide_banner',
  '-nostdin',
  '-nostats',
  '-loglevel',
  'info',
  '-threads',
  '1',
  '-protocol_whitelist',
  'bytes' in input ? 'pipe' : 'file',
  '-format_whitelist',
  mediaFormats,
  '-i',
  'bytes' in input ? 'pipe:0' : `file:${input.file}`,
  '-map',
  '0:a:0',
  '-map_metadata',
  '-1',
  '-vn',
  '-sn',
  '-dn',
  '-ac',
  '1',
  '-ar',
  String(SAMPLE_RATE),
  '-f',
  's16le',
  'pipe:1',
];

/** Of util-linux. It needs no shell, and the images have none. */
const PRLIMIT = '/usr/bin/prlimit';

/** A command that sets the limits and becomes ffmpeg; no core holds what was said. */
function limited(ffmpeg: string, { cpuSeconds, memoryBytes }: MediaLimits): [string, ...string[]] {
  if (process.platform === 'win32') return [ffmpeg];
  if (existsSync(PRLIMIT))
    return [PRLIMIT, '--core=0', `--cpu=${cpuSeconds}`, `--as=${memoryBytes}`, '--', ffmpeg];
  const limits = `ulimit -c 0; ulimit -t ${cpuSeconds}; ulimit -v ${Math.floor(memoryBytes / 1024)} 2>/dev/null`;
  return ['/bin/sh', '-c', `${limits}; exec "$0" "$@"`, ffmpeg];
}

function start(ffmpeg: string, args: readonly string[], limits: MediaLimits) {
  // Nothing of the server's environment is of use to it: no proxy, no key.
  const env = {
    PATH: process.env.PATH ?? '',
    ...(process.env.SystemRoot ? { SystemRoot: process.env.SystemRoot } : {}),
  };
  const options = { env, windowsHide: true, stdio: ['pipe', 'pipe', 'pipe'] as ['pipe', 'pipe', 'pipe'] };
  const [program, ...leading] = limited(ffmpeg, limits);
  const child = spawn(program, [...leading, ...args], options);
  try {
    if (child.pid !== undefined) setPriority(child.pid, 10);
  } catch {
    // It has ended already, or may not be made nicer.
  }
  return child;
}

/** A pipe that breaks only means that ffmpeg has ended; an error of the input itself counts. */
async function feed(
  bytes: AsyncIterable<Uint8Array>,
  stdin: NodeJS.WritableStream,
  onError: (error: unknown) => void,
): Promise<void> {
  async function* watched() {
    const iterator = bytes[Symbol.asyncIterator]();
    try {
      for (;;) {
        const next = await iterator.next().catch((error: unknown) => {
          onError(error);
          throw error;
        });
        if (next.done) return;
        yield next.value;
      }
    } finally {
      await iterator.return?.();
    }
  }
  await pipeline(Readable.from(watched()), stdin).catch(() => {});
}

/** Length in ms as the header states it. */
function statedMs(header: string): number | undefined {
  const match = /^\s*Duration: (\d+):(\d\d):(\d\d(?:\.\d+)?)/m.exec(header);
  if (match === null) return undefined;
  return Math.round((Number(match[1]) * 3600 + Number(match[2]) * 60 + Number(match[3])) * 1000);
}

const isRefused = (code: number | null, signal: NodeJS.Signals | null) =>
  signal === 'SIGXCPU' ||
  signal === 'SIGSEGV' ||
  signal === 'SIGABRT' ||
  (code === null && signal === 'SIGKILL');

const tooLong = ({ maxDurationMs }: MediaLimits) =>
  new SpeakrError(
    'audio_too_long',
    `The audio is longer than ${maxDurationMs < 120_000 ? `${maxDurationMs / 1000} seconds` : `${Math.round(maxDurationMs / 60_000)} minutes`}.`,
  );

/** ffmpeg's words stay here: they quote titles. */
function soundless(header: string): SpeakrError {
  if (
    /: (?:not found|No such file or directory)\s*$/m.test(header) &&
    !header.includes('ffmpeg version') &&
    header.length < 300
  )
    return new SpeakrError('ffmpeg_missing');
  if (/cannot allocate memory/i.test(header))
    return new SpeakrError('media_refused', 'Reading the file takes more memory than is allowed.');
  if (/moov atom not found/i.test(header))
    return new SpeakrError('file_truncated', 'The file ends before its index; nothing of it can be read.');
  return new SpeakrError('file_not_audio', 'There is no audio in the file that ffmpeg can read.');
}

/** First bytes of a file that tell whether its index may be at the end. */
export const HEAD_BYTES = 12;
const boxes = new Set(['ftyp', 'moov', 'mdat', 'wide', 'skip', 'free', 'pnot']);

/** Whether ffmpeg must be able to go back and forth in it: MP4 and its kin, CAF, and AVI. */
export function needsSeeking(head: Uint8Array): boolean {
  const text = Buffer.from(head.subarray(0, HEAD_BYTES)).toString('latin1');
  return (
    boxes.has(text.slice(4, 8)) ||
    text.startsWith('caff') ||
    (text.startsWith('RIFF') && text.slice(8, 12) === 'AVI ')
  );
}
