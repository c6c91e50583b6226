import assert from 'node:assert/strict';
import { createReadStream, existsSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join, normalize } from 'node:path';
import { before, test } from 'node:test';
import { buildCli, modelsDir, newMachine, sentence, speak, speakrInShell } from './harness.ts';
import { openTerminal } from './terminal.ts';

before(buildCli);

test('the first recording explains what is missing, asks, fetches it with progress, and goes on', async () => {
  // A mirror on this machine, which has the real models.
  await using mirror = createServer((request, response) => {
    const file = join(modelsDir, normalize(decodeURIComponent(request.url ?? '/')));
    if (!existsSync(file)) return response.writeHead(404).end();
    return createReadStream(file).pipe(response);
  });
  await new Promise<void>((resolve) => mirror.listen(0, '127.0.0.1', resolve));
  await using machine = newMachine({
    SPEAKR_MODELS_MIRROR: `http://127.0.0.1:${(mirror.address() as AddressInfo).port}`,
  });
  machine.env.SPEAKR_MODELS_DIR = machine.path('no models');
  speak(sentence, machine.path('talk.wav'));
  using terminal = openTerminal(machine, { columns: 60 });
  const record = `${speakrInShell} record --input talk.wav --no-clipboard`;
  terminal.type(record, 'Enter');
  await terminal.sees(/on this machine\. For that it needs 3 models \(\d+\s+MB\)/);
  await terminal.sees(/Fetch them now\? \[Y\/n\]/);
  terminal.type('Enter');
  await terminal.sees(/moonshine-tiny-en is installed\./);
  await terminal.sees(/Recorded \d\d:\d\d as \w{6}/);
  terminal.type('clear', 'Enter');
  await terminal.sees(/^(?![\s\S]*Fetch them now)/);
  terminal.type(record, 'Enter');
  await terminal.sees(/● \d\d:\d\d|Recorded \d\d:\d\d/);
  assert.doesNotMatch(terminal.text(), /Fetch them now/);
});

test('who says no records all the same, and is told how to fetch them later', async () => {
  await using machine = newMachine();
  machine.env.SPEAKR_MODELS_DIR = machine.path('no models');
  speak(sentence, machine.path('talk.wav'));
  using terminal = openTerminal(machine);
  terminal.type(`${speakrInShell} record --input talk.wav --no-clipboard`, 'Enter');
  await terminal.sees(/Fetch them now\?/);
  terminal.type('n', 'Enter');
  await terminal.sees(/`speakr models pull` fetches them later/);
  await terminal.sees(/The audio is kept|Fetch the models now/);
  const pipe = await machine.run(['record', '--input', 'talk.wav', '--pace', 'fast']);
  assert.notEqual(pipe.code, 0);
  assert.match(pipe.stderr, /speakr models pull/, 'without a terminal nothing is asked');
});
