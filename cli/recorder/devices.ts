import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Io } from '../io.ts';
import {
  type AudioDevice,
  parseAlsaCards,
  parseAvfoundationDevices,
  parseDshowDevices,
  parsePulseSources,
} from './device-lists.ts';

interface DeviceSearch {
  readonly platform: NodeJS.Platform;
  readonly env: Io['env'];
  readonly ffmpeg: string;
}

/** What can be recorded on this machine; empty where nothing can be found out. */
export async function listDevices({ platform, env, ffmpeg }: DeviceSearch): Promise<AudioDevice[]> {
  const say = (program: string, ...args: string[]) => outputOf(program, args, env);
  if (platform === 'darwin')
    return parseAvfoundationDevices(
      (await say(ffmpeg, '-hide_banner', '-f', 'avfoundation', '-list_devices', 'true', '-i', '')).stderr,
    );
  if (platform === 'win32')
    return parseDshowDevices(
      (await say(ffmpeg, '-hide_banner', '-f', 'dshow', '-list_devices', 'true', '-i', 'dummy')).stderr,
    );
  if (hasPulseServer(env)) {
    const [listing, info] = await Promise.all([say('pactl', 'list', 'sources'), say('pactl', 'info')]);
    const devices = parsePulseSources(listing.stdout, info.stdout);
    if (devices.length > 0) return devices;
  }
  return parseAlsaCards((await say('arecord', '-l')).stdout);
}

/** A PulseAudio or PipeWire server named in the environment, or the socket of the user's own. */
export function hasPulseServer(env: Io['env']): boolean {
  if (env.PULSE_SERVER) return true;
  const runtime = env.PULSE_RUNTIME_PATH ?? (env.XDG_RUNTIME_DIR && join(env.XDG_RUNTIME_DIR, 'pulse'));
  return runtime !== undefined && runtime !== '' && existsSync(join(runtime, 'native'));
}

/** What a program prints, whatever its exit code; nothing when it is not there. */
function outputOf(
  program: string,
  args: readonly string[],
  env: Io['env'],
): Promise<{ stdout: string; stderr: string }> {
  return new Promise((resolve) =>
    execFile(
      program,
      args,
      { env: { ...env, LC_ALL: 'C' } as NodeJS.ProcessEnv, timeout: 5000, maxBuffer: 4 * 1024 * 1024 },
      (_error, stdout, stderr) => resolve({ stdout, stderr }),
    ),
  );
}
