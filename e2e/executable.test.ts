import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readlinkSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, before, test } from 'node:test';
import { version } from '../cli/version.ts';
import { bundleExecutable } from '../scripts/executable/bundle.ts';
import { nodeBase } from '../scripts/executable/node-base.ts';
import { makeSingleExecutable } from '../scripts/executable/single-executable.ts';
import { hostTarget } from '../scripts/executable/target.ts';
import { until } from '../scripts/until.ts';
import { migrate, schemaVersion } from '../server/store/sqlite-migrate.ts';
import { sqliteMigrations } from '../server/store/sqlite-migrations.ts';
import { end, type Machine, makeAudio, newMachine, root, sentence, speak, words } from './harness.ts';

const target = hostTarget();
const here = mkdtempSync(join(tmpdir(), 'speakr-executable-'));
const own = join(here, 'speakr');
const newer = join(here, 'speakr-newer');
const skip = target === 'linux-x64' || target === 'linux-arm64' ? false : 'the executable is tested on Linux';

const onlyRoot = process.getuid?.() === 0 ? false : 'only root can mount';

async function build(output: string, versionToSay?: string): Promise<void> {
  assert.ok(target !== undefined);
  const bundle = await bundleExecutable({
    root,
    ...(versionToSay === undefined ? {} : { version: versionToSay }),
  });
  const work = join(here, 'work');
  await makeSingleExecutable({ root, target, bundle, base: nodeBase(root, target), work, output });
}

before(async () => {
  if (skip !== false) return;
  if (process.env.SPEAKR_BIN === undefined) await build(own);
  else copyFileSync(process.env.SPEAKR_BIN, own);
  await build(newer, '99.0.0');
});
after(() => rmSync(here, { recursive: true }));

/** PATH with nothing but ffmpeg on it: no Node, no shell. */
function onlyFfmpeg(machine: Machine): string {
  const directory = machine.path('bin');
  mkdirSync(directory);
  const found = spawnSync('sh', ['-c', 'command -v ffmpeg'], { encoding: 'utf8' }).stdout.trim();
  symlinkSync(found, join(directory, 'ffmpeg'));
  return directory;
}

/** The executable's own code is no file whose lines could be counted. */
const cleanMachine = () => newMachine({ NODE_V8_COVERAGE: '' });

const running = (pid: number | undefined) =>
  pid === undefined ? undefined : readlinkSync(`/proc/${pid}/exe`);

test('one file is all of speakr: it transcribes and finds, with no Node and no package anywhere', {
  skip,
}, async () => {
  await using machine = cleanMachine();
  speak(sentence, machine.path('talk.wav'));
  const folder = machine.path('ein Ort für Programme');
  mkdirSync(folder);
  const program = join(folder, 'speakr');
  copyFileSync(own, program);
  const run = (...args: string[]) =>
    machine.run(args, { program: [program], env: { PATH: machine.env.PATH } });
  machine.env.PATH = onlyFfmpeg(machine);

  assert.equal((await run('--version')).stdout, `${version}\n`);
  const transcribed = await run('transcribe', 'talk.wav');
  assert.equal(transcribed.code, 0, transcribed.stderr);
  assert.match(words(transcribed.stdout), /new website on the first of march/);
  assert.equal(running(machine.serverPid()), program, 'the background server is the same file');
  const found = await run('query', 'when is the launch', '--json');
  assert.match(JSON.parse(found.stdout).hits[0].text, /March/);
});

test('what is meant for Node does not reach it', { skip }, async () => {
  await using machine = cleanMachine();
  for (const env of [{ NODE_OPTIONS: '--no-such-option' }, { NODE_OPTIONS: '--require=/nowhere.cjs' }]) {
    const { code, stdout, stderr } = await machine.run(['list', '--json'], { program: [own], env });
    assert.deepEqual([code, JSON.parse(stdout), stderr], [0, { recordings: [] }, ''], JSON.stringify(env));
  }
});

test('without a home, or a cache that cannot be written, everything works', { skip }, async () => {
  await using machine = cleanMachine();
  for (const env of [
    { XDG_CACHE_HOME: '/dev/null/cache' },
    { HOME: undefined },
    { HOME: '/dev/null/home' },
  ]) {
    const { code, stderr } = await machine.run(['list', '--json'], { program: [own], env });
    assert.deepEqual([code, stderr], [0, ''], JSON.stringify(env));
  }
});

test('a home that is read-only is said at once', { skip: skip || onlyRoot }, async () => {
  await using machine = cleanMachine();
  speak(sentence, machine.path('talk.wav'));
  const home = machine.path('read-only');
  mkdirSync(home);
  const script = `mount -t tmpfs -o ro none "${home}" && exec "$@"`;
  const program = ['unshare', '--mount', 'sh', '-c', script, 'sh', own] as const;
  const env = { HOME: home, XDG_DATA_HOME: undefined, XDG_CONFIG_HOME: undefined };
  for (const args of [['list'], ['transcribe', 'talk.wav'], ['query', 'launch']]) {
    const { code, stderr } = await machine.run(args, { program, env });
    assert.equal(code, 1, stderr);
    assert.match(stderr, /read-only.* cannot be made or written to\. .*SPEAKR_DATA_DIR/);
    assert.ok(!/\n\s+at /.test(stderr), `no stack:\n${stderr}`);
  }
});

test('a damaged cache of compiled code is made anew', { skip }, async () => {
  await using machine = cleanMachine();
  const cache = machine.path('cache');
  const list = () => machine.run(['list', '--json'], { program: [own], env: { XDG_CACHE_HOME: cache } });
  assert.equal((await list()).code, 0);
  spawnSync('sh', ['-c', `for f in "${cache}"/speakr/bundle-*; do printf rubbish > "$f"; done`]);
  const { code, stderr } = await list();
  assert.deepEqual([code, stderr], [0, '']);
});

test('a system whose /tmp forbids programs is no hindrance', { skip: skip || onlyRoot }, async () => {
  await using machine = cleanMachine();
  speak(sentence, machine.path('talk.wav'));
  const forbidden = machine.path('noexec');
  mkdirSync(forbidden);
  const script = `mount -t tmpfs -o noexec none "${forbidden}" && exec "$@"`;
  const { code, stderr, stdout } = await machine.run(['sh', own, 'transcribe', 'talk.wav'], {
    program: ['unshare', '--mount', 'sh', '-c', script],
    env: { TMPDIR: forbidden },
  });
  assert.equal(code, 0, stderr);
  assert.match(words(stdout), /new website on the first of march/);
});

test('two versions side by side: the idle server of the other one is replaced, recordings stay', {
  skip,
}, async () => {
  await using machine = cleanMachine();
  speak(sentence, machine.path('talk.wav'));
  const with1 = (...args: string[]) => machine.run(args, { program: [own] });
  const with2 = (...args: string[]) => machine.run(args, { program: [newer] });
  const first = await with1('transcribe', 'talk.wav', '--title', 'Old', '-o', 'id');
  assert.equal(first.code, 0, first.stderr);
  assert.equal(running(machine.serverPid()), own);
  await until('the first server is idle', async () => {
    const { stdout } = await with1('status', '--json');
    return JSON.parse(stdout).server?.pendingJobs === 0;
  });
  const second = await with2('transcribe', 'talk.wav', '--title', 'New', '-o', 'id');
  assert.equal(second.code, 0, second.stderr);
  assert.equal(running(machine.serverPid()), newer);
  const listed = await with1('list', '-o', 'id');
  assert.deepEqual(
    listed.stdout.trim().split('\n').sort(),
    [first.stdout.trim(), second.stdout.trim()].sort(),
  );
});

test('a server of another version that is at work goes on, and is used', { skip }, async () => {
  await using machine = cleanMachine();
  speak(sentence, machine.path('talk.wav'));
  // Played at the speed it was spoken: it ends when it is told to, not before.
  makeAudio(machine.path('long.wav'), '-i', machine.path('talk.wav'), '-af', 'apad=pad_dur=300');
  const recording = machine.start(['record', '--input', 'long.wav', '--plain', '--no-clipboard'], {
    program: [own],
  });
  await recording.sees(/March/);
  const server = machine.serverPid();
  assert.equal(running(server), own);
  const other = await machine.run(['transcribe', 'talk.wav', '-o', 'text'], { program: [newer] });
  assert.equal(other.code, 0, other.stderr);
  assert.match(words(other.stdout), /website on the first of/);
  assert.equal(machine.serverPid(), server, 'nobody replaced it');
  assert.equal((await machine.run(['stop'], { program: [newer] })).code, 0);
  const { code, stderr } = await recording.finished;
  assert.equal(code, 0, stderr);
  assert.match(
    words((await machine.run(['show', 'last'], { program: [newer] })).stdout),
    /budget to finance/,
  );
});

test('a database of an older speakr is brought up to date, with all that is in it', { skip }, async () => {
  await using machine = cleanMachine();
  speak(sentence, machine.path('talk.wav'));
  const made = await machine.run(['transcribe', 'talk.wav', '-o', 'id'], { program: [own] });
  assert.equal(made.code, 0, made.stderr);
  await end(machine.serverPid() ?? 0);
  const database = new DatabaseSync(join(machine.dataDir, 'speakr.db'));
  migrate(database, sqliteMigrations, 1);
  database.close();
  const shown = await machine.run(['show', 'last'], { program: [newer] });
  assert.equal(shown.code, 0, shown.stderr);
  assert.match(words(shown.stdout), /new website on the first of march/);
  const after = new DatabaseSync(join(machine.dataDir, 'speakr.db'));
  assert.equal(schemaVersion(after), sqliteMigrations.length);
  after.close();
  const found = await machine.run(['query', 'when is the launch', '--json'], { program: [own] });
  assert.match(JSON.parse(found.stdout).hits[0].text, /March/);
});

test('a database of a newer speakr is left alone, and said so', { skip }, async () => {
  await using machine = cleanMachine();
  speak(sentence, machine.path('talk.wav'));
  assert.equal((await machine.run(['transcribe', 'talk.wav'], { program: [own] })).code, 0);
  const pid = machine.serverPid();
  assert.ok(pid !== undefined);
  await end(pid);
  const file = join(machine.dataDir, 'speakr.db');
  const database = new DatabaseSync(file);
  const { user_version: step } = database.prepare('pragma user_version').get() as { user_version: number };
  database.exec(`pragma user_version = ${step + 1}`);
  database.close();
  for (const args of [['list'], ['transcribe', 'talk.wav']]) {
    const { code, stderr } = await machine.run(args, { program: [own] });
    assert.equal(code, 1);
    assert.match(stderr, /The database has schema version .* Update speakr/);
  }
  const back = new DatabaseSync(file);
  back.exec(`pragma user_version = ${step}`);
  back.close();
  assert.match((await machine.run(['list'], { program: [own] })).stdout, /\S/);
});
