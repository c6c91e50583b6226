import { before, test } from 'node:test';
import { buildCli } from '../harness.ts';
import { sleepInRecording } from './asleep.ts';

before(buildCli);

test('the machine sleeps in mid-recording: the recording goes on, the time is a gap of reason sleep', () =>
  sleepInRecording({ seed: 1, sleepMs: 5000, say: () => undefined }).then(() => undefined));
