import assert from 'node:assert/strict';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Release } from '../artefact.ts';
import { cleanRoot, copyOfRoot, inRoot } from '../clean-root.ts';

/**
 * Installs the packages of the release in `folder` into a Debian with nothing else on it, runs what they bring, and
 * takes them away again. @throws AssertionError
 */
export function verifyLinuxPackages(root: string, folder: string, release: Release): void {
  const base = cleanRoot(root, 'bookworm', ['rpm']);
  for (const kind of ['deb', 'rpm'] as const) {
    const { name } =
      release.artefacts.find((each) => each.kind === kind && each.target === 'linux-x64') ?? {};
    assert.ok(name !== undefined, `the release has no ${kind}`);
    const work = mkdtempSync(path.join(tmpdir(), `speakr-${kind}-`));
    try {
      const system = copyOfRoot(base, path.join(work, 'root'));
      copyFileSync(path.join(folder, name), path.join(system, 'srv', name));
      const commands =
        kind === 'deb'
          ? {
              add: ['apt-get', '-qq', 'install', '-y', '--no-install-recommends', `/srv/${name}`],
              remove: ['apt-get', '-qq', 'purge', '-y', 'speakr'],
            }
          : // Debian knows the libraries that it asks for by other names.
            { add: ['rpm', '--install', '--nodeps', `/srv/${name}`], remove: ['rpm', '--erase', 'speakr'] };
      inRoot(system, commands.add);
      assert.equal(inRoot(system, ['speakr', '--version']).trim(), release.version, kind);
      assert.match(inRoot(system, ['speakr', 'models', 'list']), /moonshine-tiny-en/);
      assert.match(inRoot(system, ['cat', '/usr/share/bash-completion/completions/speakr']), /complete/);
      inRoot(system, commands.remove);
      assert.equal(inRoot(system, ['sh', '-c', 'command -v speakr || echo gone']).trim(), 'gone');
    } finally {
      rmSync(work, { recursive: true, force: true });
    }
  }
}
