import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { imageTargets } from './builder.ts';

const file = path.join(import.meta.dirname, '..', '..', 'deploy', 'docker', 'Containerfile');

test('every role has an image that runs it, and the image without a target has all', () => {
  const text = readFileSync(file, 'utf8');
  const targets = [...text.matchAll(/^FROM speakr AS ([a-z]+)\n(?:ENV SPEAKR_ROLES=([a-z]+)\n)?/gm)].map(
    ([, name, roles = name]) => [name, roles],
  );
  assert.deepEqual(Object.fromEntries(targets), Object.fromEntries(imageTargets.map((name) => [name, name])));
  assert.match(text, /FROM speakr AS all\n*$/);
});
