import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { before, test } from 'node:test';
import { buildCli, newMachine, sentence, speak, speakrInShell, words } from './harness.ts';

before(buildCli);

test('data goes to stdout, talk to stderr, and commands compose', async () => {
  await using machine = newMachine();
  speak(sentence, machine.path('a.wav'));
  const sh = (script: string) =>
    machine.run(['-c', `set -o pipefail; speakr() { ${speakrInShell} "$@"; }; ${script}`], {
      program: ['bash'],
    });

  const piped = await sh('ffmpeg -loglevel error -i a.wav -f ogg - | speakr transcribe - -o srt');
  assert.equal(piped.code, 0, piped.stderr);
  assert.match(piped.stdout, /^1\n00:00:00,\d{3} --> 00:00:0\d,\d{3}\n/);

  const id = (await sh('speakr transcribe a.wav --title Second --tag demo -o id')).stdout.trim();
  assert.match(id, /^[0-9a-f-]{36}$/);
  const xargs = await sh(`speakr list --tag demo -o id | xargs -n1 ${speakrInShell} export --format json`);
  assert.equal(JSON.parse(xargs.stdout).recording.id, id);

  const head = await sh('speakr show last | head -1');
  assert.deepEqual([head.code, head.stdout.split(/\s{2}/)[0]], [0, 'Second']);
  assert.equal(head.stderr, '', 'a closed pipe is quiet');

  const vtt = await sh('speakr export last --format vtt --to out.vtt && head -1 out.vtt');
  assert.match(vtt.stdout, /^WEBVTT/);
  const listed = (await sh('speakr list')).stdout.replace(/\n$/, '').split('\n');
  assert.equal(listed.length, 2);
  assert.ok(listed.every((line) => line.split('\t').length === 6 && !line.includes('\x1b')));

  await sh('speakr rename last New title && speakr tag last more --remove demo');
  const renamed = JSON.parse((await sh('speakr show last --json')).stdout);
  assert.deepEqual([renamed.recording.title, renamed.recording.tags], ['New title', ['more']]);

  const edited = await sh(`EDITOR="sed -i s/launch/LAUNCH/" speakr edit last && speakr show last -o text`);
  assert.match(edited.stdout, /LAUNCH/);
  assert.match(edited.stderr, /revision 2/);

  const played = await sh('speakr play last --at 0:01 --until 0:02 --to quote.wav');
  assert.equal(played.code, 0, played.stderr);
  assert.equal(readFileSync(machine.path('quote.wav')).length, 44 + 32_000);

  const again = await sh('speakr retranscribe last');
  assert.equal(again.code, 0, again.stderr);
  assert.match(words(again.stdout), /new website on the (?:first|1st) of march/);

  const backup = await sh(
    'SPEAKR_PASSPHRASE=secret speakr backup all.backup && speakr delete --yes last && speakr list | wc -l',
  );
  assert.equal(backup.stdout.trim(), '1', backup.stderr);
  const wrong = await sh('SPEAKR_PASSPHRASE=wrong speakr restore --yes all.backup');
  assert.equal(wrong.code, 6, wrong.stderr);
  const restored = await sh(
    'SPEAKR_PASSPHRASE=secret speakr restore --yes all.backup && speakr list | wc -l',
  );
  assert.equal(restored.stdout.trim(), '2', restored.stderr);

  const refused = await sh('speakr delete last');
  assert.equal(refused.code, 2);
  assert.match(refused.stderr, /--yes/);
});

test('Ctrl-C ends a recording of a pipe that stays open, with notes', async () => {
  await using machine = newMachine();
  const wav = readFileSync(speak(sentence.repeat(4), machine.path('a.wav')));
  const recording = machine.start(['record', '--input', '-', '--no-clipboard']);
  recording.child.stdin?.write(wav);
  await recording.sees(/first of March/i);
  recording.child.kill('SIGINT');
  const { code, stdout, stderr } = await recording.finished;
  assert.equal(code, 0, stderr);
  assert.match(stdout, /## Summary/);
});
