import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { dependenciesInstalled } from './dependencies.mjs';

const wanted = {
  '': { name: 'project' },
  'node_modules/a': { version: '1.0.0', integrity: 'sha512-a' },
  'node_modules/for-windows': { version: '1.0.0', integrity: 'sha512-w', optional: true },
};

async function project(t: TestContext, installed?: object): Promise<string> {
  const root = await mkdtemp(path.join(tmpdir(), 'speakr-dependencies-'));
  t.after(() => rm(root, { recursive: true }));
  await writeFile(path.join(root, 'package-lock.json'), JSON.stringify({ packages: wanted }));
  await mkdir(path.join(root, 'node_modules'));
  if (installed !== undefined)
    await writeFile(
      path.join(root, 'node_modules', '.package-lock.json'),
      JSON.stringify({ packages: installed }),
    );
  return root;
}

test('what the lockfile asks for is installed, packages of other systems aside', async (t) => {
  assert.equal(dependenciesInstalled(await project(t, { 'node_modules/a': wanted['node_modules/a'] })), true);
});

test('an installation that was interrupted does not count', async (t) => {
  assert.equal(dependenciesInstalled(await project(t)), false);
});

test('a missing package, another version and other bytes do not count', async (t) => {
  assert.equal(dependenciesInstalled(await project(t, {})), false);
  for (const change of [{ version: '1.0.1' }, { integrity: 'sha512-b' }])
    assert.equal(
      dependenciesInstalled(
        await project(t, { 'node_modules/a': { ...wanted['node_modules/a'], ...change } }),
      ),
      false,
    );
});

test('a clone without its lockfile is named as such', async (t) => {
  const root = await project(t);
  await rm(path.join(root, 'package-lock.json'));
  assert.throws(() => dependenciesInstalled(root), /package-lock\.json is missing/);
});
