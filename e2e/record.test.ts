import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { RecordEvent } from '@speakr/contracts/cli-json';
import { until } from '../scripts/until.ts';
import { buildCli, jsonLines, newMachine, sentence, speak, words } from './harness.ts';
import { startVirtualMicrophone } from './virtual-microphone.ts';

before(buildCli);

test('a file is recorded as if it were spoken: captions, notes, receipt', async () => {
  await using machine = newMachine();
  speak(sentence, machine.path('talk.wav'));
  const { code, stdout, stderr } = await machine.run([
    'record',
    '--input',
    'talk.wav',
    '--pace',
    'fast',
    '--json',
  ]);
  assert.equal(code, 0, stderr);
  const events = jsonLines(stdout).map((event) => RecordEvent.parse(event));
  const types = events.map((event) => event.type);
  assert.equal(types.filter((type) => type !== 'captured')[0], 'ready');
  assert.ok(types.includes('captured'));
  assert.equal(types.at(-1), 'finished');
  assert.ok(types.includes('final') && types.includes('notes') && types.includes('ack'));
  const finals = events.flatMap((event) => (event.type === 'final' ? [event.text] : []));
  assert.match(
    words(finals.join(' ')),
    /^we decided to launch the new website on the (?:first|1st) of march/,
  );
  const last = events.at(-1);
  assert.ok(last?.type === 'finished');
  const { capturedMs, spooledMs, acknowledgedMs, transcribedMs, gaps } = last.receipt;
  assert.deepEqual([spooledMs, acknowledgedMs, gaps], [capturedMs, capturedMs, []]);
  assert.ok(transcribedMs >= capturedMs - 1000, `${transcribedMs} of ${capturedMs}`);
  assert.match(stderr, /not on the clipboard: there is no clipboard program/);
  const whole = /Receipt: 00:\d\d captured, on disk, at the server and transcribed; no gap\./;
  assert.match((await machine.run(['show', 'last'])).stdout, whole);
  assert.deepEqual(
    JSON.parse((await machine.run(['show', 'last', '--json'])).stdout).recording.receipt,
    last.receipt,
  );
  assert.match(
    (await machine.run(['export', 'last', '--format', 'md'])).stdout,
    /## Receipt\n\n- captured .*\n- no gaps/,
  );
});

test('a word at the very start of a microphone recording is in the transcript; `stop` from elsewhere ends it', async () => {
  await using microphone = await startVirtualMicrophone();
  await using machine = newMachine(microphone.env);
  speak(sentence, machine.path('talk.wav'));
  const recording = machine.start(['record', '--no-clipboard', '--title', 'From the microphone']);
  await until('the microphone is recorded', () => microphone.recorded());
  await microphone.play(machine.path('talk.wav'));
  await recording.sees(/first of March/i);
  const stop = await machine.run(['stop']);
  assert.equal(stop.code, 0, stop.stderr);
  const { code, stdout, stderr } = await recording.finished;
  assert.equal(code, 0, stderr);
  assert.match(stdout, /# From the microphone/);
  assert.match(stdout, /^\[00:\d\d\] We decided/m, 'the first caption begins with the first word');
  const shown = await machine.run(['show', 'last', '-o', 'text']);
  assert.match(words(shown.stdout), /^we decided to launch the new website on the (?:first|1st) of march/);
  const found = await machine.run(['query', 'when is the launch of the website', '--json']);
  assert.match(JSON.parse(found.stdout).hits[0].text, /March/);
});

test('a microphone that is pulled out and put back costs what it was out for, and the exit code says so', async () => {
  await using microphone = await startVirtualMicrophone();
  await using machine = newMachine(microphone.env);
  speak(sentence, machine.path('talk.wav'));
  const recording = machine.start(['record', '--no-clipboard', '--device', 'pulse:microphone']);
  await until('the microphone is recorded', () => microphone.recorded());
  await microphone.play(machine.path('talk.wav'));
  microphone.unplug();
  await recording.sees(/The microphone is gone\. The recording goes on/);
  microphone.plug();
  await recording.sees(/Sound is back|from the default microphone/);
  await microphone.play(machine.path('talk.wav'));
  await recording.sees(/first of March[\s\S]*first of March/i);
  assert.equal((await machine.run(['stop'])).code, 0);
  const { code, stderr } = await recording.finished;
  assert.equal(code, 3, stderr);
  assert.match(stderr, /Not captured: .* \(device lost\)/);
  const shown = await machine.run(['show', 'last', '-o', 'text']);
  assert.match(words(shown.stdout), /(?:first|1st) of march.*(?:first|1st) of march/);
});

test('a microphone that never comes back: Enter ends the recording with what there is', async () => {
  await using microphone = await startVirtualMicrophone();
  await using machine = newMachine(microphone.env);
  speak(sentence, machine.path('talk.wav'));
  const recording = machine.start(['record', '--no-clipboard']);
  await until('the microphone is recorded', () => microphone.recorded());
  await microphone.play(machine.path('talk.wav'));
  microphone.unplug();
  await recording.sees(/The microphone is gone/);
  assert.equal((await machine.run(['stop'])).code, 0);
  const { code, stderr } = await recording.finished;
  assert.equal(code, 3, stderr);
  assert.match(stderr, /Not captured: .* \(device lost\)/);
  const shown = await machine.run(['show', 'last', '-o', 'text']);
  assert.match(words(shown.stdout), /(?:first|1st) of march/);
});

test('stdin is recorded like a file', async () => {
  await using machine = newMachine();
  speak(sentence, machine.path('talk.wav'));
  const { readFileSync } = await import('node:fs');
  const input = readFileSync(machine.path('talk.wav'));
  const { code, stdout, stderr } = await machine.run(
    ['record', '--input', '-', '--pace', 'fast', '-o', 'text'],
    { input },
  );
  assert.equal(code, 0, stderr);
  assert.match(words(stdout), /(?:first|1st) of march/);
});
