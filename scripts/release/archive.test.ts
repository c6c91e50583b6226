import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { readTarEntry } from '../executable/tar-entry.ts';
import { changelogWithRelease } from './changelog.ts';
import { parseChecksums } from './checksums.ts';
import { installerScript } from './installer-scripts.ts';
import { deflateBest, deflateQuick, zip } from './zip.ts';

test('a zip archive is read by another program, and the same files give the same bytes', (t) => {
  const directory = mkdtempSync(path.join(tmpdir(), 'speakr-zip-'));
  t.after(() => rmSync(directory, { recursive: true }));
  const entries = [
    { name: 'speakr/ä.txt', bytes: Buffer.from('text '.repeat(1000)) },
    { name: 'speakr/empty', bytes: Buffer.alloc(0) },
  ];
  const script =
    'import sys, zipfile; z = zipfile.ZipFile(sys.argv[1]); assert z.testzip() is None; print(z.namelist(), len(z.read(z.namelist()[0])))';
  for (const deflate of [deflateBest, deflateQuick]) {
    const file = path.join(directory, `${deflate.name}.zip`);
    writeFileSync(file, zip(entries, deflate));
    assert.deepEqual(zip(entries, deflate), readFileSync(file));
    const { stdout, stderr } = spawnSync('python3', ['-c', script, file], { encoding: 'utf8' });
    assert.equal(stdout.trim(), "['speakr/ä.txt', 'speakr/empty'] 5000", stderr);
  }
});

test('a file is read out of a tar archive that tar made', (t) => {
  const directory = mkdtempSync(path.join(tmpdir(), 'speakr-tar-'));
  t.after(() => rmSync(directory, { recursive: true }));
  writeFileSync(path.join(directory, 'first'), 'x'.repeat(700));
  writeFileSync(path.join(directory, 'second'), 'the second');
  const { stdout } = spawnSync('tar', ['--format=ustar', '-C', directory, '-cf', '-', 'first', 'second']);
  assert.equal(readTarEntry(stdout, 'second').toString(), 'the second');
  assert.throws(() => readTarEntry(stdout, 'third'), /no third/);
});

test('a list of checksums with a line that is none is refused', () => {
  const sum = 'a'.repeat(64);
  assert.deepEqual(parseChecksums(`${sum}  x.zip\n`), new Map([['x.zip', sum]]));
  for (const bad of [`${sum} x.zip`, `${sum}  ../x.zip`, 'x', `${sum.toUpperCase()}  x`])
    assert.throws(() => parseChecksums(bad));
});

test('an installer has version, place and key in it, and nothing that ends a quote', () => {
  const release = { version: '1.2.3', baseUrl: 'https://example.org/v1.2.3', publicKey: 'ssh-ed25519 AAAA' };
  for (const name of ['install.sh', 'install.ps1'] as const) {
    const script = installerScript(name, release);
    for (const value of Object.values(release))
      assert.ok(script.includes(`'${value}'`) || script.includes(value));
    assert.ok(!/@[A-Z]+_?[A-Z]*@/.test(script), 'no mark is left');
    assert.throws(() => installerScript(name, { ...release, baseUrl: "https://x/'; rm" }), /cannot be/);
  }
});

test('what is unreleased gets the heading of the release', () => {
  const changelog = '# Changelog\n\n## Unreleased\n\n### Added\n\n- x\n';
  assert.equal(
    changelogWithRelease(changelog, '1.0.0', '2026-11-28'),
    '# Changelog\n\n## Unreleased\n\n## 1.0.0 – 2026-11-28\n\n### Added\n\n- x\n',
  );
  assert.throws(() => changelogWithRelease('# Changelog\n', '1.0.0', '2026-11-28'));
});
