import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { commands } from './commands.ts';
import { manPage } from './man-page.ts';

test('the manual has every command with its options, and no line that troff would take for a request', () => {
  const page = manPage(commands, '1.2.3');
  for (const { definition } of commands)
    assert.ok(page.includes(`.SS speakr ${definition.name.replaceAll('-', '\\-')}`), definition.name);
  assert.match(page, /\\fB\\-i, \\-\\-input FILE\\fR/);
  const requests = new Set(page.split('\n').flatMap((line) => /^[.'](\S+)/.exec(line)?.[1] ?? []));
  assert.deepEqual([...requests].sort(), ['B', 'EE', 'EX', 'PP', 'SH', 'SS', 'TH', 'TP', '\\"'].sort());
});

test('groff reads it without a warning, where it is here', () => {
  const { error, stderr, stdout } = spawnSync('groff', ['-man', '-Tutf8', '-ww'], {
    input: manPage(commands, '1.2.3'),
    encoding: 'utf8',
  });
  if (error !== undefined) return;
  assert.equal(stderr, '');
  assert.match(stdout, /SPEAKR\(1\)/);
});
