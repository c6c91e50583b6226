import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../scripts/until.ts';
import { buildCli, type Machine, makeAudio, newMachine, speak, words } from './harness.ts';
import { startVirtualMicrophone } from './virtual-microphone.ts';

before(buildCli);

/** A track of the last recording, PCM16 mono 16 kHz, from the server. */
async function trackOf(machine: Machine, track: number): Promise<Int16Array> {
  const { port, token } = JSON.parse(readFileSync(join(machine.dataDir, 'run', 'server.json'), 'utf8'));
  const response = await fetch(`http://127.0.0.1:${port}/v1/recordings/last/audio?track=${track}`, {
    headers: { authorization: `Bearer ${token}` },
  });
  assert.equal(response.status, 200);
  const wav = await response.arrayBuffer();
  return new Int16Array(wav.slice(44));
}

test('both sides of a call: captions, transcript, notes, search and exports say who spoke', async () => {
  await using machine = newMachine();
  await using sound = await startVirtualMicrophone({ loudspeakers: true });
  Object.assign(machine.env, sound.env);
  speak('I will send the contract by Friday.', machine.path('me.wav'), 'slt');
  speak('We decided to take the blue design for the poster.', machine.path('them.wav'), 'rms');
  const recording = machine.start(['record', '--system', '--plain', '--no-clipboard']);
  await until('both tracks are recorded', () => sound.recorded(2));
  await sound.playAloud(machine.path('them.wav'));
  await recording.sees(/\] them: We decided/i);
  await sound.play(machine.path('me.wav'));
  await recording.sees(/\] me: I will send/i);
  recording.child.kill('SIGINT');
  const { code, stderr } = await recording.finished;
  assert.equal(code, 0, stderr);
  assert.match(stderr, /no gap/);

  const text = async () => (await machine.run(['show', 'last', '-o', 'text'])).stdout;
  assert.match(words(await text()), /^them we decided .* me i will send the contract/);
  const named = await machine.run(['speakers', 'last', 'me=Anna', 'them=Tom']);
  assert.equal(named.code, 0, named.stderr);
  assert.match(await text(), /^Tom: We decided[\s\S]*^Anna: I will/m);
  const { stdout: notes } = await machine.run(['notes', 'last']);
  assert.match(notes, /\*\*Anna\*\*, by Friday/);
  const found = await machine.run(['query', 'which design do we take?', '--json']);
  assert.match(JSON.parse(found.stdout).hits[0].speaker, /Tom/);
  const { stdout: subtitles } = await machine.run(['export', 'last', '--format', 'vtt']);
  assert.match(subtitles, /<v Tom>We decided/);
  const again = await machine.run(['retranscribe', 'last']);
  assert.equal(again.code, 0, again.stderr);
  assert.match(await text(), /^Tom: We decided[\s\S]*^Anna: I will/m);
});

test('both tracks are laid out against the same clock: a click is at the same place on both', async (t) => {
  await using machine = newMachine();
  await using sound = await startVirtualMicrophone({ loudspeakers: true });
  Object.assign(machine.env, sound.env);
  const click = makeAudio(
    machine.path('click.wav'),
    // A burst with a sharp beginning, not at the very start, which players may swallow.
    ...['-f', 'lavfi', '-i', 'aevalsrc=0.9*sin(2*PI*1000*t)*between(t\\,0.3\\,0.35):d=0.6:s=48000'],
  );
  // The microphone hears the loudspeakers directly: what differs is only how each track was taken.
  const args = ['record', '--system', '--device', 'pulse:loudspeakers.monitor', '--plain', '--no-clipboard'];
  const recording = machine.start(args);
  await until('both tracks are recorded', () => sound.recorded(2));
  await sleep(500);
  for (let played = 0; played < 3; played += 1) await sound.playAloud(click);
  await sleep(300);
  recording.child.kill('SIGINT');
  const { code, stderr } = await recording.finished;
  assert.equal(code, 0, stderr);
  const onsets = (pcm: Int16Array) => {
    const found: number[] = [];
    for (const [at, value] of pcm.entries())
      if (Math.abs(value) > 8000 && at - (found.at(-1) ?? -8000) > 3200) found.push(at);
    return found;
  };
  const [me, them] = [onsets(await trackOf(machine, 0)), onsets(await trackOf(machine, 1))];
  assert.equal(me.length, 3, `${me.length} clicks`);
  const apart = me.map((at, index) => (at - (them[index] ?? Number.NaN)) / 16);
  t.diagnostic(`clicks are ${apart.map((ms) => ms.toFixed(1)).join(', ')} ms apart`);
  // What the sound system states as the start of a track is late by tens of ms on a busy machine.
  assert.ok(
    apart.every((ms) => Math.abs(ms) < 100),
    `${apart.join(', ')} ms`,
  );
});

test('devices are listed, tested and remembered by name', async () => {
  await using machine = newMachine();
  await using sound = await startVirtualMicrophone({ loudspeakers: true });
  Object.assign(machine.env, sound.env);
  const tone = makeAudio(machine.path('tone.wav'), '-f', 'lavfi', '-i', 'sine=frequency=300:duration=600');
  const listed = JSON.parse((await machine.run(['devices', '--json'])).stdout).devices;
  assert.deepEqual(
    listed.map(({ id, kind, chosen }: Record<string, unknown>) => [id, kind, chosen]),
    [
      ['pulse:room.monitor', 'system', false],
      ['pulse:microphone', 'microphone', true],
      ['pulse:loudspeakers.monitor', 'system', true],
    ],
  );
  // Ends with the sound system.
  void sound.play(tone);
  const tested = JSON.parse((await machine.run(['devices', '--test', '--json'])).stdout).devices;
  assert.ok(tested[1].level.peakDb > -30, JSON.stringify(tested[1]));
  assert.equal(tested[2].level.silent, true);
  const chosen = await machine.run(['devices', 'remapped']);
  assert.equal(chosen.code, 0, chosen.stderr);
  assert.match(chosen.stderr, /Remembered as the microphone/);
  const config = join(machine.directory, 'config', 'speakr', 'config.json');
  assert.equal(JSON.parse(readFileSync(config, 'utf8')).device, 'pulse:microphone');
  writeFileSync(config, '{"device": "pulse:gone"}');
  const recording = machine.start(['record', '--plain', '--no-clipboard']);
  await recording.sees(/The microphone you chose is not there \(pulse:gone\)/);
  await until('the default one is recorded', () => sound.recorded(1));
  await sleep(500);
  recording.child.kill('SIGINT');
  assert.equal((await recording.finished).code, 0);
  assert.equal((await machine.run(['devices', 'default'])).code, 0);
  assert.equal(JSON.parse(readFileSync(config, 'utf8')).device, undefined);
  const unknown = await machine.run(['devices', 'yeti']);
  assert.equal(unknown.code, 1);
  assert.match(unknown.stderr, /"yeti" is not one of the sound devices/);
  writeFileSync(config, '{"language": "en"}');
  assert.equal((await machine.run(['devices', '2'])).code, 0);
  assert.equal(JSON.parse(readFileSync(config, 'utf8')).language, 'en', 'other settings stay');
});
