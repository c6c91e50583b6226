import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { hasTool } from './release/run-tool.ts';

const root = path.dirname(import.meta.dirname);
const read = (name: string) => readFileSync(path.join(root, name), 'utf8');
const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };

/** Target → npm script, of the Makefile. */
const targets = new Map(
  [...read('Makefile').matchAll(/^([a-z-]+): ## .*\n\tnpm (?:run )?([\w:-]+)$/gm)].map(
    ([, target = '', script = '']) => [target, script] as const,
  ),
);

test('every target of the Makefile is an npm script', () => {
  for (const target of ['dev', 'test', 'lint', 'bench', 'docker-build', 'release'])
    assert.ok(targets.has(target), target);
  for (const [target, script] of targets) assert.ok(script in scripts, target);
  const phony = /^\.PHONY: (.*)$/m.exec(read('Makefile'))?.[1]?.split(' ');
  assert.deepEqual(phony?.sort(), ['help', 'image-query', ...targets.keys()].sort());
});

test('make.ps1 has the same targets', () => {
  const found = [...read('make.ps1').matchAll(/^ {2}'?([a-z-]+)'? *= (?:'run', |, )'([\w:-]+)'$/gm)].map(
    ([, target = '', script = '']) => [target, script] as const,
  );
  assert.deepEqual(new Map(found), targets);
});

const noMake = hasTool('make', '--version') ? false : 'make is not installed';
test('each image has a target, by the names people look for, too', { skip: noMake }, () => {
  for (const [target, image] of [
    ['image-transcriber', 'transcriber'],
    ['image-embedder', 'embedder'],
    ['image-query', 'gateway'],
  ] as const) {
    const { stdout, status } = spawnSync('make', ['--dry-run', target], { cwd: root, encoding: 'utf8' });
    assert.equal(status, 0, target);
    assert.equal(stdout.trim(), `npm run images -- ${image}`);
  }
});
