import { before, test } from 'node:test';
import { buildCli } from '../harness.ts';
import { sleepInRecording } from './asleep.ts';

before(buildCli);

test('the machine sleeps in mid-recording: the recording goes on; audio and gaps of reason sleep are the time that passed', () =>
  sleepInRecording({ seed: 1, sleepMs: 5000, say: () => undefined }).then(() => undefined));
