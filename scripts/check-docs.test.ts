import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { anchorsOf, checkDocument } from './check-docs.ts';

test('links, anchors and scripts that are not there are reported; code and the web are left alone', async (t) => {
  const directory = await mkdtemp(path.join(tmpdir(), 'speakr-docs-'));
  t.after(() => rm(directory, { recursive: true }));
  const file = path.join(directory, 'page.md');
  await writeFile(path.join(directory, 'other.md'), '# Where it goes\n');
  const page = [
    '[a](other.md) [b](other.md#where-it-goes) [c](https://example.org/x) `[d](nowhere.md)`',
    '[e](missing.md) [f](other.md#nothing) [g](#top)',
    'npm run demo, npm run nonsense',
    '# Top',
  ].join('\n');
  await writeFile(file, page);
  assert.deepEqual(checkDocument(file, page, new Set(['demo'])), [
    'the link missing.md leads nowhere',
    'the link other.md#nothing leads to a heading that is not there',
    'npm run nonsense does not exist',
  ]);
});

test('anchors are made as GitHub makes them', () => {
  assert.deepEqual(
    [...anchorsOf('# Where do I change…?\n## `speakr list`, and more\n')],
    ['where-do-i-change', 'speakr-list-and-more'],
  );
});
