import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { hostTarget } from '../executable/target.ts';
import { makeArchive } from './archive.ts';
import type { Release } from './artefact.ts';
import { CHECKSUMS, checksumsOf, SIGNATURE, sha256 } from './checksums.ts';
import { installerScript } from './installer-scripts.ts';
import { publicKeyLine, signMessage } from './sign.ts';
import { verifyInstallScript } from './verify/install-script.ts';

const target = hostTarget();
const isLinux = target === 'linux-x64' || target === 'linux-arm64';

// The installer and what can happen to it, with a program of one line. `npm run release:dry` does the same with the
// real ones.
test('install.sh installs, and refuses what was changed, cut off or cannot run, leaving the old program', {
  skip: isLinux ? false : 'GNU tar and xz make the archive on Linux',
}, async (t) => {
  assert.ok(target !== undefined);
  const folder = mkdtempSync(path.join(tmpdir(), 'speakr release '));
  t.after(() => rmSync(folder, { recursive: true }));
  const [work, output] = [path.join(folder, 'work'), path.join(folder, 'release')] as const;
  for (const each of [work, output]) mkdirSync(each);
  const executable = path.join(folder, 'speakr');
  writeFileSync(executable, '#!/bin/sh\necho 1.2.3\n', { mode: 0o755 });
  const documents = new Map([['LICENSE', 'Apache-2.0\n'.repeat(2000)]]);
  const time = 1_764_000_000;
  const name = makeArchive({
    version: '1.2.3',
    target,
    executable,
    documents,
    time,
    quick: true,
    work,
    output,
  });
  const { privateKey } = generateKeyPairSync('ed25519');
  const file = path.join(output, name);
  const release: Release = {
    version: '1.2.3',
    baseUrl: 'https://example.org/v1.2.3',
    publicKey: publicKeyLine(privateKey),
    artefacts: [{ name, kind: 'archive', target, bytes: statSync(file).size, sha256: sha256(file) }],
  };
  writeFileSync(path.join(output, 'install.sh'), installerScript('install.sh', release));
  const sums = checksumsOf(output, [name, 'install.sh']);
  writeFileSync(path.join(output, CHECKSUMS), sums);
  writeFileSync(path.join(output, SIGNATURE), signMessage(Buffer.from(sums), privateKey));
  await verifyInstallScript(output, release);
});
