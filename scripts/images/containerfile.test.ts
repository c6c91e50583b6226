import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { mediaFormats } from '../../server/ingestion/decode-media.ts';
import { imageTargets } from './builder.ts';

const root = path.join(import.meta.dirname, '..', '..');
const file = path.join(root, 'deploy', 'docker', 'Containerfile');

test('every role has an image that runs it, and the image without a target has all', () => {
  const text = readFileSync(file, 'utf8');
  const targets = [...text.matchAll(/^FROM speakr AS ([a-z]+)\n(?:ENV SPEAKR_ROLES=([a-z]+)\n)?/gm)].map(
    ([, name, roles = name]) => [name, roles],
  );
  assert.deepEqual(Object.fromEntries(targets), Object.fromEntries(imageTargets.map((name) => [name, name])));
  assert.match(text, /FROM speakr AS all\n*$/);
});

test('ffmpeg of the images reads every format that ingestion lets through', () => {
  const recipe = readFileSync(path.join(root, 'deploy', 'docker', 'build-ffmpeg.sh'), 'utf8');
  const built = new Set(/^demuxers='([^']+)'/m.exec(recipe)?.[1]?.split(/\s+/));
  // Names of one demuxer that is built by the name of another.
  const alias: Record<string, string> = { mpeg: 'mpegps', webm: 'matroska' };
  for (const name of ['mp4', 'm4a', '3gp', '3g2', 'mj2']) alias[name] = 'mov';
  for (const format of mediaFormats.split(',')) assert.ok(built.has(alias[format] ?? format), format);
});

test('packages that the images are built with are there for both architectures, at the same version', () => {
  const { packages } = JSON.parse(readFileSync(path.join(root, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { version: string; os?: string[]; cpu?: string[]; libc?: string[] } | undefined>;
  };
  const native = Object.entries(packages).filter(
    ([place, one]) =>
      one?.os?.includes('linux') &&
      one.cpu?.includes('x64') &&
      // The images have an ffmpeg of their own.
      !place.includes('@ffmpeg-installer'),
  );
  assert.ok(native.some(([place]) => place.endsWith('@esbuild/linux-x64')));
  for (const [place, one] of native) {
    const other = packages[place.replace('linux-x64', 'linux-arm64')];
    assert.equal(other?.version, one?.version, place);
  }
});
