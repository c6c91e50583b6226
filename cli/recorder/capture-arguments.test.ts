import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chooseMicrophone, fileArguments, microphoneArguments } from './capture-arguments.ts';

const formats = new Set(['pulse', 'alsa']);
const pcm = '-f s16le -ac 1 -ar 16000 -flush_packets 1 pipe:1';

test('Linux takes PulseAudio or PipeWire when a server runs, else ALSA', () => {
  const linux = { platform: 'linux', formats } as const;
  assert.deepEqual(chooseMicrophone({ ...linux, pulseServer: true }), { backend: 'pulse' });
  assert.deepEqual(chooseMicrophone({ ...linux, pulseServer: false }), { backend: 'alsa' });
  const alsaOnly = { platform: 'linux', formats: new Set(['alsa']), pulseServer: true } as const;
  assert.deepEqual(chooseMicrophone(alsaOnly), { backend: 'alsa' });
  assert.deepEqual(chooseMicrophone({ ...linux, pulseServer: true, device: 'alsa:hw:1,0' }), {
    backend: 'alsa',
    device: 'hw:1,0',
  });
  assert.deepEqual(chooseMicrophone({ ...linux, pulseServer: true, device: 'usb: mic' }), {
    backend: 'pulse',
    device: 'usb: mic',
  });
});

test('macOS takes avfoundation, Windows dshow', () => {
  const none = { formats: new Set<string>(), pulseServer: false };
  assert.equal(chooseMicrophone({ platform: 'darwin', ...none }).backend, 'avfoundation');
  assert.equal(chooseMicrophone({ platform: 'win32', ...none }).backend, 'dshow');
});

test('arguments of each way to a microphone', () => {
  const line = (...choice: Parameters<typeof microphoneArguments>) =>
    microphoneArguments(...choice).join(' ');
  const head =
    '-hide_banner -nostats -loglevel info -nostdin -fflags nobuffer -probesize 32 -analyzeduration 0';
  assert.equal(
    line({ backend: 'pulse' }),
    `${head} -f pulse -fragment_size 640 -sample_rate 16000 -channels 1 -name speakr -i default ${pcm}`,
  );
  assert.equal(
    line({ backend: 'alsa', device: 'hw:1,0' }),
    `${head} -f alsa -thread_queue_size 1024 -i hw:1,0 ${pcm}`,
  );
  assert.equal(
    line({ backend: 'avfoundation', device: 'MacBook Pro Microphone' }),
    `${head} -f avfoundation -thread_queue_size 1024 -i :MacBook Pro Microphone ${pcm}`,
  );
  assert.equal(
    line({ backend: 'dshow', device: 'Microphone (USB)' }),
    `${head} -f dshow -audio_buffer_size 50 -thread_queue_size 1024 -i audio=Microphone (USB) ${pcm}`,
  );
});

test('a file name is never taken as a protocol or an option', () => {
  assert.ok(fileArguments('-strange.wav').includes('file:-strange.wav'));
  assert.ok(fileArguments('concat:a|b').includes('file:concat:a|b'));
  assert.ok(fileArguments('-').includes('pipe:0'));
});
