import assert from 'node:assert/strict';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { before, test } from 'node:test';
import { TranscribeFailure, TranscribeResult } from '@speakr/contracts/cli-json';
import {
  buildCli,
  end,
  jsonLines,
  type Machine,
  makeAudio,
  modelsDir,
  newMachine,
  sentence,
  speak,
  words,
} from './harness.ts';

before(buildCli);

/** A PATH with some programs only. */
function pathWith(...programs: string[]): string {
  const directory = mkdtempSync(join(tmpdir(), 'speakr-path-'));
  for (const program of programs) symlinkSync(program, join(directory, program.split('/').at(-1) ?? program));
  return directory;
}

async function fails(
  machine: Machine,
  args: string[],
  code: number,
  message: RegExp,
  env = {},
): Promise<void> {
  const result = await machine.run(args, { env });
  assert.match(result.stderr, message, result.stdout);
  assert.equal(result.code, code, result.stderr);
  assert.ok(!/\n\s+at /.test(result.stderr), 'an expected error has no stack');
}

test('bad files fail with their reason, the good ones among them go on', async () => {
  await using machine = newMachine();
  speak(sentence, machine.path('good.wav'));
  writeFileSync(machine.path('empty.wav'), '');
  writeFileSync(machine.path('notes.txt'), 'This is a text, not audio.\n'.repeat(50));
  mkdirSync(machine.path('folder'));
  makeAudio(machine.path('short.wav'), '-f', 'lavfi', '-i', 'sine=duration=0.05');
  makeAudio(machine.path('silent.wav'), '-f', 'lavfi', '-i', 'anullsrc=duration=2');
  makeAudio(machine.path('wide.wav'), '-i', machine.path('good.wav'), '-ac', '8', '-ar', '192000');
  makeAudio(machine.path('cut.flac'), '-i', machine.path('good.wav'));
  truncateSync(machine.path('cut.flac'), Math.floor(readFileSync(machine.path('cut.flac')).length / 2));
  const files = [
    'missing.wav',
    'empty.wav',
    'notes.txt',
    'folder',
    'short.wav',
    'silent.wav',
    'wide.wav',
    'cut.flac',
    'good.wav',
  ];
  const { code, stdout, stderr } = await machine.run(['transcribe', '--json', ...files]);
  assert.equal(code, 1, stderr);
  const lines = jsonLines(stdout);
  assert.deepEqual(
    lines.map((line) => line.file),
    files,
    'one line a file, in their order',
  );
  const codes = lines.slice(0, 5).map((line) => TranscribeFailure.parse(line).error.code);
  assert.deepEqual(codes, [
    'file_missing',
    'file_empty',
    'file_not_audio',
    'file_not_audio',
    'audio_too_short',
  ]);
  const [silent, wide, cut, good] = lines.slice(5).map((line) => TranscribeResult.parse(line));
  assert.equal(silent?.text, '');
  assert.match(words(wide?.text ?? ''), /first of march/);
  assert.equal(cut?.receipt.gaps[0]?.reason, 'source_truncated');
  assert.match(words(good?.text ?? ''), /first of march.*friday/);
});

test('a single bad file gives its own message and exit code', async () => {
  await using machine = newMachine();
  await fails(
    machine,
    ['transcribe', 'missing.wav'],
    1,
    /^speakr: missing\.wav does not exist\. Check the path\.$/m,
  );
  await fails(machine, ['record', '--input', 'missing.wav'], 1, /missing\.wav does not exist/);
});

test('without ffmpeg and without a microphone', async () => {
  await using machine = newMachine();
  speak(sentence, machine.path('good.wav'));
  const noFfmpeg = { SPEAKR_FFMPEG: '/nowhere/ffmpeg' };
  await fails(machine, ['transcribe', 'good.wav'], 1, /is not a program.*setting "ffmpeg"/, noFfmpeg);
  await fails(machine, ['record', '--device', 'alsa:nothing'], 1, /No microphone was found.*--device/);
  assert.equal((await machine.run(['recover', '--list'])).stdout, '', 'no empty recording is left');
});

test('a microphone that may not be used says so and what to do', async () => {
  await using machine = newMachine();
  // Systems differ in how they deny; ffmpeg's last words are what speakr sees of it.
  const ffmpeg = machine.path('ffmpeg');
  writeFileSync(ffmpeg, '#!/bin/sh\necho "default: Permission denied" >&2\nexit 1\n', { mode: 0o755 });
  const denied = { SPEAKR_FFMPEG: ffmpeg };
  await fails(
    machine,
    ['record', '--device', 'alsa:default'],
    6,
    /microphone may not be used.*system settings/,
    denied,
  );
  assert.equal((await machine.run(['recover', '--list'])).stdout, '', 'no empty recording is left');
});

test('missing, truncated and altered models are named with the command that mends them', async () => {
  await using machine = newMachine();
  speak(sentence, machine.path('good.wav'));
  const models = machine.path('models');
  const env = { SPEAKR_MODELS_DIR: models, PATH: pathWith('/usr/bin/ffmpeg') };
  await fails(machine, ['transcribe', 'good.wav'], 4, /moonshine-tiny-en.*speakr models pull/, env);
  await fails(machine, ['models', 'verify'], 4, /models pull/, env);
  cpSync(modelsDir, models, { recursive: true });
  assert.equal((await machine.run(['models', 'verify'], { env })).code, 0);
  const file = join(models, 'moonshine-tiny-en', 'tokenizer.bin');
  const bytes = readFileSync(file);
  bytes[1000] = (bytes[1000] ?? 0) ^ 1;
  writeFileSync(file, bytes);
  await fails(machine, ['models', 'verify', 'moonshine-tiny-en'], 4, /tokenizer\.bin.*models pull/, env);
  truncateSync(file, 100);
  await fails(machine, ['transcribe', 'good.wav'], 4, /tokenizer\.bin.*models pull/, env);
});

test('a recording whose model is missing is kept, and finished once it is there', async () => {
  await using machine = newMachine();
  speak(sentence, machine.path('good.wav'));
  const models = machine.path('models');
  const env = { SPEAKR_MODELS_DIR: models };
  const { code, stderr } = await machine.run(['record', '--input', 'good.wav', '--pace', 'fast'], { env });
  assert.equal(code, 4, stderr);
  assert.match(stderr, /audio is kept on this machine.*speakr recover/);
  const listed = await machine.run(['list'], { env });
  assert.match(listed.stderr, /One recording was not finished/);
  symlinkSync(modelsDir, models);
  const recovered = await machine.run(['recover'], { env });
  assert.equal(recovered.code, 0, recovered.stderr);
  const shown = await machine.run(['show', 'last', '-o', 'text'], { env });
  assert.match(words(shown.stdout), /first of march.*friday/);
  assert.equal((await machine.run(['list'], { env })).stderr, '');
});

test('a port that is taken, a configuration that is malformed, words that are no command', async () => {
  await using machine = newMachine();
  const holder = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => holder.once('listening', resolve));
  const { port } = holder.address() as { port: number };
  await fails(machine, ['serve', '--port', String(port)], 1, new RegExp(`Port ${port} is taken.*--port`));
  holder.close();
  writeFileSync(machine.path('bad.json'), '{\n "language": "en",\n "llmKey": oops\n}');
  await fails(machine, ['--config', 'bad.json', 'list'], 2, /bad\.json, line 3, near "llmKey"/);
  await fails(machine, ['lsit'], 2, /There is no command lsit/);
  const bare = await machine.run([]);
  assert.deepEqual([bare.code, bare.stdout], [2, '']);
  assert.match(bare.stderr, /Usage: speakr/);
});

test('nothing on stdin is said to be nothing', async () => {
  await using machine = newMachine();
  for (const args of [
    ['transcribe', '-'],
    ['record', '--input', '-'],
  ])
    await fails(machine, args, 1, /^speakr: Nothing came on stdin\. Check the program before the pipe/m);
  const json = await machine.run(['transcribe', '-', '--json']);
  assert.equal(TranscribeFailure.parse(JSON.parse(json.stdout)).error.code, 'file_empty');
  assert.equal((await machine.run(['recover', '--list'])).stdout, '', 'no empty recording is left');
  assert.equal((await machine.run(['list'])).stdout, '');
});

test('a database that is damaged or of a newer speakr is named by every command, and left as it is', async () => {
  await using machine = newMachine();
  speak(sentence, machine.path('good.wav'));
  const path = join(machine.dataDir, 'speakr.db');
  const commands = [
    ['list'],
    ['query', 'anything'],
    ['transcribe', 'good.wav'],
    ['record', '--input', 'good.wav'],
  ];
  assert.equal((await machine.run(['list'])).code, 0);
  for (const each of ['', '-wal', '-shm']) rmSync(path + each, { force: true });
  writeFileSync(path, 'Dear diary, this is no database. '.repeat(1000));
  const damaged = readFileSync(path);
  for (const args of commands) await fails(machine, args, 1, /database is damaged.*restore/i);
  assert.deepEqual(readFileSync(path), damaged);
  const kept = await machine.run(['recover', '--list']);
  assert.match(kept.stdout, /good\.wav/, 'what was recorded is kept');

  rmSync(path);
  assert.equal((await machine.run(['recover'])).code, 0);
  assert.match(words((await machine.run(['show', 'last', '-o', 'text'])).stdout), /first of march/);
  await end(machine.serverPid() as number);
  const database = new DatabaseSync(path);
  const { user_version: step } = database.prepare('pragma user_version').get() as { user_version: number };
  database.exec(`pragma user_version = ${step + 1}`);
  database.close();
  for (const args of commands) await fails(machine, args, 1, /schema version \d+.*Update speakr/);
  const back = new DatabaseSync(path);
  back.exec(`pragma user_version = ${step}`);
  back.close();
  assert.equal((await machine.run(['recover'])).code, 0);
  assert.equal((await machine.run(['list', '-o', 'id'])).stdout.trim().split('\n').length, 2);
});

test('a question in another script finds what was said in it', async () => {
  await using machine = newMachine();
  const said = {
    russian: 'Мы решили запустить новый сайт первого марта. Анна отправит бюджет в пятницу.',
    vietnamese: 'Chúng ta sẽ ra mắt trang web mới vào tháng ba. An gửi ngân sách vào thứ sáu.',
    chinese: '我们决定三月一日启动新网站。小李周五把预算发给财务。',
    greek: 'Αποφασίσαμε να ανοίξουμε τη νέα ιστοσελίδα τον Μάρτιο.',
  };
  mkdirSync(machine.path('talks'));
  for (const [index, [name, text]] of Object.entries(said).entries()) {
    makeAudio(machine.path(`talks/${name}.wav`), '-f', 'lavfi', '-i', `sine=${300 + index}:duration=3`);
    writeFileSync(machine.path(`talks/${name}.txt`), text);
  }
  const imported = await machine.run(['import', 'talks']);
  assert.equal(imported.code, 0, imported.stderr);
  for (const [question, name] of [
    ['Когда мы запускаем новый сайт?', 'russian'],
    ['ngân sách', 'vietnamese'],
    ['预算什么时候发给财务？', 'chinese'],
    ['ιστοσελίδα', 'greek'],
  ] as const) {
    const { code, stdout, stderr } = await machine.run(['query', question, '--json']);
    assert.equal(code, 0, stderr);
    const [best] = JSON.parse(stdout).hits as { text: string }[];
    assert.ok(said[name].includes(best?.text.split(/[.。]/)[0] ?? 'nothing'), `${question}: ${best?.text}`);
  }
  const unknown = await machine.run(['query', 'მარტში']);
  assert.deepEqual([unknown.code, unknown.stderr.includes('    at ')], [0, false]);
});

test('questions and ids that cannot be', async () => {
  await using machine = newMachine();
  await fails(machine, ['query', ' '], 2, /The question is empty/);
  await fails(machine, ['query', 'x'.repeat(10_000)], 2, /10000 characters/);
  await fails(machine, ['show', 'ffffff'], 1, /speakr list/);
  await fails(machine, ['stop'], 1, /No recording is running/);
  rmSync(machine.path('data'), { recursive: true, force: true });
});
