import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { DoctorReport } from '@speakr/contracts/cli-json';
import { buildCli, makeAudio, newMachine } from './harness.ts';
import { startVirtualMicrophone } from './virtual-microphone.ts';

before(buildCli);

const check = (out: string, name: string) =>
  DoctorReport.parse(JSON.parse(out)).checks.find((each) => each.name === name);

test('the microphone is heard, and one that is mute is told from one that is not there', async () => {
  await using microphone = await startVirtualMicrophone();
  await using machine = newMachine(microphone.env);
  makeAudio(machine.path('tone.wav'), '-f', 'lavfi', '-i', 'sine=frequency=440:duration=600');
  const silent = await machine.run(['doctor', '--json']);
  assert.equal(silent.code, 1, silent.stderr);
  assert.equal(check(silent.stdout, 'microphone')?.state, 'problem');
  assert.match(check(silent.stdout, 'microphone')?.detail ?? '', /nothing but silence/);
  assert.equal(check(silent.stdout, 'server')?.state, 'ok');
  assert.ok(machine.serverPid() !== undefined, 'the server was started');

  const playing = microphone.play(machine.path('tone.wav'));
  const heard = await machine.run(['doctor', '--skip', 'server']);
  assert.equal(heard.code, 0, heard.stdout);
  assert.match(heard.stdout, /✓ microphone: ▮+▯* -\d\d dB, peak -\d\d dB\n/);
  microphone.unplug();
  await playing;
  const gone = await machine.run(['doctor', '--json', '--device', 'pulse:nothing']);
  assert.equal(check(gone.stdout, 'microphone')?.state, 'problem');
  assert.equal(gone.code, 1);
});
