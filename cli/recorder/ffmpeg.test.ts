import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { SpeakrError } from '@speakr/contracts/problem';
import { findFfmpeg, findProgram, inputFormats } from './ffmpeg.ts';

const directory = () => mkdtempSync(join(tmpdir(), 'speakr-ffmpeg-'));
const missing = (error: unknown) => error instanceof SpeakrError && error.code === 'ffmpeg_missing';
const noPackage = () => {
  throw new Error('not installed');
};

function program(path: string, mode = 0o755): string {
  writeFileSync(path, '#!/bin/sh\n');
  chmodSync(path, mode);
  return path;
}

test('the configured ffmpeg wins, and a wrong one is an error', () => {
  const path = program(join(directory(), 'my-ffmpeg'));
  assert.equal(findFfmpeg({ env: {}, platform: 'linux', configured: path }), path);
  assert.throws(() => findFfmpeg({ env: {}, platform: 'linux', configured: '/no/such' }), missing);
});

test('the one of the system comes before the installed package', () => {
  const bin = directory();
  const path = program(join(bin, 'ffmpeg'));
  assert.equal(findFfmpeg({ env: { PATH: `/nowhere:${bin}` }, platform: 'linux' }), path);
});

test('the installed package is made executable, since its postinstall script may not have run', () => {
  const folder = join(directory(), 'linux-x64');
  mkdirSync(folder);
  program(join(folder, 'ffmpeg'), 0o644);
  const found = findFfmpeg({
    env: { PATH: directory() },
    platform: 'linux',
    arch: 'x64',
    resolvePackageFile: (specifier) => {
      assert.equal(specifier, '@ffmpeg-installer/linux-x64/package.json');
      return join(folder, 'package.json');
    },
  });
  assert.equal(found, join(folder, 'ffmpeg'));
  assert.equal(statSync(found).mode & 0o111, 0o111);
});

test('without any ffmpeg the error says what to do', () => {
  assert.throws(
    () => findFfmpeg({ env: { PATH: directory() }, platform: 'linux', resolvePackageFile: noPackage }),
    missing,
  );
});

test('a directory named like a program is none', () => {
  const bin = directory();
  mkdirSync(join(bin, 'ffplay'));
  assert.equal(findProgram('ffplay', { env: { PATH: bin }, platform: 'linux' }), undefined);
});

test('input formats of the real ffmpeg', async () => {
  const formats = await inputFormats(findFfmpeg({ env: process.env, platform: process.platform }));
  assert.ok(formats.has('lavfi'));
});
