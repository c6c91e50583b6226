import { before, test } from 'node:test';
import { buildCli } from '../harness.ts';
import { longRecording } from './long-recording.ts';

before(buildCli);

// Eight hours are left to `npm run soak`; here caches that fill once weigh more.
test('ten minutes at fast pace: memory and file handles stay flat, the receipt has no gap', () =>
  longRecording({ seed: 2, minutes: 10, growthMb: 150, say: () => undefined }).then(() => undefined));
