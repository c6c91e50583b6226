import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import {
  type AudioDevice,
  findDevice,
  parseAlsaCards,
  parseAvfoundationDevices,
  parseDshowDevices,
  parsePulseSources,
} from './device-lists.ts';

/** What the tools really printed, on several systems and in several versions. */
const said = (name: string) => readFileSync(join(import.meta.dirname, 'fixtures', `${name}.txt`), 'utf8');

const brief = (devices: readonly AudioDevice[]) =>
  devices.map(({ id, name, kind, isDefault }) => `${isDefault ? '*' : ' '} ${kind} ${id} | ${name}`);

test('PulseAudio and PipeWire: microphones and monitors, with the defaults', () => {
  assert.deepEqual(
    brief(parsePulseSources(said('pactl-sources-pulseaudio'), said('pactl-info-pulseaudio'))),
    [
      '* system pulse:room.monitor | Monitor of Null Output',
      '* microphone pulse:microphone | Remapped Monitor of Null Output',
    ],
  );
  assert.deepEqual(brief(parsePulseSources(said('pactl-sources-pipewire'), said('pactl-info-pipewire'))), [
    '* system pulse:alsa_output.pci-0000_00_1f.3.analog-stereo.monitor | Monitor of Built-in Audio Analog Stereo',
    '  microphone pulse:alsa_input.pci-0000_00_1f.3.analog-stereo | Built-in Audio Analog Stereo',
    '* microphone pulse:alsa_input.usb-C-Media_Electronics_Inc._USB_Audio_Device-00.mono-fallback | USB Audio Device Mono',
  ]);
  assert.deepEqual(parsePulseSources('', ''), []);
});

test('ALSA cards keep their names, not their numbers, which change from boot to boot', () => {
  assert.deepEqual(brief(parseAlsaCards(said('arecord-list'))), [
    '* microphone alsa:plughw:CARD=PCH,DEV=0 | HDA Intel PCH, ALC887-VD Analog',
    '  microphone alsa:plughw:CARD=PCH,DEV=2 | HDA Intel PCH, ALC887-VD Alt Analog',
    '  microphone alsa:plughw:CARD=Microphone,DEV=0 | 384kHz AudioMoth USB Microphone, USB Audio',
    '  microphone alsa:plughw:CARD=sofrt5682,DEV=8 | sof-rt5682, DMIC16kHz (*)',
  ]);
  assert.deepEqual(parseAlsaCards('arecord: device_list:274: no soundcards found...'), []);
});

test('macOS: audio inputs only, loopback drivers are what the computer plays', () => {
  assert.deepEqual(brief(parseAvfoundationDevices(said('avfoundation-ffmpeg-3.4'))), [
    '* system avfoundation:Soundflower (64ch) | Soundflower (64ch)',
    '* microphone avfoundation:Built-in Microphone | Built-in Microphone',
    '  system avfoundation:Soundflower (2ch) | Soundflower (2ch)',
    '  microphone avfoundation:Built-in Input | Built-in Input',
  ]);
  assert.deepEqual(brief(parseAvfoundationDevices(said('avfoundation-ffmpeg-7'))), [
    '* microphone avfoundation:Insta360 Link | Insta360 Link',
    '* system avfoundation:BlackHole 2ch | BlackHole 2ch',
    '  microphone avfoundation:MacBook Pro Microphone | MacBook Pro Microphone',
  ]);
});

test('Windows: with headings, with kinds, and with the prefix of ffmpeg 8', () => {
  assert.deepEqual(brief(parseDshowDevices(said('dshow-ffmpeg-4'))), [
    '* microphone dshow:Microphone Array (Realtek High Definition Audio) | Microphone Array (Realtek High Definition Audio)',
    '* system dshow:virtual-audio-capturer | virtual-audio-capturer',
    '  microphone dshow:Headset Microphone (Jabra UC VOICE 150a MS) | Headset Microphone (Jabra UC VOICE 150a MS)',
  ]);
  assert.deepEqual(brief(parseDshowDevices(said('dshow-ffmpeg-6').replaceAll('\n', '\r\n'))), [
    '* microphone dshow:麦克风 (Realtek High Definition Audio) | 麦克风 (Realtek High Definition Audio)',
  ]);
  assert.deepEqual(brief(parseDshowDevices(said('dshow-ffmpeg-8'))), [
    '* microphone dshow:Microphone(USB Audio Device) | Microphone(USB Audio Device)',
    '* system dshow:Stereo Mix (Realtek Audio) | Stereo Mix (Realtek Audio)',
  ]);
});

test('a device is found by number, id, name, or a part of its name that only one has', () => {
  const devices = parsePulseSources(said('pactl-sources-pipewire'), said('pactl-info-pipewire'));
  assert.equal(findDevice(devices, '2'), devices[1]);
  assert.equal(findDevice(devices, devices[2]!.id), devices[2]);
  assert.equal(findDevice(devices, devices[2]!.id.replace('pulse:', '')), devices[2]);
  assert.equal(findDevice(devices, 'Built-in Audio Analog Stereo'), devices[1]);
  assert.equal(findDevice(devices, 'usb audio'), devices[2]);
  assert.equal(findDevice(devices, 'built-in'), undefined, 'two fit');
  assert.equal(findDevice(devices, '9'), undefined);
  assert.equal(findDevice(devices, 'yeti'), undefined);
});
