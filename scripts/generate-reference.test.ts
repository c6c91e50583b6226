import assert from 'node:assert/strict';
import { test } from 'node:test';
import { replaceBlock, settingsTable } from './generate-reference.ts';

test('only the block is replaced, and again gives the same', () => {
  const page = 'before\n<!-- x -->\nold\n<!-- /x -->\nafter\n';
  const once = replaceBlock(page, 'x', 'new');
  assert.equal(once, 'before\n<!-- x -->\n\nnew\n\n<!-- /x -->\nafter\n');
  assert.equal(replaceBlock(once, 'x', 'new'), once);
  assert.throws(() => replaceBlock(page, 'y', 'new'), /no block "y"/);
});

test('a setting is a row with its choices and default', () => {
  const table = settingsTable({
    engine: { env: 'ENGINE', kind: 'text', choices: ['a', 'b'], default: 'a', summary: 'Which <engine>' },
    key: { env: 'KEY', kind: 'text', secret: true, summary: 'Key' },
  });
  assert.match(table, /\| `engine` \| `ENGINE` \| `a` or `b` \| `a` \| Which \\<engine> \|/);
  assert.match(table, /\| `key` \| `KEY` \| text \| {2}\| Key; never shown \|/);
});
