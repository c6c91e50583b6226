import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { SpeakrError } from '@speakr/contracts/problem';
import type { Context } from '../context.ts';
import { define, type OptionsOf } from '../definition.ts';
import { findProgram } from '../recorder/ffmpeg.ts';
import { clockTime, parseClockTime } from '../time-format.ts';

export const definition = define({
  name: 'play',
  summary: 'Play the audio of a recording',
  group: 'Find',
  arguments: [{ name: 'recording', summary: 'Id, its last characters, or "last"' }],
  options: [
    { name: 'at', value: 'TIME', summary: 'Start here (mm:ss)' },
    { name: 'until', value: 'TIME', summary: 'End here (mm:ss)' },
    { name: 'to', value: 'FILE', summary: 'Write a WAV file instead of playing' },
  ],
  examples: ['speakr play last --at 12:34', 'speakr play 4d1e99 --at 1:00 --until 1:30 --to quote.wav'],
});

/** Of a WAV file without a sample. */
const HEADER_BYTES = 44;

/** Players in order of preference, with their arguments for a WAV file. */
export const players: readonly (readonly [program: string, ...args: string[]])[] = [
  ['ffplay', '-hide_banner', '-loglevel', 'error', '-nodisp', '-autoexit'],
  ['afplay'],
  ['paplay'],
  ['pw-play'],
  ['aplay', '-q'],
  ['play', '-q'],
  ['mpv', '--no-video', '--really-quiet'],
];

export async function run(
  options: OptionsOf<typeof definition>,
  context: Pick<Context, 'api' | 'io'>,
): Promise<void> {
  const { io } = context;
  const fromMs = options.at === undefined ? undefined : parseClockTime(options.at);
  const toMs = options.until === undefined ? undefined : parseClockTime(options.until);
  const player = options.to === undefined ? choosePlayer(io) : undefined;
  const api = await context.api('read');
  const response = await api.getAudio({
    params: { recording: options.recording },
    query: { ...(fromMs === undefined ? {} : { fromMs }), ...(toMs === undefined ? {} : { toMs }) },
  });
  const audio = new Uint8Array(await response.arrayBuffer());
  if (audio.byteLength <= HEADER_BYTES) {
    const { durationMs } = await api.getRecording({ params: { recording: options.recording } });
    throw new SpeakrError(
      'usage',
      `There is no audio there: the recording is ${clockTime(durationMs)} long.`,
      {
        hint: 'Choose an earlier --at, or a later --until.',
      },
    );
  }
  if (player === undefined) return writeFile(resolve(io.cwd, options.to ?? ''), audio);
  const directory = await mkdtemp(join(tmpdir(), 'speakr-play-'));
  try {
    const path = join(directory, 'recording.wav');
    await writeFile(path, audio, { mode: 0o600 });
    await play(player, path, io);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

function choosePlayer(io: Context['io']): readonly string[] {
  for (const [name, ...words] of players) {
    const program = findProgram(name, io);
    if (program !== undefined) return [program, ...words];
  }
  if (io.platform === 'win32')
    return [
      'powershell',
      '-NoProfile',
      '-Command',
      '& { (New-Object Media.SoundPlayer $args[0]).PlaySync() }',
    ];
  throw new SpeakrError('player_missing');
}

async function play(
  [program = '', ...words]: readonly string[],
  path: string,
  io: Context['io'],
): Promise<void> {
  const child = spawn(program, [...words, path], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: io.env as NodeJS.ProcessEnv,
  });
  const end = () => child.kill();
  io.signals.once('SIGINT', end);
  io.signals.once('SIGTERM', end);
  try {
    const [code, signal] = await new Promise<[number | null, string | null]>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (...how) => resolve(how));
    });
    if (signal !== null) throw new SpeakrError('interrupted', 'Stopped.', { hint: 'Go on with --at.' });
    if (code !== 0) throw new SpeakrError('player_missing', `${program} could not play the audio.`);
  } finally {
    io.signals.removeListener('SIGINT', end);
    io.signals.removeListener('SIGTERM', end);
  }
}
