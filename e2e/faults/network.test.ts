import { before, test } from 'node:test';
import { buildCli } from '../harness.ts';
import { badNetwork, canDropPackets, lossyNetwork } from './network.ts';

before(buildCli);

const say = () => undefined;

test('one fault of the network after the other: the recording ends by itself, whole', () =>
  badNetwork({ seed: 5, faults: 6, stallMs: 3000, say }).then(() => undefined));

const skip = canDropPackets() ? false : 'needs root on Linux and iptables, to drop packets';
test('three of ten packets dropped by the kernel: the recording is whole', { skip }, () =>
  lossyNetwork({ seed: 5, seconds: 5, say }).then(() => undefined),
);
