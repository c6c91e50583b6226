import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { buildCli, newMachine, sentence, speakAndWait, speakrInShell, words } from './harness.ts';
import { openTerminal } from './terminal.ts';

before(buildCli);

for (const columns of [40, 100])
  test(`on a terminal of ${columns} columns: captions, marks, help, Enter, notes`, async () => {
    await using machine = newMachine();
    speakAndWait(sentence, machine.path('talk.wav'));
    using terminal = openTerminal(machine, { columns });
    terminal.type(`${speakrInShell} record --input talk.wav`, 'Enter');
    await terminal.sees(/● \d\d:\d\d/);
    await terminal.sees(/\[00:0\d\] We decided/);
    terminal.type('m');
    await terminal.sees(/Marked \d\d:\d\d:/);
    terminal.type('budget', 'Enter');
    await terminal.sees(/Marked \d\d:\d\d: budget/);
    terminal.type('t');
    await terminal.sees(/Title #tags:/);
    terminal.type('Planning #launch', 'Enter');
    terminal.type('?');
    await terminal.sees(/m +mark this moment/);
    terminal.type('Enter');
    await terminal.sees(/# Planning/);
    await terminal.sees(/## Summary/);
    await terminal.sees(/Recorded \d\d:\d\d as \w{6}/);
    await terminal.sees(/Receipt: \d\d:\d\d captured, on disk, at the server and transcribed; no gap\./);
    const notes = await machine.run(['notes', 'last']);
    assert.match(notes.stdout, /budget/);
    const { stdout } = await machine.run(['list', '--json']);
    assert.deepEqual(JSON.parse(stdout).recordings[0].tags, ['launch']);
    assert.match(terminal.text(), /notes \(OSC 52\)|on the clipboard/);
  });

test('Esc asks, another key goes on, y discards', async () => {
  await using machine = newMachine();
  speakAndWait(sentence, machine.path('talk.wav'));
  using terminal = openTerminal(machine);
  terminal.type(`${speakrInShell} record --input talk.wav --no-clipboard`, 'Enter');
  await terminal.sees(/● \d\d:\d\d/);
  terminal.type('Escape');
  await terminal.sees(/Discard this recording\?/);
  terminal.type('n');
  await terminal.sees(/\? help/);
  terminal.type('Escape');
  await terminal.sees(/Discard this recording\?/);
  terminal.type('y');
  await terminal.sees(/Discarded\. `speakr recover --undo \w{6}`/);
});

test('plain lines and Ctrl-C on a terminal without colour', async () => {
  await using machine = newMachine({ NO_COLOR: '1' });
  speakAndWait(sentence, machine.path('talk.wav'));
  using terminal = openTerminal(machine);
  terminal.type(`${speakrInShell} record --input talk.wav --plain --no-clipboard; echo "code $?"`, 'Enter');
  await terminal.sees(/Recording\. Enter stops;/);
  await terminal.sees(/\[00:0\d\] We decided/);
  terminal.type('C-c');
  await terminal.sees(/code 0/);
  assert.match(words(terminal.text()), /recorded 00/);
});
