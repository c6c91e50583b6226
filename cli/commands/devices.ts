import { SpeakrError } from '@speakr/contracts/problem';
import { rememberSetting } from '../config-file.ts';
import type { Context } from '../context.ts';
import { define, jsonOption, type OptionsOf } from '../definition.ts';
import type { Column } from '../output.ts';
import { startCapture } from '../recorder/capture.ts';
import { chooseMicrophone, microphoneArguments } from '../recorder/capture-arguments.ts';
import { type AudioDevice, findDevice } from '../recorder/device-lists.ts';
import { listDevices } from '../recorder/devices.ts';
import { type LevelTest, testLevel } from '../recorder/level-test.ts';
import { meter } from '../ui/meter.ts';

/** How long a level test listens, ms. */
const TEST_MS = 2000;

export const definition = define({
  name: 'devices',
  summary: 'Show the microphones, test their level, choose one',
  details:
    'With a device: listens to it for two seconds, shows the level, and remembers it as the microphone (or, where it ' +
    'gives what the computer plays, as what `record --system` records). "default" goes back to the system’s choice.',
  group: 'Record',
  arguments: [
    {
      name: 'device',
      optional: true,
      summary: 'Number, name, part of a name, or "default": test and remember it',
    },
  ],
  options: [
    { name: 'test', summary: 'Test the level; without a device that of all at once. Remembers nothing' },
    jsonOption,
  ],
  examples: ['speakr devices', 'speakr devices --test', 'speakr devices yeti', 'speakr devices default'],
});

type Options = OptionsOf<typeof definition>;
type Needs = Pick<Context, 'io' | 'output' | 'config' | 'ffmpeg' | 'ask'>;
type Tested = AudioDevice & { readonly chosen: boolean; readonly level?: LevelTest };

export async function run(options: Options, context: Needs): Promise<void> {
  const { output, io } = context;
  const { values, paths } = context.config();
  if (options.device === 'default') {
    rememberSetting(paths.configFile, 'device', undefined);
    rememberSetting(paths.configFile, 'systemDevice', undefined);
    return output.talk('From now on: the system’s own choice.');
  }
  const found = await listDevices({ platform: io.platform, env: io.env, ffmpeg: context.ffmpeg() });
  const chosen = (device: AudioDevice) => {
    const named = device.kind === 'system' ? values.systemDevice : values.device;
    return named === undefined ? device.isDefault : findDevice(found, named)?.id === device.id;
  };
  const devices: Tested[] = found.map((device) => ({ ...device, chosen: chosen(device) }));

  if (options.device !== undefined) return choose(demand(devices, options.device), options, context);
  if (options.test) {
    output.progress(`Listening for ${TEST_MS / 1000} seconds: say something …`);
    const tested = await Promise.all(
      devices.map(async (device) => ({ ...device, level: await listen(device, context) })),
    );
    output.progress('');
    return show(tested, options, context);
  }
  show(devices, options, context);
  if (options.json || !output.tty || devices.length === 0) return;
  const answer = await context.ask('Test and use which one? (number, Enter leaves it as it is) ');
  if (answer?.trim()) await choose(demand(devices, answer.trim()), options, context);
}

function demand(devices: readonly Tested[], word: string): Tested {
  const device = findDevice(devices, word);
  if (device === undefined)
    throw new SpeakrError('device_unknown', `"${word}" is not one of the sound devices, or fits several.`);
  const known = devices.find(({ id }) => id === device.id);
  return known ?? { ...device, chosen: false };
}

function show(devices: readonly Tested[], options: Options, { output }: Needs): void {
  if (options.json) {
    output.json({ devices });
    return;
  }
  if (devices.length === 0) {
    output.talk('No sound device was found. --device takes any name that ffmpeg knows.');
    return;
  }
  const columns: Column[] = [
    { heading: '', right: true },
    { heading: 'device', shrink: true },
    { heading: 'kind' },
    { heading: 'used' },
  ];
  if (devices.some(({ level }) => level !== undefined)) columns.push({ heading: 'level' });
  output.table(
    columns,
    devices.map(({ name, kind, chosen, level }, index) => [
      String(index + 1),
      name,
      kind === 'system' ? 'what is played' : 'microphone',
      chosen ? '●' : '',
      ...(level === undefined ? [] : [levelWords(level)]),
    ]),
  );
}

/** Tests a device and remembers it, unless only a test was asked for. */
async function choose(device: Tested, options: Options, context: Needs): Promise<void> {
  const { output } = context;
  if (!options.json) output.talk(`${device.name}: say something …`);
  const level = await listen(device, context, (peak) =>
    output.progress(options.json ? '' : meter(peak, 30).bar),
  );
  output.progress('');
  const setting = device.kind === 'system' ? 'systemDevice' : 'device';
  if (!options.test) rememberSetting(context.config().paths.configFile, setting, device.id);
  if (options.json)
    return output.json({ devices: [{ ...device, chosen: !options.test || device.chosen, level }] });
  output.line(levelWords(level));
  if (level.silent && device.kind === 'microphone')
    output.talk('It gives no sound at all: is it muted, or switched off?');
  else if (level.clipping) output.talk('It is too loud: turn its level down in the system’s sound settings.');
  if (!options.test)
    output.talk(
      device.kind === 'system' ? 'Remembered for `record --system`.' : 'Remembered as the microphone.',
    );
}

function listen(device: AudioDevice, { io, ffmpeg }: Needs, onLevel?: (peak: number) => void) {
  const microphone = chooseMicrophone({
    platform: io.platform,
    formats: new Set(),
    pulseServer: false,
    device: device.id,
  });
  const capture = startCapture({ ffmpeg: ffmpeg(), arguments: microphoneArguments(microphone), env: io.env });
  return testLevel(capture, { durationMs: TEST_MS, ...(onLevel === undefined ? {} : { onLevel }) });
}

/** A level in words: dBFS of the loudest moment and what to think of it. */
export function levelWords({ peakDb, silent, clipping }: LevelTest): string {
  if (peakDb === undefined) return 'cannot be opened';
  if (silent) return 'no sound at all';
  const opinion = clipping ? 'too loud' : peakDb < -40 ? 'hardly anything' : peakDb < -30 ? 'quiet' : 'good';
  return `${peakDb} dB, ${opinion}`;
}
