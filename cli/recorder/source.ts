import { basename } from 'node:path';
import { SpeakrError } from '@speakr/contracts/problem';
import type { Context } from '../context.ts';
import { startCapture } from './capture.ts';
import {
  chooseMicrophone,
  fileArguments,
  type Microphone,
  microphoneArguments,
} from './capture-arguments.ts';
import { type AudioDevice, findDevice } from './device-lists.ts';
import { hasPulseServer, listDevices } from './devices.ts';
import { inputFormats } from './ffmpeg.ts';
import { audioStdin, checkFile } from './file-source.ts';
import type { RecordingOptions } from './recording.ts';
import { startStdinCapture } from './stdin-capture.ts';
import type { TrackInput } from './track-feed.ts';

interface SourceChoice {
  readonly input: string | undefined;
  readonly pace: 'real' | 'fast' | undefined;
  readonly device: string | undefined;
  /** Also what the computer plays, as a second track. */
  readonly system: boolean | undefined;
}

type Needs = Pick<Context, 'io' | 'config' | 'ffmpeg'>;

/**
 * Where a recording takes its audio from.
 * @throws SpeakrError `ffmpeg_missing`, `system_audio_missing`, `usage`, or what is wrong with the file
 */
export async function openSource(
  { input, pace = 'real', device, system = false }: SourceChoice,
  context: Needs,
): Promise<Pick<RecordingOptions, 'inputs' | 'source' | 'fallback'> & { readonly notice?: string }> {
  if (input === undefined) {
    const { missing, ...chosen } = await resolveMicrophone(device, context);
    const microphone = microphoneInput(chosen, context);
    const inputs = system ? [microphone, await systemInput(context)] : [microphone];
    // The system's default is another device by then, if the chosen one has gone.
    const fallback =
      chosen.device === undefined ? {} : { fallback: microphoneInput({ backend: chosen.backend }, context) };
    const notice =
      missing === undefined
        ? {}
        : { notice: `The microphone you chose is not there (${missing}): the system’s own is used.` };
    return { source: system ? 'microphone and system' : 'microphone', inputs, ...fallback, ...notice };
  }
  if (system)
    throw new SpeakrError('usage', '--system records with a microphone, not with --input.', {
      hint: 'Leave out one of them.',
    });
  const { io } = context;
  const stdin = input === '-' ? audioStdin(io.stdin) : undefined;
  const path = stdin === undefined ? await checkFile(input, io.cwd) : '-';
  const capture = {
    ffmpeg: context.ffmpeg(),
    env: io.env,
    pace,
  };
  return {
    source: input === '-' ? 'stdin' : basename(input),
    inputs: [
      {
        label: 'me',
        kind: 'file',
        open: () =>
          stdin === undefined
            ? startCapture({ ...capture, arguments: fileArguments(path) })
            : startStdinCapture({ ...capture, stdin }),
      },
    ],
  };
}

/** A microphone as the first track. */
export function microphoneInput(microphone: Microphone, { io, ffmpeg }: Needs): TrackInput {
  const capture = { ffmpeg: ffmpeg(), arguments: microphoneArguments(microphone), env: io.env };
  return { label: 'me', kind: 'microphone', open: () => startCapture(capture) };
}

/**
 * The microphone that was asked for, was chosen before, or is the system's default. One that was chosen before and is
 * not there does not keep anybody from recording: then it is the default, and `missing` says so.
 */
export async function resolveMicrophone(
  device: string | undefined,
  context: Needs,
): Promise<Microphone & { readonly missing?: string }> {
  const { io } = context;
  const ffmpeg = context.ffmpeg();
  const choice = {
    platform: io.platform,
    formats: await inputFormats(ffmpeg),
    pulseServer: hasPulseServer(io.env),
  };
  const named = device ?? context.config().values.device;
  // DirectShow has no name for the default device.
  if (named === undefined && io.platform !== 'win32') return chooseMicrophone(choice);
  const devices = await listDevices({ platform: io.platform, env: io.env, ffmpeg });
  const found: AudioDevice | undefined =
    named === undefined
      ? devices.find(({ kind, isDefault }) => kind === 'microphone' && isDefault)
      : findDevice(devices, named);
  if (found === undefined && device === undefined && named !== undefined && devices.length > 0)
    return { ...chooseMicrophone(choice), missing: named };
  const id = found?.id ?? named;
  return chooseMicrophone({ ...choice, ...(id === undefined ? {} : { device: id }) });
}

/** What the computer plays, as the second track. @throws SpeakrError `system_audio_missing` */
async function systemInput(context: Needs): Promise<TrackInput> {
  const { io } = context;
  const ffmpeg = context.ffmpeg();
  const named = context.config().values.systemDevice;
  const pulse =
    io.platform === 'linux' && hasPulseServer(io.env) && (await inputFormats(ffmpeg)).has('pulse');
  let device: Microphone | undefined;
  // The monitor of whatever plays by default, in PulseAudio and PipeWire.
  if (pulse && named === undefined) device = { backend: 'pulse', device: '@DEFAULT_MONITOR@' };
  else {
    const devices = await listDevices({ platform: io.platform, env: io.env, ffmpeg });
    const found =
      named === undefined
        ? devices.find(({ kind }) => kind === 'system')
        : (findDevice(devices, named)?.id ?? named);
    const id = typeof found === 'string' ? found : found?.id;
    if (id !== undefined)
      device = chooseMicrophone({
        platform: io.platform,
        formats: await inputFormats(ffmpeg),
        pulseServer: pulse,
        device: id,
      });
  }
  if (device === undefined) throw new SpeakrError('system_audio_missing');
  const capture = { ffmpeg, arguments: microphoneArguments(device), env: io.env };
  return { label: 'them', kind: 'system', open: () => startCapture(capture) };
}
