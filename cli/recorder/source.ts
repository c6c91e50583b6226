import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Context } from '../context.ts';
import { startCapture } from './capture.ts';
import { chooseMicrophone, fileArguments, microphoneArguments } from './capture-arguments.ts';
import { inputFormats } from './ffmpeg.ts';
import { audioStdin, checkFile } from './file-source.ts';
import type { RecordingOptions } from './recording.ts';

interface SourceChoice {
  readonly input: string | undefined;
  readonly pace: 'real' | 'fast' | undefined;
  readonly device: string | undefined;
}

/**
 * Where a recording takes its audio from.
 * @throws SpeakrError `ffmpeg_missing`, or what is wrong with the file
 */
export async function openSource(
  { input, pace = 'real', device }: SourceChoice,
  context: Pick<Context, 'io' | 'config' | 'ffmpeg'>,
): Promise<Pick<RecordingOptions, 'inputs' | 'source'>> {
  const { io } = context;
  const ffmpeg = context.ffmpeg();
  const { env } = io;
  if (input !== undefined) {
    const stdin = input === '-' ? audioStdin(io.stdin) : undefined;
    const path = stdin === undefined ? await checkFile(input, io.cwd) : '-';
    return {
      source: input === '-' ? 'stdin' : basename(input),
      inputs: [
        {
          label: 'me',
          kind: 'file',
          open: () =>
            startCapture({
              ffmpeg,
              arguments: fileArguments(path),
              env,
              pace,
              ...(stdin === undefined ? {} : { stdin }),
            }),
        },
      ],
    };
  }
  const named = device ?? context.config().values.device;
  const microphone = chooseMicrophone({
    platform: io.platform,
    formats: await inputFormats(ffmpeg),
    pulseServer: hasPulseServer(env),
    ...(named === undefined ? {} : { device: named }),
  });
  return {
    source: 'microphone',
    inputs: [
      {
        label: 'me',
        kind: 'microphone',
        open: () => startCapture({ ffmpeg, arguments: microphoneArguments(microphone), env }),
      },
    ],
  };
}

/** A server named in the environment, or the socket of the user's own. */
function hasPulseServer(env: Context['io']['env']): boolean {
  if (env.PULSE_SERVER) return true;
  const runtime = env.PULSE_RUNTIME_PATH ?? (env.XDG_RUNTIME_DIR && join(env.XDG_RUNTIME_DIR, 'pulse'));
  return runtime !== undefined && runtime !== '' && existsSync(join(runtime, 'native'));
}
