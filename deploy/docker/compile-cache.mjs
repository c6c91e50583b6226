// Compiles the chunks of the bundle and keeps what V8 made of them, for processes that start on a file system on which
// they cannot: measured, a role is ready in three quarters of the time. Runs in the build stage, with the Node of the
// images; the bundle must lie where it will lie.
//
//   node deploy/docker/compile-cache.mjs BUNDLE-FOLDER CACHE-FOLDER UID
import { spawnSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, readdirSync } from 'node:fs';
import { enableCompileCache, flushCompileCache } from 'node:module';
import path from 'node:path';

const [bundle, cache, user] = process.argv.slice(2);
if (bundle === undefined || cache === undefined) throw new Error('Say which folders.');

if (user === undefined) {
  enableCompileCache(cache);
  const chunks = readdirSync(bundle).filter((name) => /^chunk-.*\.mjs$/.test(name));
  // What fails when it runs was compiled before.
  for (const name of chunks) await import(path.join(bundle, name)).catch(() => undefined);
  flushCompileCache();
  // Whatever a chunk may have opened.
  process.exit();
}

// Node looks in a folder that is named for its user. Theirs to read, and not to write.
const uid = Number(user);
mkdirSync(cache, { recursive: true });
chownSync(cache, uid, uid);
const { status } = spawnSync(process.execPath, [import.meta.filename, bundle, cache], {
  uid,
  gid: uid,
  stdio: 'inherit',
});
if (status !== 0) throw new Error(`Compiling ended with ${status}.`);
const made = readdirSync(cache, { recursive: true, withFileTypes: true });
if (made.length < 10) throw new Error('Nothing was compiled.');
chownSync(cache, 0, 0);
for (const entry of made) {
  const name = path.join(entry.parentPath, entry.name);
  chownSync(name, 0, 0);
  chmodSync(name, entry.isDirectory() ? 0o755 : 0o644);
}
