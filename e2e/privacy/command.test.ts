import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, it, test } from 'node:test';
import { until } from '../../scripts/until.ts';
import { phrases, recordSound } from '../../server/fixtures/test-app.ts';
import { fleetMissing } from '../../server/fixtures/test-fleet.ts';
import { buildCli, jsonLines, newMachine, sentence, speak, speakAndWait } from '../harness.ts';
import { hostedPlace } from './place.ts';
import { readTar } from './read-tar.ts';

// The command itself, as somebody uses it on their own machine, and at a server elsewhere.

const missing = await fleetMissing();

before(buildCli);

/** Every file below a folder, which need not be there. */
const filesIn = (folder: string): string[] =>
  existsSync(folder)
    ? readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name))
    : [];

test('everything is taken out, and then erased, also what is just being recorded', async () => {
  await using machine = newMachine();
  speak(sentence, machine.path('talk.wav'));
  const done = await machine.run(['transcribe', 'talk.wav', '--title', 'Zanzibar', '-o', 'id']);
  assert.equal(done.code, 0, done.stderr);
  const id = done.stdout.trim();

  // What people type comes back as they typed it.
  const title = 'Zanzibar שלום 👩‍👩‍👧‍👦 Ma\u0301rquez 𝄞';
  assert.equal((await machine.run(['rename', id, title])).code, 0);
  assert.equal((await machine.run(['tag', id, title])).code, 0);
  const listed = JSON.parse((await machine.run(['list', '--tag', title, '--json'])).stdout).recordings[0];
  assert.deepEqual([listed.title, listed.tags], [title, [title]]);

  const exported = await machine.run(['privacy', 'export', 'all.tar']);
  assert.equal(exported.code, 0, exported.stderr);
  assert.match(exported.stderr, /1 recordings\. It is not encrypted/);
  const files = readTar(readFileSync(machine.path('all.tar')));
  assert.match(String(files.get(`recordings/${id}/recording.json`)), /Zanzibar/);
  const piped = await machine.run(['privacy', 'export', '-']);
  assert.ok(piped.stdout.includes('end.json'));
  const twice = await machine.run(['privacy', 'export', 'all.tar', '--json']);
  assert.equal(twice.code, 2, twice.stderr);

  const unasked = await machine.run(['privacy', 'erase']);
  assert.equal(unasked.code, 2);
  assert.match(unasked.stderr, /--yes/);

  mkdirSync(machine.path('inbox'));
  copyFileSync(machine.path('talk.wav'), machine.path('inbox/talk.wav'));
  const watch = async () => {
    const { code, stdout, stderr } = await machine.run([
      'watch',
      'inbox',
      '--once',
      '--settle',
      '0',
      '--json',
    ]);
    assert.equal(code, 0, stderr);
    return jsonLines(stdout).map(({ recordingId }) => recordingId);
  };
  const [watched = ''] = (await watch()) as string[];
  // Deleted by its user, it does not come back by itself.
  assert.equal((await machine.run(['delete', watched, '--yes'])).code, 0);
  assert.deepEqual(await watch(), []);

  speakAndWait(sentence, machine.path('long.wav'));
  const upload = machine.start(['transcribe', 'long.wav', '--upload']);
  const pending = () => filesIn(join(machine.dataDir, 'pending-uploads'));
  await until('an upload is under way', () => pending().some((file) => readFileSync(file).length > 0));
  upload.child.kill('SIGKILL');
  await upload.finished;
  const { uploadId, recordingId } = JSON.parse(readFileSync(pending()[0] ?? '', 'utf8'));
  const hash = createHash('sha256')
    .update(readFileSync(machine.path('talk.wav')))
    .digest('hex');
  const traces = () =>
    filesIn(machine.dataDir).flatMap((file) => {
      const content = readFileSync(file);
      const words = [id, watched, uploadId, recordingId, hash, 'Zanzibar'];
      return words.filter((word) => content.includes(word)).map((word) => `${word} in ${file}`);
    });
  // As if the log had been full.
  const log = join(machine.dataDir, 'run', 'server.log');
  copyFileSync(log, `${log}.1`);
  // The look finds what is there.
  for (const name of ['speakr.db', 'intake.jsonl', 'pending-uploads', 'server.log', 'server.log.1'])
    assert.ok(
      traces().some((trace) => trace.includes(name)),
      name,
    );

  const recorder = machine.start(['record', '--input', 'long.wav', '--no-clipboard', '--json']);
  await recorder.sees(/"type":"ack","track":0,"samples":[1-9]\d{4}/);
  const erased = await machine.run(['privacy', 'erase', '--yes', '--json']);
  assert.equal(erased.code, 0, erased.stderr);
  assert.ok(JSON.parse(erased.stdout).recordings >= 2);
  await recorder.finished;
  const spool = join(machine.dataDir, 'spool');
  assert.deepEqual(existsSync(spool) ? readdirSync(spool) : [], []);
  const list = await machine.run(['list', '--json']);
  assert.deepEqual(JSON.parse(list.stdout).recordings, []);
  assert.deepEqual(traces(), []);
  // A new account knows nothing of what was there.
  const [fresh] = await watch();
  assert.match(String(fresh), /^[0-9a-f-]{36}$/);
  assert.equal((await machine.run(['privacy', 'erase', '--yes'])).code, 0);
  const again = await machine.run(['privacy', 'erase', '--yes']);
  assert.equal(again.code, 0, again.stderr);
  assert.match(again.stderr, /Erased: 0 recordings/);
});

describe('at a server elsewhere', { skip: missing }, () => {
  it('everything of 50 recordings is taken out, and nothing is left after erase; of others nothing is touched', async (t) => {
    const place = await hostedPlace(t);
    const { user, other = '' } = place;
    const environment = (name: string) => ({
      SPEAKR_SERVER: place.url,
      SPEAKR_TOKEN: name,
      SPEAKR_FAILOVER: 'off',
    });
    await using machine = newMachine(environment(user));
    const record = (name: string) =>
      recordSound({ connect: () => place.connect(name) }, phrases(1, 500, 500), { title: 'Zanzibar' });
    const ids: string[] = [];
    while (ids.length < 50) ids.push(...(await Promise.all(Array.from({ length: 10 }, () => record(user)))));
    const foreign = await record(other);

    const exported = await machine.run(['privacy', 'export', 'all.tar']);
    assert.equal(exported.code, 0, exported.stderr);
    assert.match(exported.stderr, /50 recordings\./);
    const files = readTar(readFileSync(machine.path('all.tar')));
    for (const id of ids) assert.match(String(files.get(`recordings/${id}/recording.json`)), /Zanzibar/);
    assert.equal(files.has(`recordings/${foreign}/recording.json`), false);

    const erased = await machine.run(['privacy', 'erase', '--yes', '--json']);
    assert.equal(erased.code, 0, erased.stderr);
    assert.equal(JSON.parse(erased.stdout).recordings, 50);
    // What was published before is on its way through the consumers, and finds nothing.
    await until('nothing is left', async () => (await place.traces(ids)).length === 0);
    const { stdout } = await machine.run(['list', '--json']);
    assert.deepEqual(JSON.parse(stdout).recordings, []);
    await using neighbour = newMachine(environment(other));
    const { recordings } = JSON.parse((await neighbour.run(['list', '--json'])).stdout);
    assert.deepEqual(
      recordings.map(({ id, title }: { id: string; title: string }) => [id, title]),
      [[foreign, 'Zanzibar']],
    );
  });
});
