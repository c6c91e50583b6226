import assert from 'node:assert/strict';
import { appendFileSync, copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { before, test } from 'node:test';
import { until } from '../scripts/until.ts';
import { buildCli, end, jsonLines, makeAudio, newMachine, sentence, speak, words } from './harness.ts';

before(buildCli);

test('what lands in a folder is transcribed once: while it is written, as a copy, and after a restart', async () => {
  await using machine = newMachine();
  mkdirSync(machine.path('inbox/sub dir'), { recursive: true });
  speak(sentence, machine.path('talk.wav'));
  makeAudio(machine.path('other.ogg'), '-i', machine.path('talk.wav'), '-af', 'atempo=1.1');
  const bytes = readFileSync(machine.path('talk.wav'));
  const watching = machine.start(['watch', 'inbox', '--tag', 'phone', '--settle', '2']);
  await watching.sees(/Watching inbox/);
  // Bit by bit, for longer than a file must have rested.
  for (let part = 0; part < 12; part += 1) {
    const at = (index: number) => Math.ceil((bytes.length * index) / 12);
    appendFileSync(machine.path('inbox/sub dir/tälk.wav'), bytes.subarray(at(part), at(part + 1)));
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  await watching.sees(/^\w{6}\t00:\d\d\tsub dir\/tälk\.wav$/m);
  copyFileSync(machine.path('talk.wav'), machine.path('inbox/copy.wav'));
  await watching.sees(/copy\.wav: was taken in before, as \w{6}/);
  watching.child.kill('SIGINT');
  assert.equal((await watching.finished).code, 0);

  writeFileSync(machine.path('inbox/notes.mp3'), 'no audio\n'.repeat(100));
  copyFileSync(machine.path('other.ogg'), machine.path('inbox/other.ogg'));
  const again = await machine.run(['watch', 'inbox', '--once', '--json', '--settle', '0']);
  assert.equal(again.code, 1, again.stderr);
  const lines = jsonLines(again.stdout);
  assert.deepEqual(
    lines.map(({ file, error }) => [file, (error as { code?: string } | undefined)?.code]),
    [
      ['notes.mp3', 'file_not_audio'],
      ['other.ogg', undefined],
    ],
  );
  const { recordings } = JSON.parse((await machine.run(['list', '--json'])).stdout);
  assert.deepEqual(
    recordings.map((each: { source: string; tags: string[] }) => [each.source, each.tags]),
    [
      ['other.ogg', []],
      ['tälk.wav', ['phone']],
    ],
  );
  assert.doesNotMatch(
    readFileSync(`${machine.dataDir}/intake.jsonl`, 'utf8'),
    /lk|wav|ogg/,
    'no names in it',
  );
});

test('a file that was begun when the machine went down is done again, and is there once', async () => {
  await using machine = newMachine();
  mkdirSync(machine.path('inbox'));
  speak(sentence, machine.path('said.wav'));
  makeAudio(machine.path('inbox/long.wav'), '-stream_loop', '19', '-i', machine.path('said.wav'));
  const watching = machine.start(['watch', 'inbox', '--settle', '0']);
  const ledger = `${machine.dataDir}/intake.jsonl`;
  await until('it was begun', () => {
    try {
      return readFileSync(ledger, 'utf8').includes('begun');
    } catch {
      return false;
    }
  });
  await until('the server runs', () => machine.serverPid() !== undefined);
  watching.child.kill('SIGKILL');
  await end(machine.serverPid() as number, 'SIGKILL');
  await watching.finished;
  const again = await machine.run(['watch', 'inbox', '--settle', '0', '--once']);
  assert.equal(again.code, 0, again.stderr);
  const { recordings } = JSON.parse((await machine.run(['list', '--json'])).stdout);
  assert.equal(recordings.length, 1);
  assert.equal(recordings[0].state, 'ready');
});

test('audio with a transcript comes in as it is: searchable, with notes, nothing recognized', async () => {
  await using machine = newMachine();
  mkdirSync(machine.path('old'));
  // What is said has nothing to do with what is written: so it is certain where the words come from.
  speak('One two three four five six seven eight nine ten.', machine.path('old/a.wav'));
  writeFileSync(
    machine.path('old/a.srt'),
    '1\n00:00:00,500 --> 00:00:02,000\nThe zebra crossed the river.\n\n2\n00:00:02,000 --> 00:00:03,000\nBob will count the zebras by Friday.\n',
  );
  makeAudio(machine.path('old/b.flac'), '-i', machine.path('old/a.wav'));
  writeFileSync(machine.path('old/b.txt'), 'Giraffes eat leaves.\nThey sleep standing.\n');
  copyFileSync(machine.path('old/b.flac'), machine.path('old/c.flac'));
  appendFileSync(machine.path('old/c.flac'), 'x');
  const imported = await machine.run(['import', 'old', '--tag', 'archive', '--json']);
  assert.equal(imported.code, 1, 'one has no transcript');
  assert.match(imported.stderr, /old\/c\.flac: has no transcript beside it/);
  const [first, second] = jsonLines(imported.stdout) as {
    recordingId: string;
    text: string;
    model: string;
  }[];
  assert.deepEqual(
    [first?.text, first?.model],
    ['The zebra crossed the river. Bob will count the zebras by Friday.', 'imported'],
  );
  assert.equal(second?.text, 'Giraffes eat leaves. They sleep standing.');

  const { recording, transcript } = JSON.parse(
    (await machine.run(['show', first?.recordingId.slice(-6) ?? '', '--json'])).stdout,
  );
  assert.deepEqual([transcript.origin, transcript.complete, recording.state], ['import', true, 'ready']);
  assert.equal(recording.receipt.transcribedMs, recording.receipt.capturedMs);
  assert.match((await machine.run(['notes', recording.id])).stdout, /Bob/);
  const { hits } = JSON.parse((await machine.run(['query', 'what crossed the river', '--json'])).stdout);
  assert.match(hits[0].text, /zebra/);
  const played = await machine.run([
    'play',
    recording.id,
    '--at',
    '0:01',
    '--until',
    '0:02',
    '--to',
    'x.wav',
  ]);
  assert.equal(played.code, 0, played.stderr);

  const again = await machine.run(['import', 'old/a.wav']);
  assert.equal(again.code, 0, again.stderr);
  assert.match(again.stderr, /was taken in before, as \w{6}/);
  const heard = await machine.run(['retranscribe', recording.id]);
  assert.match(words(heard.stdout), /three four five/, 'the audio is really there');
});
