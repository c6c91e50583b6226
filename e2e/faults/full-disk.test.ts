import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { buildCli, makeAudio, newMachine, root } from '../harness.ts';
import { fillDisk, killOnFullDisk } from './full-disk.ts';
import { canMount, smallDisk } from './small-disk.ts';

before(buildCli);

const options = { seed: 11, say: () => undefined };
const skip = canMount() ? false : 'needs root on Linux, to mount a small file system';

test('a full disk of the recorder: it goes on in memory, says so, and nothing is missing', { skip }, () =>
  fillDisk({ ...options, times: 2, whose: 'spool' }).then(() => undefined),
);

test('a full disk of the server: it goes on when there is room again, and nothing is missing', { skip }, () =>
  fillDisk({ ...options, times: 1, whose: 'server' }).then(() => undefined),
);

test('killed while the disk is full: what was on it is intact', { skip }, () =>
  killOnFullDisk(options).then(() => undefined),
);

test('a file for which the disk has no room says so at once', { skip }, async () => {
  await using machine = newMachine();
  using _disk = smallDisk(machine.dataDir, 6);
  makeAudio(machine.path('long.wav'), '-stream_loop', '5', '-i', `${root}/samples/standup.flac`);
  const { code, stdout, stderr } = await machine.run(['transcribe', 'long.wav', '-o', 'id']);
  assert.deepEqual([code, stdout], [1, ''], stderr);
  assert.match(stderr, /too full for long\.wav\. Free some space and transcribe it again\./);
});
