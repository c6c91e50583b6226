import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { readTokens, tokenLine } from './token-file.ts';

test('each token belongs to one owner, and no other token to anybody', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'speakr-tokens-'));
  t.after(() => rm(directory, { recursive: true }));
  const path = join(directory, 'tokens');
  await writeFile(path, `# users\n${tokenLine('alex', 'one')}\n${tokenLine('maria', 'two')}`);
  const authenticate = await readTokens(path);
  const users = ['one', 'two', '', 'three'].map(async (token) => (await authenticate(token))?.user);
  assert.deepEqual(await Promise.all(users), ['alex', 'maria', undefined, undefined]);
  await writeFile(path, 'alex one\n');
  await assert.rejects(readTokens(path), { code: 'config_invalid' });
  await assert.rejects(readTokens(join(directory, 'none')), { code: 'config_invalid' });
});
