import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { DoctorReport } from '@speakr/contracts/cli-json';
import { fakeIo } from '../fixtures/fake-io.ts';
import { main } from '../main.ts';

const directory = mkdtempSync(join(tmpdir(), 'speakr-doctor-'));
after(() => rmSync(directory, { recursive: true, force: true }));

const env = {
  PATH: process.env.PATH,
  HOME: directory,
  XDG_CONFIG_HOME: join(directory, 'config'),
  XDG_DATA_HOME: join(directory, 'data'),
  SPEAKR_MODELS_DIR: process.env.SPEAKR_MODELS_DIR ?? join(homedir(), '.local', 'share', 'speakr', 'models'),
};

const skipped = ['--skip', 'server', '--skip', 'microphone'];

async function doctor(changes: Record<string, string>, ...words: string[]) {
  const io = fakeIo({ env: { ...env, ...changes }, cwd: directory });
  const code = await main(['doctor', ...words], io);
  return { code, out: io.out(), err: io.err() };
}

async function finding(name: string, changes: Record<string, string>, skip = skipped) {
  const { code, out } = await doctor(changes, '--json', ...skip);
  const report = DoctorReport.parse(JSON.parse(out));
  assert.equal(report.ok, code === 0);
  return { code, ...report.checks.find((check) => check.name === name) };
}

test('a healthy machine is green, line by line', async () => {
  const { code, out, err } = await doctor({}, ...skipped, '--skip', 'clipboard');
  assert.equal(code, 0, out);
  assert.deepEqual(
    out
      .trim()
      .split('\n')
      .map((line) => line.split(':')[0]),
    ['✓ configuration', '✓ permissions', '✓ disk', '✓ ffmpeg', '✓ models'],
  );
  assert.match(err, /ready/);
});

test('a machine without ffmpeg is told the one command; the microphone is not tried', async () => {
  const bin = join(directory, 'bin');
  mkdirSync(bin, { recursive: true });
  const broken = join(bin, 'broken-ffmpeg');
  writeFileSync(broken, '#!/bin/sh\nexit 1\n');
  chmodSync(broken, 0o755);
  const found = await finding('ffmpeg', { SPEAKR_FFMPEG: broken }, ['--skip', 'server']);
  assert.deepEqual([found.code, found.state], [1, 'problem']);
  assert.match(found.fix ?? '', /correct the setting/);
  const { out } = await doctor({ SPEAKR_FFMPEG: join(bin, 'none') }, '--skip', 'server');
  assert.match(out, /^✗ ffmpeg: .*none is not a program\.\n {2}→ Correct/m);
  assert.doesNotMatch(out, /microphone/);
});

test('models that are missing are named with the command that fetches them', async () => {
  const empty = join(directory, 'no-models');
  const found = await finding('models', { SPEAKR_MODELS_DIR: empty });
  assert.deepEqual([found.code, found.state], [1, 'problem']);
  assert.match(found.fix ?? '', /^Run: speakr models pull \(\d+ MB\)$/);
  const wrong = await finding('models', { SPEAKR_MODEL: 'no-such-model' });
  assert.match(wrong.detail ?? '', /not in the catalogue/);
  const half = join(directory, 'half-models');
  mkdirSync(half, { recursive: true });
  symlinkSync(join(env.SPEAKR_MODELS_DIR, 'moonshine-tiny-en'), join(half, 'moonshine-tiny-en'));
  assert.match((await finding('models', { SPEAKR_MODELS_DIR: half })).fix ?? '', /speakr models pull/);
});

test('a directory that cannot be written is a problem, and the server is not tried', async () => {
  // A file where a directory should be stops root as well.
  writeFileSync(join(directory, 'file'), '');
  const { code, out } = await doctor(
    { SPEAKR_DATA_DIR: join(directory, 'file', 'data') },
    '--json',
    '--skip',
    'microphone',
  );
  const report = DoctorReport.parse(JSON.parse(out));
  const permissions = report.checks.find(({ name }) => name === 'permissions');
  assert.deepEqual([code, permissions?.state], [1, 'problem']);
  assert.match(permissions?.detail ?? '', /cannot be written \(ENOTDIR\)/);
  if (process.platform === 'linux')
    assert.match(
      (await finding('permissions', { SPEAKR_DATA_DIR: '/sys/speakr' })).detail ?? '',
      /cannot be/,
    );
  assert.equal(
    report.checks.some(({ name }) => name === 'server'),
    false,
  );
});

test('what others can read is a warning with the command that closes it', async () => {
  const open = join(directory, 'open');
  mkdirSync(open, { mode: 0o755 });
  const found = await finding('permissions', { SPEAKR_DATA_DIR: open });
  assert.deepEqual([found.state, found.fix, found.code], ['warning', `Run: chmod 700 ${open}`, 0]);
});

test('a broken configuration is said first, and alone', async () => {
  mkdirSync(join(directory, 'config', 'speakr'), { recursive: true });
  writeFileSync(join(directory, 'broken.json'), '{"language": 7}');
  const { code, out } = await doctor({ SPEAKR_CONFIG: join(directory, 'broken.json') });
  assert.equal(code, 1);
  assert.match(out, /^✗ configuration: .*broken\.json, line 1: "language" must be a text/);
  assert.equal(out.trim().split('\n').length, 2);
});

test('a server that does not answer, and a check that does not exist', async () => {
  const found = await finding('server', { SPEAKR_SERVER: 'http://127.0.0.1:9' }, ['--skip', 'microphone']);
  assert.deepEqual([found.code, found.state], [1, 'problem']);
  const typo = await doctor({}, '--skip', 'micro');
  assert.equal(typo.code, 2);
  assert.match(typo.err, /There is no check micro\. Checks are: configuration/);
});
