import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { RecordEvent, TranscribeFailure, TranscribeResult } from '@speakr/contracts/cli-json';
import { until } from '../scripts/until.ts';
import { fakeIo } from './fixtures/fake-io.ts';
import { main } from './main.ts';

// The whole CLI in this process, with the real background server, models and ffmpeg; only the streams are in memory.

const directory = mkdtempSync(join(tmpdir(), 'speakr-cli-'));
const dataDir = join(directory, 'data', 'speakr');
const env = {
  PATH: process.env.PATH,
  HOME: directory,
  XDG_CONFIG_HOME: join(directory, 'config'),
  XDG_DATA_HOME: join(directory, 'data'),
  SPEAKR_MODELS_DIR: process.env.SPEAKR_MODELS_DIR ?? join(homedir(), '.local', 'share', 'speakr', 'models'),
  EDITOR: 'sed -i s/budget/BUDGET/',
};

async function speakr(argv: string[], options: Parameters<typeof fakeIo>[0] = {}) {
  const io = fakeIo({ ...options, env: { ...env, ...options.env }, cwd: directory });
  const code = await main(argv, io);
  return { code, out: io.out(), err: io.err() };
}

async function good(...argv: string[]): Promise<string> {
  const { code, out, err } = await speakr(argv, { input: '' });
  assert.equal(code, 0, `${argv.join(' ')}: ${err}`);
  return out;
}

async function bad(code: number, pattern: RegExp, ...argv: string[]): Promise<void> {
  const result = await speakr(argv, { input: '' });
  assert.match(result.err + result.out, pattern);
  assert.equal(result.code, code, result.err);
}

before(async () => {
  const text = 'We launch on the first of March. Alex will send the budget to finance by Friday.';
  execFileSync('flite', ['-voice', 'slt', '-t', text, '-o', join(directory, 'talk.wav')]);
  await good('transcribe', 'talk.wav', '--title', 'Planning', '--tag', 'launch', '-o', 'id');
});

after(async () => {
  const file = join(dataDir, 'run', 'server.json');
  if (existsSync(file)) process.kill(JSON.parse(readFileSync(file, 'utf8')).pid);
  await until('the server is gone', () => !existsSync(file));
  rmSync(directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
});

test('the version is the one of the package, help goes to stdout, no terminal means help and 2', async () => {
  assert.match(await good('--version'), /^\d+\.\d+\.\d+\n$/);
  assert.match(await good('list', '--help'), /Usage: speakr list/);
  await bad(2, /Usage: speakr/);
  await bad(2, /There is no command lsit\. Did you mean list\? Run `speakr --help`/, 'lsit');
  await bad(2, /"code":"usage"/, 'list', '--json', '--colour');
});

test('transcribe gives one JSON line a file, the bad ones with their error', async () => {
  const { code, out } = await speakr(['transcribe', '--json', 'missing.wav', 'talk.wav']);
  assert.equal(code, 1);
  const [first, second] = out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  assert.equal(TranscribeFailure.parse(first).error.code, 'file_missing');
  const result = TranscribeResult.parse(second);
  assert.match(result.text, /first of March/i);
  assert.ok(result.timings.decodeMs > 0);
  assert.equal(result.receipt.capturedMs, result.durationMs);
});

test('transcribe of several files prints each under its name', async () => {
  writeFileSync(join(directory, 'text.txt'), 'no audio\n'.repeat(100));
  const { code, out, err } = await speakr(['transcribe', 'talk.wav', 'text.txt'], { tty: true });
  assert.equal(code, 1);
  assert.match(out, /^==> talk\.wav <==\n/);
  assert.match(err, /text\.txt: speakr: text\.txt has no audio/);
});

test('record from a file prints finals and notes, JSON events, or one thing', async () => {
  const plain = await speakr(['record', '--input', 'talk.wav', '--pace', 'fast'], { input: '' });
  assert.equal(plain.code, 0, plain.err);
  assert.match(plain.out, /^\[00:00\] .*\n[\s\S]*## Summary/);
  assert.match(plain.err, /not on the clipboard/);
  const json = await speakr(['record', '--input', 'talk.wav', '--pace', 'fast', '--json', '--no-clipboard']);
  const events = json.out
    .trim()
    .split('\n')
    .map((line) => RecordEvent.parse(JSON.parse(line)));
  assert.equal(events.at(-1)?.type, 'finished');
  assert.match(
    await good('record', '--input', 'talk.wav', '--pace', 'fast', '-o', 'id'),
    /^[0-9a-f-]{36}\n$/,
  );
});

test('record of what is no recording', async () => {
  await bad(1, /missing\.wav does not exist/, 'record', '--input', 'missing.wav');
  await bad(1, /no audio that ffmpeg can read/, 'record', '--input', 'text.txt');
  await bad(1, /No microphone was found/, 'record', '--device', 'alsa:nothing');
  await bad(2, /neither a template nor/, 'record', '--input', 'talk.wav', '--template', 'nothing');
  const terminal = await speakr(['transcribe', '-'], { tty: true });
  assert.match(terminal.err, /stdin is a terminal/);
});

test('list, show, notes, export, query, actions, storage, status', async () => {
  assert.match(await good('list', '--tag', 'launch'), /Planning\t#launch/);
  assert.equal(await good('list', '--until', '1d'), '');
  assert.equal(JSON.parse(await good('list', '--json', '--limit', '1')).recordings.length, 1);
  const id = (await good('list', '--tag', 'launch', '-o', 'id')).trim();
  assert.match(await good('show', id), /^Planning {2}\w{6}\n[\s\S]*\[00:00\]/);
  assert.doesNotMatch(await good('show', id, '--at', '9:00'), /\[00:0/);
  assert.equal(JSON.parse(await good('show', id, '--json')).transcript.revision, 1);
  assert.match(await good('show', id, '-o', 'vtt'), /^WEBVTT/);
  assert.match(await good('notes', id), /^# Planning/);
  assert.equal(JSON.parse(await good('notes', id, '--template', 'plain', '--json')).template, 'plain');
  assert.match(await good('export', id, '--format', 'srt'), /-->/);
  await good('export', id, '--to', 'out.md');
  assert.match(readFileSync(join(directory, 'out.md'), 'utf8'), /# Planning/);
  assert.match(await good('query', 'when', 'is', 'the', 'launch'), /speakr show \w{6} --at 00:0/);
  const answer = JSON.parse(
    await good('query', 'launch', '--json', '--recording', id, '--tags', 'launch,', '--since', '1d'),
  );
  assert.equal(answer.hits[0].recordingId, id);
  const { actions } = JSON.parse(await good('actions', '--json'));
  assert.equal(actions[0].action.who, 'Alex');
  const short = `${actions[0].recordingId.slice(-6)}.${actions[0].action.id.split('.').at(-1)}`;
  await good('actions', 'done', short);
  assert.match(await good('actions', '--done'), /done\t/);
  await good('actions', 'reopen', short);
  await bad(1, /No action item ends in/, 'actions', 'done', 'zzzzzz.9');
  assert.match(await good('storage'), /recordings {2}\d/);
  assert.ok(JSON.parse(await good('storage', '--json')).audioBytes > 0);
  assert.match(await good('status'), /No recording is running\.\nServer: version/);
  assert.deepEqual(JSON.parse(await good('status', '--json')).running, []);
});

test('tag, rename, edit, play, retranscribe, delete', async () => {
  const id = (await good('transcribe', 'talk.wav', '-o', 'id')).trim();
  assert.equal(await good('tag', id, '#one', 'two'), 'one\ntwo\n');
  assert.deepEqual(JSON.parse(await good('tag', id, '--remove', 'one', '--json')).tags, ['two']);
  await good('rename', id, 'A', 'new', 'name');
  assert.match(await good('show', id), /^A new name/);
  const unedited = await speakr(['edit', id], { env: { EDITOR: '' }, input: '' });
  assert.match(unedited.err, /Editing needs a terminal\. .*EDITOR/);
  const missing = await speakr(['edit', id], { env: { EDITOR: '/no/such/editor' }, input: '' });
  assert.match(missing.err, /cannot be started/);
  await good('edit', id);
  assert.match(await good('show', id, '-o', 'text'), /BUDGET/);
  await good('play', id, '--at', '1', '--until', '2', '--to', 'part.wav');
  assert.equal(readFileSync(join(directory, 'part.wav')).length, 44 + 32_000);
  await bad(
    2,
    /There is no audio there: the recording is 00:0\d long/,
    'play',
    id,
    '--at',
    '9:00',
    '--to',
    'x.wav',
  );
  assert.equal(existsSync(join(directory, 'x.wav')), false);
  assert.equal(JSON.parse(await good('retranscribe', id, '--json')).transcript.origin, 'retranscription');
  await bad(2, /--yes/, 'delete', id);
  await good('delete', '--yes', id);
  await bad(1, /speakr list/, 'show', id);
});

test('play hands the audio to a player, and says when there is none', async () => {
  const programs = join(directory, 'programs');
  mkdirSync(programs);
  const none = await speakr(['play', 'last'], { env: { PATH: programs } });
  assert.equal(none.code, 1);
  assert.match(none.err, /No program that plays audio/);
  writeFileSync(
    join(programs, 'ffplay'),
    `#!/bin/sh\nfor file; do :; done\ncat "$file" > ${directory}/played.wav\n`,
    {
      mode: 0o755,
    },
  );
  const played = await speakr(['play', 'last'], { env: { PATH: `${programs}:/usr/bin:/bin` } });
  assert.equal(played.code, 0, played.err);
  assert.equal(readFileSync(join(directory, 'played.wav')).toString('latin1', 0, 4), 'RIFF');
});

test('models, config, completion', async () => {
  assert.match(await good('models', 'list'), /moonshine-tiny-en \*\trecognizer\ten/);
  assert.ok(JSON.parse(await good('models', '--json')).models.length > 3);
  assert.match(await good('models', 'verify'), /every byte is right/);
  assert.equal(await good('models', 'verify', '--quick', '--quiet'), '');
  await bad(2, /no model nothing/i, 'models', 'pull', 'nothing');
  const models = join(directory, 'models');
  const other = { SPEAKR_MODELS_DIR: models };
  const imported = await speakr(['models', 'import', env.SPEAKR_MODELS_DIR], { env: other });
  assert.match(imported.err, /Installed moonshine-tiny-en/);
  assert.match((await speakr(['models', 'pull', 'silero-vad-v6'], { env: other })).err, /is there already/);
  assert.match((await speakr(['models', 'remove', 'silero-vad-v6'], { env: other })).err, /Removed/);
  const quick = await speakr(['models', 'verify', '--quick'], { env: other });
  assert.deepEqual([quick.code, /silero-vad-v6 is missing/.test(quick.err)], [4, true]);
  assert.match((await speakr(['models', 'pull', 'silero-vad-v6'], { env: other })).err, /is installed/);

  mkdirSync(join(directory, 'config', 'speakr'), { recursive: true });
  writeFileSync(join(directory, 'config', 'speakr', 'config.json'), '{"llmKey": "sk-secret"}');
  const config = await good('config', '--json');
  rmSync(join(directory, 'config', 'speakr', 'config.json'));
  assert.ok(!config.includes('sk-secret'));
  assert.deepEqual(
    JSON.parse(config).settings.find((row: { name: string }) => row.name === 'llmKey'),
    { name: 'llmKey', value: '(hidden)', source: 'file', environment: 'SPEAKR_LLM_KEY' },
  );
  assert.match(await good('config'), /modelsDir\t.*\tenvironment\tSPEAKR_MODELS_DIR/);
  assert.match(await good('completion', 'bash'), /complete -F _speakr speakr/);
});

test('backup and restore', async () => {
  const before = await good('list', '-o', 'id');
  const secret = { env: { SPEAKR_PASSPHRASE: 'correct horse' } };
  const written = await speakr(['backup', '--json', 'all.backup'], secret);
  assert.equal(written.code, 0, written.err);
  const file = join(directory, 'all.backup');
  assert.deepEqual(JSON.parse(written.out), { path: file, bytes: statSync(file).size });
  await good('delete', '--yes', 'last');
  const wrong = await speakr(['restore', '--yes', 'all.backup'], { env: { SPEAKR_PASSPHRASE: 'wrong' } });
  assert.equal(wrong.code, 6, wrong.err);
  await bad(2, /--yes/, 'restore', 'all.backup');
  writeFileSync(join(directory, 'passphrase'), 'correct horse\n');
  const restored = await good('restore', '--yes', '--json', '--passphrase-file', 'passphrase', 'all.backup');
  assert.deepEqual(JSON.parse(restored), { path: file });
  assert.equal(await good('list', '-o', 'id'), before);
});

test('what does not run cannot be stopped', async () => {
  await bad(1, /No recording is running/, 'stop');
  await bad(1, /No recording is running/, 'cancel', '--yes');
  await bad(1, /No recording is running/, 'note', 'hello');
  await bad(2, /between 1 and 2000/, 'note', ' ');
  assert.match((await speakr(['recover'])).err, /Nothing needs to be recovered/);
  await bad(1, /no such discarded recording/, 'recover', '--undo');
  assert.equal(await good('recover', '--list'), '');
});

test('a server elsewhere that is not there is named', async () => {
  const elsewhere = { env: { SPEAKR_SERVER: 'http://127.0.0.1:9', SPEAKR_TOKEN: 'secret' } };
  const { code, err } = await speakr(['list'], elsewhere);
  assert.match(err, /No server answers at http:\/\/127\.0\.0\.1:9/);
  assert.equal(code, 5);
  await bad(6, /You are not logged in at http:\/\/127\.0\.0\.1:9/, '--server', 'http://127.0.0.1:9', 'list');
});
