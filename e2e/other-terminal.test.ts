import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { before, test } from 'node:test';
import { answer, until } from '../scripts/until.ts';
import { buildCli, end, newMachine, sentence, speak, speakAndWait, words } from './harness.ts';

before(buildCli);

test('a running recording is seen, searched, played and annotated from another terminal', async () => {
  await using machine = newMachine();
  speakAndWait(sentence, machine.path('talk.wav'));
  speak('We launch in the summer. That was years ago.', machine.path('old.wav'));
  const old = await machine.run(['transcribe', 'old.wav', '--title', 'Old', '-o', 'id']);
  assert.equal(old.code, 0, old.stderr);

  const recording = machine.start(['record', '--input', 'talk.wav', '--no-clipboard', '--title', 'Planning']);
  await recording.sees(/^\[00:0\d\] We decided[\s\S]*by Friday/m);

  const status = JSON.parse((await machine.run(['status', '--json'])).stdout);
  assert.equal(status.recordings.length, 1);
  const [running] = status.recordings;
  assert.deepEqual([running.title, running.source, running.pid > 0], ['Planning', 'talk.wav', true]);
  assert.match(
    (await machine.run(['status'])).stdout,
    /^Recording: \w{6}, 00:\d\d, Planning, talk\.wav, process \d+\n/,
  );

  const past = JSON.parse((await machine.run(['query', 'when do we launch', '--json'])).stdout);
  assert.deepEqual([...new Set(past.hits.map((hit: { title: string }) => hit.title))], ['Old']);
  const asked = ['query', '--live', 'when do we launch'];
  const live = await answer(
    'what was just said is found',
    async () => {
      const { hits } = JSON.parse((await machine.run([...asked, '--json'])).stdout);
      return hits.find((hit: { recordingId: string }) => hit.recordingId === running.id);
    },
    (hit) => hit !== undefined,
  );
  assert.equal(live.running, true);
  assert.match(live.text, /March/);
  const shown = await machine.run(asked);
  const [, hint = ''] = /recording now {2}speakr (play \w{6} --at \d\d:\d\d)/.exec(shown.stdout) ?? [];
  const played = await machine.run([...hint.split(' '), '--to', 'quote.wav']);
  assert.equal(played.code, 0, played.stderr);
  const bytes = readFileSync(machine.path('quote.wav'));
  assert.ok(bytes.length > 44 + 2 * 32_000, `${bytes.length} bytes`);
  assert.ok(loudest(bytes.subarray(44)) > 3000, 'what was said is in it');

  const noted = await machine.run(['note', 'Alex', 'wants', 'monthly', 'billing', '--json']);
  assert.deepEqual(JSON.parse(noted.stdout), { command: 'note', recordings: [running.id] });
  assert.match(noted.stderr, /Noted at 00:\d\d/);
  const stopped = await machine.run(['stop', '--json']);
  assert.deepEqual(JSON.parse(stopped.stdout), { command: 'stop', recordings: [running.id] });
  const { code, stdout, stderr } = await recording.finished;
  assert.equal(code, 0, stderr);
  assert.match(stdout, /Alex wants monthly billing/, 'the note is in the notes');
  const { moments } = JSON.parse((await machine.run(['show', 'last', '--json'])).stdout).recording;
  assert.equal(moments[0].kind, 'note');
  assert.ok(moments[0].atMs > 2000, `${moments[0].atMs}`);
});

test('two recordings at once: one is named, or all are meant; a note waits for a server that was killed', async () => {
  await using machine = newMachine();
  speakAndWait('One sentence is enough for this.', machine.path('long.wav'));
  const record = () => machine.start(['record', '--input', 'long.wav', '--no-clipboard', '-o', 'text']);
  const [first, second] = [record(), record()];
  const list = async () => JSON.parse((await machine.run(['status', '--json'])).stdout).recordings;
  await until('both run', async () => {
    const found = await list();
    return found.length === 2 && found.every((each: { title?: string }) => each.title !== undefined);
  });
  const recordings: { id: string; pid: number }[] = await list();

  const unclear = await machine.run(['note', 'for whom?']);
  assert.equal(unclear.code, 2, unclear.stderr);
  assert.match(unclear.stderr, /2 recordings are running: \w{6}, \w{6}\./);

  await end(machine.serverPid() as number, 'SIGKILL');
  const one = recordings[0] as { id: string; pid: number };
  const noted = await machine.run(['note', 'important', '--recording', one.id.slice(-6)]);
  assert.equal(noted.code, 0, noted.stderr);

  const cancelled = await machine.run(['cancel', one.id.slice(-6), '--yes', '--json']);
  assert.deepEqual(JSON.parse(cancelled.stdout), { command: 'cancel', recordings: [one.id] });
  await until('the cancelled one has ended', async () => (await list()).length === 1);
  const all = await machine.run(['stop', '--all', '--json']);
  assert.deepEqual(JSON.parse(all.stdout).recordings, [recordings[1]?.id]);
  const endings = await Promise.all([first.finished, second.finished]);
  for (const { code, stderr } of endings) assert.equal(code, 0, stderr);
  const texts = endings.map(({ stdout }) => words(stdout));
  assert.deepEqual(texts.filter((text) => /one sentence is enough/.test(text)).length, 1);
  const nothing = await machine.run(['stop']);
  assert.match(nothing.stderr, /No recording is running\./);
});

function loudest(pcm: Buffer): number {
  let most = 0;
  for (let at = 0; at + 1 < pcm.length; at += 2) most = Math.max(most, Math.abs(pcm.readInt16LE(at)));
  return most;
}
