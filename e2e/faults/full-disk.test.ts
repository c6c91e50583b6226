import { before, test } from 'node:test';
import { buildCli } from '../harness.ts';
import { fillDisk, killOnFullDisk } from './full-disk.ts';
import { canMount } from './small-disk.ts';

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
