import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { before, test } from 'node:test';
import { BenchRun } from '@speakr/contracts/bench-run';
import { buildCli, newMachine, speak } from './harness.ts';

before(buildCli);

test('a folder with references is measured, whole and live, and nothing of it is kept', async () => {
  await using machine = newMachine();
  mkdirSync(machine.path('clips'));
  const sentences = {
    a: 'We decided to launch the new website.',
    b: 'Alex sends the budget to finance by Friday.',
  };
  for (const [name, text] of Object.entries(sentences)) {
    speak(text, machine.path(`clips/${name}.wav`));
    writeFileSync(machine.path(`clips/${name}.txt`), text);
  }
  // One that is said to be something else: an error must be seen.
  speak('The meeting begins at noon.', machine.path('clips/c.wav'));
  writeFileSync(machine.path('clips/c.txt'), 'The party begins at noon.');
  writeFileSync(machine.path('clips/d.txt'), 'No audio beside this.');
  writeFileSync(machine.path('clips/e.mp3'), 'no audio\n'.repeat(100));
  writeFileSync(machine.path('clips/e.txt'), 'Nothing.');
  mkdirSync(machine.path('tmp'));
  machine.env.TMPDIR = machine.path('tmp');

  const done = await machine.run(['bench', 'clips', '--json', '--save', 'run.jsonl', '--live-minutes', '1']);
  assert.equal(done.code, 1, done.stderr);
  const run = BenchRun.parse(JSON.parse(done.stdout));
  assert.deepEqual(run.failed, [{ file: 'e.mp3', code: 'file_not_audio' }]);
  assert.equal(run.engine, 'moonshine-tiny-en');
  assert.equal(run.files?.clips, 3);
  assert.equal(run.files?.words, 20);
  const wrong = run.perClip.find(({ file }) => file === 'c.wav');
  assert.ok(wrong !== undefined && wrong.errors >= 1, 'party is not meeting');
  assert.ok((run.files?.wordErrorRate ?? 1) < 0.35, JSON.stringify(run.perClip));
  assert.ok((run.files?.realTimeFactor ?? 0) > 0 && (run.files?.cpuPerSecond ?? 0) > 0);
  assert.ok((run.files?.memoryBytes ?? 0) > 1e8);
  assert.equal(run.live?.clips, 3);
  for (const name of ['firstDisplayMs', 'stabilisationMs', 'finalisationMs', 'stopToNotesMs'] as const)
    assert.ok((run.live?.[name]?.count ?? 0) > 0, name);
  assert.ok((run.live?.finalisationMs?.p50 ?? -1) > 0, 'a final comes after its phrase');
  assert.equal(existsSync(machine.dataDir), false, 'the user’s data directory was not touched');
  assert.deepEqual(readdirSync(machine.path('tmp')), [], 'the bench’s own is gone');

  const table = await machine.run(['bench', '--compare', 'run.jsonl', '--compare', 'run.jsonl']);
  assert.equal(table.code, 0, table.stderr);
  assert.match(table.stdout, /^word error rate\t[\d.]+ %\t[\d.]+ %\t±0 %$/m);
  assert.match(table.stdout, /^phrase end → final, p50 \/ p95\t/m);
});
