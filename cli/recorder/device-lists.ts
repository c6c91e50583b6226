/** Something that can be recorded. */
export interface AudioDevice {
  /** What `--device` takes: `backend:name`. */
  readonly id: string;
  /** Name for people. */
  readonly name: string;
  /** A microphone, or what the computer plays. */
  readonly kind: 'microphone' | 'system';
  /** Used when none is chosen. */
  readonly isDefault: boolean;
}

/** Devices of drivers that give what the computer plays as if it were a microphone. */
const loopback =
  /blackhole|soundflower|loopback|stereo mix|stereomix|what u hear|wave out|virtual-audio-capturer|cable output|voicemeeter/i;
const kindOf = (name: string): AudioDevice['kind'] => (loopback.test(name) ? 'system' : 'microphone');

/**
 * `pactl list sources`, of PulseAudio and of PipeWire, in the C locale.
 * @param info `pactl info`, which names the default source and sink
 */
export function parsePulseSources(listing: string, info: string): AudioDevice[] {
  const fact = (name: string, text: string) =>
    new RegExp(`^\\s*${name}: (.*)$`, 'm').exec(text)?.[1]?.trim() ?? '';
  const [source, sink] = [fact('Default Source', info), fact('Default Sink', info)];
  return listing
    .split(/^Source #\d+$/m)
    .slice(1)
    .map((text): AudioDevice => {
      const id = fact('Name', text);
      const monitored = fact('Monitor of Sink', text);
      const isMonitor = monitored !== '' && monitored !== 'n/a';
      return {
        id: `pulse:${id}`,
        name: fact('Description', text) || id,
        kind: isMonitor ? 'system' : 'microphone',
        isDefault: isMonitor ? monitored === sink : id === source,
      };
    });
}

/** `arecord -l`. */
export function parseAlsaCards(listing: string): AudioDevice[] {
  const cards = [...listing.matchAll(/^card \d+: (\S+) \[(.*?)\], device (\d+): (.*?) \[(.*)\]\s*$/gm)];
  return cards.map(([, card, cardName, device, deviceId, deviceName], index) => ({
    id: `alsa:plughw:CARD=${card},DEV=${device}`,
    name: `${cardName}, ${deviceName || deviceId}`,
    kind: 'microphone',
    isDefault: index === 0,
  }));
}

/** `ffmpeg -f avfoundation -list_devices true -i ""`; the first input is macOS's choice unless one is set. */
export function parseAvfoundationDevices(said: string): AudioDevice[] {
  const [, audio = ''] = said.split(/AVFoundation audio devices:/);
  const names = [...audio.matchAll(/^\[[^\]]*\] \[\d+\] (.+?)\s*$/gm)].map((match) => match[1] ?? '');
  return withDefault(names.map((name) => ({ id: `avfoundation:${name}`, name, kind: kindOf(name) })));
}

/** `ffmpeg -f dshow -list_devices true -i dummy`, which had headings until ffmpeg 4 and has kinds since. */
export function parseDshowDevices(said: string): AudioDevice[] {
  let heading = '';
  const names: string[] = [];
  for (const line of said.split(/\r?\n/)) {
    heading = /DirectShow (video|audio) devices/.exec(line)?.[1] ?? heading;
    const device = /^\[.*?\]\s+"(.+)"(?:\s+\((.*)\))?\s*$/.exec(line);
    const kind = device?.[2] ?? heading;
    if (device?.[1] !== undefined && /audio/.test(kind)) names.push(device[1]);
  }
  return withDefault(names.map((name) => ({ id: `dshow:${name}`, name, kind: kindOf(name) })));
}

/** The first of each kind is the default one where the system does not say. */
const withDefault = (devices: Omit<AudioDevice, 'isDefault'>[]): AudioDevice[] =>
  devices.map((device, index) => ({
    ...device,
    isDefault: devices.findIndex(({ kind }) => kind === device.kind) === index,
  }));

/**
 * The device a word stands for: its number in the list, its id, or a part of its name that only one has.
 * @returns undefined when none or several fit
 */
export function findDevice(devices: readonly AudioDevice[], word: string): AudioDevice | undefined {
  const exact = devices.find(({ id, name }) => id === word || name === word || id.endsWith(`:${word}`));
  if (exact !== undefined) return exact;
  if (/^\d+$/.test(word)) return devices[Number(word) - 1];
  const fitting = devices.filter(({ name }) => name.toLowerCase().includes(word.toLowerCase()));
  return fitting.length === 1 ? fitting[0] : undefined;
}
