/**
 * Entry of the single executable (scripts/executable/). It answers `--version` by itself and runs the bundle inside for
 * the rest. V8 reads all of this file on each start, and of the bundle only what its cache does not have.
 */
import {
  closeSync,
  fstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { getAsset } from 'node:sea';
import { Script } from 'node:vm';
import { cacheDirectory } from './paths.ts';
import { version } from './version.ts';

/** Says which bundle a cache belongs to: V8 itself compares no more than the length. Set by the build. */
declare const BUNDLE_HASH: string;

/** Caches of other versions are kept this long: two of them may be in use. */
const KEEP_OTHERS_MS = 7 * 24 * 3600_000;

type Bundle = (require: NodeJS.Require, filename: string, dirname: string) => void;

/** Compiled code is somebody's program: only the user's own is taken, not that of whoever owns $HOME under sudo. */
function readCache(file: string): Buffer | undefined {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(file, 'r');
    if (process.getuid !== undefined && fstatSync(descriptor).uid !== process.getuid()) return undefined;
    return readFileSync(descriptor);
  } catch {
    return undefined;
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

/** A cache is a convenience: a home that cannot be written to is no error. */
function writeCache(file: string, data: Buffer): void {
  const draft = `${file}.${process.pid}`;
  try {
    const directory = dirname(file);
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    writeFileSync(draft, data, { mode: 0o600 });
    renameSync(draft, file);
    for (const name of readdirSync(directory)) {
      const other = join(directory, name);
      if (!name.startsWith('bundle-') || other === file) continue;
      if (Date.now() - statSync(other).mtimeMs > KEEP_OTHERS_MS) rmSync(other, { force: true });
    }
  } catch {
    try {
      rmSync(draft, { force: true });
    } catch {
      // Where nothing can be written nothing was.
    }
  }
}

function runBundle(): void {
  const filename = process.execPath;
  const file = join(
    cacheDirectory(process.platform, process.env),
    `bundle-${BUNDLE_HASH}-${process.versions.v8}-${process.arch}`,
  );
  const cachedData = readCache(file);
  const script = new Script(getAsset('speakr.cjs', 'utf8'), { filename, cachedData });
  // After the run V8 has compiled what this command needed, and puts that into the cache as well.
  if (cachedData === undefined || script.cachedDataRejected)
    process.on('exit', () => writeCache(file, script.createCachedData()));
  const bundle = script.runInThisContext() as Bundle;
  bundle(createRequire(filename), filename, dirname(filename));
}

const [argument, ...more] = process.argv.slice(2);
if (more.length === 0 && (argument === '--version' || argument === '-V')) writeSync(1, `${version}\n`);
else runBundle();
