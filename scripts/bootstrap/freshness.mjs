import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const SOURCES = [
  'contracts',
  'client',
  'cli',
  'server',
  'scripts/build.ts',
  'package-lock.json',
  'tsconfig.json',
];
const SKIPPED = new Set(['node_modules', 'dist']);

/** What the bundle was built from: names, sizes and times of its source files, hashed. */
export function sourceFingerprint(root) {
  const hash = createHash('sha256');
  for (const source of SOURCES) visit(root, source, hash);
  return hash.digest('hex');
}

/** Whether dist/ was built from the sources as they are now. */
export function bundleIsFresh(root) {
  try {
    return readFileSync(stampFile(root), 'utf8') === sourceFingerprint(root);
  } catch (error) {
    if (error.code === 'ENOENT') return false;
    throw error;
  }
}

/** Notes what dist/ was built from; take the fingerprint before building. */
export function stampBundle(root, fingerprint) {
  writeFileSync(stampFile(root), fingerprint);
}

const stampFile = (root) => path.join(root, 'dist', '.built-from');

function visit(root, name, hash) {
  const stats = statSync(path.join(root, name));
  if (!stats.isDirectory()) {
    if (!/\.test\.tsx?$/.test(name)) hash.update(`${name} ${stats.size} ${stats.mtimeMs}\n`);
    return;
  }
  for (const entry of readdirSync(path.join(root, name)).sort())
    if (!SKIPPED.has(entry)) visit(root, path.join(name, entry), hash);
}
