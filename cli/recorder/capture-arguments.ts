import { SAMPLE_RATE } from '@speakr/contracts/stream';

/** Ways to a microphone, named as ffmpeg's input formats. */
export const backends = ['pulse', 'alsa', 'avfoundation', 'dshow'] as const;
export type Backend = (typeof backends)[number];

export interface Microphone {
  readonly backend: Backend;
  /** Name the backend knows; its default device when absent. */
  readonly device?: string;
}

interface MicrophoneChoice {
  readonly platform: NodeJS.Platform;
  /** What the user asked for: a device, or `backend:device`. */
  readonly device?: string;
  /** Input formats of the ffmpeg at hand. */
  readonly formats: ReadonlySet<string>;
  /** Whether a PulseAudio or PipeWire server seems to run. */
  readonly pulseServer: boolean;
}

/**
 * The backend for this platform. On Linux PulseAudio (PipeWire speaks it too) where ffmpeg has it and a server runs,
 * else ALSA.
 */
export function chooseMicrophone({ platform, device, formats, pulseServer }: MicrophoneChoice): Microphone {
  const [, prefix, rest] = /^(\w+):(.*)$/s.exec(device ?? '') ?? [];
  const named = backends.find((backend) => backend === prefix);
  if (named !== undefined) return { backend: named, ...(rest ? { device: rest } : {}) };
  const backend =
    platform === 'darwin'
      ? 'avfoundation'
      : platform === 'win32'
        ? 'dshow'
        : formats.has('pulse') && (pulseServer || !formats.has('alsa'))
          ? 'pulse'
          : 'alsa';
  return { backend, ...(device === undefined ? {} : { device }) };
}

// A live source needs no probing, which costs 1.5 s of delay with PulseAudio.
const live = ['-fflags', 'nobuffer', '-probesize', '32', '-analyzeduration', '0'];
const quiet = ['-hide_banner', '-nostats', '-loglevel', 'info'];
const pcm = ['-f', 's16le', '-ac', '1', '-ar', String(SAMPLE_RATE), '-flush_packets', '1', 'pipe:1'];

/** ffmpeg's arguments for a microphone: PCM16LE mono at `SAMPLE_RATE` on stdout, with little delay. */
export function microphoneArguments({ backend, device }: Microphone): string[] {
  const input: Record<Backend, string[]> = {
    // 20 ms; without a fragment size PulseAudio hands over about two seconds at a time.
    pulse: [
      '-fragment_size',
      '640',
      '-sample_rate',
      String(SAMPLE_RATE),
      '-channels',
      '1',
      '-name',
      'speakr',
    ],
    alsa: ['-thread_queue_size', '1024'],
    avfoundation: ['-thread_queue_size', '1024'],
    dshow: ['-audio_buffer_size', '50', '-thread_queue_size', '1024'],
  };
  const name: Record<Backend, string> = {
    pulse: device ?? 'default',
    alsa: device ?? 'default',
    avfoundation: `:${device ?? 'default'}`,
    dshow: `audio=${device ?? 'default'}`,
  };
  return [...quiet, '-nostdin', ...live, '-f', backend, ...input[backend], '-i', name[backend], ...pcm];
}

/**
 * ffmpeg's arguments for a file, or for stdin (`-`), in any format it reads; channels are mixed down.
 * @param known what it need not find out itself, as options of its input
 */
export function fileArguments(path: string, known: readonly string[] = []): string[] {
  // Without the prefix a name such as `concat:…` or `http://…` would be taken as a protocol.
  const input = path === '-' ? ['-i', 'pipe:0'] : ['-nostdin', '-i', `file:${path}`];
  return [...quiet, ...known, ...input, '-map', '0:a:0', '-vn', '-sn', '-dn', ...pcm];
}
