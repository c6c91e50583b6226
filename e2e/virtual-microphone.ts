import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '../scripts/until.ts';
import { end } from './harness.ts';

/** A PulseAudio daemon of its own with a microphone that hears what is played into it. */
export interface VirtualMicrophone extends AsyncDisposable {
  /** Environment for programs that use it. */
  readonly env: Record<string, string>;
  /** Pid of the sound system. */
  readonly pid: number;
  /** Speaks a sound file into the microphone; resolves when it has been played. */
  play(path: string): Promise<void>;
  /** Plays a sound file on the loudspeakers, which the microphone does not hear. */
  playAloud(path: string): Promise<void>;
  /** Takes the microphone away, as pulling its plug does. */
  unplug(): void;
  /** Puts it back. */
  plug(): void;
  /** Whether a recorder listens, to as many tracks. */
  recorded(tracks?: number): boolean;
}

/** @param loudspeakers whether there is an output, too, as what the computer plays by default */
export async function startVirtualMicrophone({ loudspeakers = false } = {}): Promise<VirtualMicrophone> {
  const directory = mkdtempSync(join(tmpdir(), 'speakr-pulse-'));
  const runtime = join(directory, 'pulse');
  mkdirSync(runtime, { mode: 0o700 });
  const env = {
    XDG_RUNTIME_DIR: directory,
    PULSE_RUNTIME_PATH: runtime,
    PULSE_SERVER: `unix:${runtime}/native`,
  };
  const own = { ...process.env, ...env, HOME: directory, XDG_CONFIG_HOME: directory };
  const sink = ['sink_name=room', 'rate=16000', 'channels=1'];
  const source = ['source_name=microphone', 'master=room.monitor'];
  const daemon = spawn(
    'pulseaudio',
    [
      ...['-n', '--daemonize=no', '--exit-idle-time=-1', '--use-pid-file=no', '--log-level=error'],
      `--load=module-native-protocol-unix socket=${runtime}/native`,
      `--load=module-null-sink ${sink.join(' ')}`,
      `--load=module-remap-source ${source.join(' ')}`,
      ...(loudspeakers ? ['--load=module-null-sink sink_name=loudspeakers rate=48000 channels=2'] : []),
    ],
    { env: own, stdio: 'ignore' },
  );
  const control = (...args: string[]) => spawnSync('pactl', args, { env: own, encoding: 'utf8' });
  await until('PulseAudio is up', () => control('set-default-source', 'microphone').status === 0);
  // A null sink renders up to two seconds at a time unless somebody wants less; real microphones are not like that.
  const listen = (device: string) =>
    spawn('parec', [`--device=${device}`, '--latency-msec=10'], { env: own, stdio: 'ignore' });
  let listener = listen('room.monitor');
  if (loudspeakers) control('set-default-sink', 'loudspeakers');
  const aloud = loudspeakers ? listen('loudspeakers.monitor') : undefined;
  const play = async (device: string, path: string) => {
    const player = spawn('paplay', [`--device=${device}`, path], { env: own, stdio: 'ignore' });
    await new Promise((resolve) => player.once('close', resolve));
  };

  return {
    env,
    pid: daemon.pid ?? 0,
    play: (path) => play('room', path),
    playAloud: (path) => play('loudspeakers', path),
    unplug() {
      const unloaded = [
        control('unload-module', 'module-remap-source'),
        control('unload-module', 'module-null-sink'),
      ];
      if (unloaded.some(({ status }) => status !== 0))
        throw new Error('the microphone could not be unplugged');
    },
    plug() {
      const loaded = [
        control('load-module', 'module-null-sink', ...sink),
        control('load-module', 'module-remap-source', ...source),
        control('set-default-source', 'microphone'),
      ];
      if (loaded.some(({ status }) => status !== 0))
        throw new Error('the microphone could not be plugged in');
      listener.kill('SIGKILL');
      listener = listen('room.monitor');
    },
    // Others listen as well: the remapped source itself, and what keeps the null sinks awake.
    recorded: (tracks = 1) =>
      (control('list', 'source-outputs').stdout.match(/application\.name = "speakr"/g)?.length ?? 0) >=
      tracks,
    async [Symbol.asyncDispose]() {
      listener.kill('SIGKILL');
      aloud?.kill('SIGKILL');
      if (daemon.pid !== undefined) await end(daemon.pid, 'SIGKILL');
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
