import { before, test } from 'node:test';
import { buildCli } from '../harness.ts';
import { killRecorders } from './killed-recorders.ts';
import { killServers } from './killed-servers.ts';

before(buildCli);

const say = () => undefined;

test('recorders killed at random moments: everything captured a second before is recovered bit for bit', () =>
  killRecorders({ seed: 4, kills: 3, together: 3, say }).then(() => undefined));

test('servers killed at random moments: recordings end by themselves, whole, nothing acknowledged is missing', () =>
  killServers({ seed: 4, kills: 3, together: 2, killsEach: 3, say }).then(() => undefined));
