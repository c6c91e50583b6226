import assert from 'node:assert/strict';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { serverPolicy } from './server-policy.ts';

test('what a server said is remembered for the time it is away; silence means yes', async () => {
  const path = join(mkdtempSync(join(tmpdir(), 'speakr-policy-')), 'data', 'servers.json');
  const strict = serverPolicy(path, 'https://strict.example');
  assert.equal(await strict.read(), 'allowed');
  await strict.write('forbidden');
  assert.equal(await serverPolicy(path, 'https://strict.example').read(), 'forbidden');
  assert.equal(await serverPolicy(path, 'https://other.example').read(), 'allowed');
  await strict.write('allowed');
  assert.equal(await strict.read(), 'allowed');
});
