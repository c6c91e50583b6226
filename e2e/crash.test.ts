import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { until } from '../scripts/until.ts';
import { buildCli, end, jsonLines, newMachine, sentence, speakAndWait, words } from './harness.ts';

before(buildCli);

test('a killed recorder loses nothing: the next command says so and `recover` finishes it', async () => {
  await using machine = newMachine();
  speakAndWait(sentence, machine.path('talk.wav'));
  const recording = machine.start(['record', '--input', 'talk.wav', '--json']);
  await recording.sees(/"type":"ack","track":0,"samples":([5-9]\d{4}|\d{6})/);
  recording.child.kill('SIGKILL');
  await recording.finished;
  const listed = await machine.run(['status']);
  assert.match(listed.stderr, /One recording was not finished/);
  const recovered = await machine.run(['recover', '--json']);
  assert.equal(recovered.code, 0, recovered.stderr);
  const [line] = jsonLines(recovered.stdout) as [
    { receipt: { capturedMs: number; acknowledgedMs: number; gaps: unknown[] } },
  ];
  assert.ok(line.receipt.capturedMs >= 2500);
  assert.deepEqual([line.receipt.acknowledgedMs, line.receipt.gaps], [line.receipt.capturedMs, []]);
  const shown = await machine.run(['show', 'last', '-o', 'text']);
  assert.match(words(shown.stdout), /^we decided to launch the new website/);
  assert.match((await machine.run(['recover'])).stderr, /Nothing needs to be recovered/);
});

test('a server killed in mid-recording is started again, and the receipt has no gap', async () => {
  await using machine = newMachine();
  speakAndWait(`${sentence} Maria calls the printer on Monday.`, machine.path('talk.wav'));
  const recording = machine.start(['record', '--input', 'talk.wav', '--no-clipboard', '--json']);
  await recording.sees(/"type":"ack","track":0,"samples":\d{5}/);
  const pid = machine.serverPid();
  assert.ok(pid !== undefined);
  await end(pid, 'SIGKILL');
  await recording.sees(/"type":"ready"[\s\S]*"type":"ready"/);
  // 12 s: all of it has been said.
  await recording.sees(/"type":"ack","track":0,"samples":(19[2-9]|[2-9]\d\d|\d{4})\d{3}\b/);
  assert.equal((await machine.run(['stop'])).code, 0);
  const { code, stdout, stderr } = await recording.finished;
  assert.equal(code, 0, stderr);
  const events = jsonLines(stdout);
  assert.ok(events.filter((event) => event.type === 'ready').length >= 2);
  const last = events.at(-1) as { receipt: { capturedMs: number; acknowledgedMs: number; gaps: unknown[] } };
  assert.deepEqual([last.receipt.acknowledgedMs, last.receipt.gaps], [last.receipt.capturedMs, []]);
  const shown = await machine.run(['show', 'last', '-o', 'text']);
  assert.match(words(shown.stdout), /(?:first|1st) of march.*friday.*monday/);
});

test('Ctrl-C stops in an orderly way; twice leaves at once and keeps the audio', async () => {
  await using machine = newMachine();
  speakAndWait(sentence, machine.path('talk.wav'));
  const stopped = machine.start(['record', '--input', 'talk.wav', '--no-clipboard']);
  await stopped.sees(/first of March/i);
  stopped.child.kill('SIGINT');
  const { code, stdout, stderr } = await stopped.finished;
  assert.equal(code, 0, stderr);
  assert.match(stdout, /## Summary/);

  const left = machine.start(['record', '--input', 'talk.wav', '--json']);
  await left.sees(/"type":"ack"/);
  left.child.kill('SIGINT');
  await new Promise((resolve) => setTimeout(resolve, 350));
  left.child.kill('SIGINT');
  const result = await left.finished;
  // Where the first one was quicker than the second, everything is finished already.
  if (result.code !== 0) {
    assert.equal(result.code, 130, result.stderr);
    assert.match(result.stderr, /left at once.*recover/);
    assert.equal((await machine.run(['recover'])).code, 0);
  }
  assert.equal((await machine.run(['list'])).stdout.trim().split('\n').length, 2);
});

test('a discarded recording is gone from the list and can be taken back', async () => {
  await using machine = newMachine();
  speakAndWait(sentence, machine.path('talk.wav'));
  const recording = machine.start(['record', '--input', 'talk.wav', '--json']);
  await recording.sees(/"type":"ack"/);
  const cancelled = await machine.run(['cancel', '--yes']);
  assert.equal(cancelled.code, 0, cancelled.stderr);
  const { code, stderr } = await recording.finished;
  assert.equal(code, 0, stderr);
  assert.match(stderr, /Discarded.*recover --undo/);
  assert.equal((await machine.run(['list'])).stdout, '');
  const undone = await machine.run(['recover', '--undo']);
  assert.equal(undone.code, 0, undone.stderr);
  const id = undone.stdout.trim();
  await until('the recording is transcribed', async () => {
    const shown = await machine.run(['show', id, '--json']);
    return JSON.parse(shown.stdout).recording.state === 'ready';
  });
});

test('two recordings at once; a command that means one of them asks which', async () => {
  await using machine = newMachine();
  speakAndWait(sentence, machine.path('talk.wav'));
  const both = ['One', 'Two'].map((title) =>
    machine.start(['record', '--input', 'talk.wav', '--title', title, '--json']),
  );
  for (const recording of both) await recording.sees(/"type":"ack"/);
  const stop = await machine.run(['stop']);
  assert.equal(stop.code, 2);
  assert.match(stop.stderr, /2 recordings are running: \w{6}, \w{6}\. Name one of them/);
  assert.equal((await machine.run(['stop', '--all'])).code, 0);
  for (const recording of both) assert.equal((await recording.finished).code, 0, recording.stderr());
  const listed = await machine.run(['list']);
  assert.match(listed.stdout, /One[\s\S]*Two|Two[\s\S]*One/);
});
