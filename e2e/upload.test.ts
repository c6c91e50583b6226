import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { TranscribeResult } from '@speakr/contracts/cli-json';
import { PART_BYTES } from '@speakr/contracts/uploads';
import { startFaultProxy } from './faults/fault-proxy.ts';
import { buildCli, end, jsonLines, makeAudio, newMachine, speak, words } from './harness.ts';

const sentence = 'We launch on the first of March. Alex sends the budget to finance by Friday.';

before(buildCli);

test('a file goes to a server elsewhere over a connection that breaks, and over a command that is killed, once', async () => {
  await using server = newMachine();
  const serving = server.start(['serve']);
  await serving.sees(/token {2}\S+\n/);
  const [, url = '', token = ''] = /url {4}(\S+)\ntoken {2}(\S+)/.exec(serving.stdout()) ?? [];
  await using way = await startFaultProxy(url);
  await using machine = newMachine({ SPEAKR_SERVER: way.url, SPEAKR_TOKEN: token });
  // No ffmpeg here: the server reads it.
  const elsewhere = { SPEAKR_FFMPEG: '/nowhere/ffmpeg' };
  speak(sentence, machine.path('said.wav'));
  // Four parts, of which only the first has speech.
  makeAudio(
    machine.path('talk.wav'),
    '-i',
    machine.path('said.wav'),
    '-af',
    'apad=whole_dur=160',
    '-ar',
    '48000',
    '-ac',
    '2',
  );

  const broke = way.cutAfter(1.5 * PART_BYTES);
  const killed = machine.start(['transcribe', 'talk.wav', '--upload', '--json'], { env: elsewhere });
  await broke;
  await killed.sees(/talk\.wav: .*It goes on when the server answers/);
  await way.cutAfter(1.5 * PART_BYTES);
  way.refuse();
  await end(killed.child.pid ?? 0, 'SIGKILL');
  way.admit();

  const { code, stdout, stderr } = await machine.run(['transcribe', 'talk.wav', '--json'], {
    env: elsewhere,
  });
  assert.equal(code, 0, stderr);
  const [line] = jsonLines(stdout);
  const { text, receipt, durationMs, recordingId } = TranscribeResult.parse(line);
  assert.match(words(text), /first of march.*budget.*friday/);
  assert.deepEqual([receipt.acknowledgedMs, receipt.gaps], [durationMs, []]);
  const { recordings } = JSON.parse((await machine.run(['list', '--json'])).stdout) as {
    recordings: { id: string; source: string }[];
  };
  assert.deepEqual(
    recordings.map(({ id, source }) => [id, source]),
    [[recordingId, 'talk.wav']],
  );
  serving.child.kill('SIGTERM');
  await serving.finished;
});
