/**
 * Node's single executable application (https://nodejs.org/api/single-executable-applications.html): a copy of Node
 * with our entry and files in a section of its own.
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { constants, zstdCompressSync } from 'node:zlib';
import { inject } from 'postject';
import { assetNames, assetPath } from '../../server/assets.ts';
import type { ExecutableBundle } from './bundle.ts';
import { withoutSignature } from './portable-executable.ts';
import type { Target } from './target.ts';

/** What Node looks for in its own file to know that it is an application; the same in every Node since 20. */
const FUSE = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2';

export interface SingleExecutableOptions {
  readonly root: string;
  readonly target: Target;
  readonly bundle: ExecutableBundle;
  /** Node for the target. */
  readonly base: Buffer;
  /** An empty folder for what comes in between. */
  readonly work: string;
  /** The executable to be. */
  readonly output: string;
}

/** Writes the executable. @throws Error when a tool is missing or fails */
export async function makeSingleExecutable(options: SingleExecutableOptions): Promise<void> {
  const { target, base, output } = options;
  const blob = makeBlob(options);
  const windows = target.startsWith('windows');
  writeFileSync(output, windows ? withoutSignature(base) : base);
  chmodSync(output, 0o755);
  if (target.startsWith('linux')) strip(output, target);
  if (target.startsWith('macos')) run('codesign', ['--remove-signature', output]);
  await quietly(() =>
    inject(output, 'NODE_SEA_BLOB', blob, {
      sentinelFuse: FUSE,
      ...(target.startsWith('macos') ? { machoSegmentName: 'NODE_SEA' } : {}),
    }),
  );
  // macOS on ARM runs nothing unsigned. Ad hoc: no certificate, and so no name.
  if (target.startsWith('macos')) run('codesign', ['--sign', '-', '--force', output]);
}

/** postject warns of section names that stripping has taken away, a dozen times. */
async function quietly(work: () => Promise<void>): Promise<void> {
  const { warn } = console;
  console.warn = () => {};
  try {
    await work();
  } finally {
    console.warn = warn;
  }
}

/** The application as Node wants it: entry, configuration and files in one. */
function makeBlob({ bundle, work }: SingleExecutableOptions): Buffer {
  const assets: Record<string, string> = {};
  mkdirSync(work, { recursive: true });
  // Names without a folder: the entry's is kept in the executable, which must not depend on where it was made.
  const write = (name: string, text: string | Buffer) => {
    writeFileSync(path.join(work, name), text);
    return name;
  };
  for (const name of assetNames)
    assets[`${name}.zst`] = write(`${name}.zst`, compressed(readFileSync(assetPath(name))));
  for (const [name, text] of bundle.files)
    assets[name] = write(name, name === 'speakr.cjs' ? asFunction(text) : text);
  const output = 'application.blob';
  const config = write(
    'config.json',
    JSON.stringify({
      main: write('entry.cjs', bundle.entry),
      output,
      disableExperimentalSEAWarning: true,
      // The cache would be another one in every build, and cannot be made for another system. The entry keeps its own.
      useCodeCache: false,
      // NODE_OPTIONS is meant for Node, and speakr's users do not know that they have one.
      execArgvExtension: 'none',
      assets,
    }),
  );
  run(process.execPath, ['--experimental-sea-config', config], work);
  return readFileSync(path.join(work, output));
}

/** The zip for Windows would be 1 MB larger without. Reading takes 80 ms, once in a server. */
const compressed = (bytes: Buffer) =>
  zstdCompressSync(bytes, { params: { [constants.ZSTD_c_compressionLevel]: 19 } });

const asFunction = (commonJs: string) => `(function (require, __filename, __dirname) {${commonJs}\n})`;

/** Symbols for a debugger are a fifth of Node. Must come before the injection, whose section `strip` would move. */
function strip(file: string, target: Target): void {
  const native = process.platform === 'linux' && target === `linux-${process.arch}`;
  const programs = native
    ? ['strip']
    : [`${target === 'linux-arm64' ? 'aarch64' : 'x86_64'}-linux-gnu-strip`, 'llvm-strip'];
  const program = programs.find((name) => spawnSync(name, ['--version']).status === 0);
  if (program === undefined)
    throw new Error(
      `${programs.join(' or ')} is missing (Debian: binutils, for another architecture binutils-aarch64-linux-gnu).`,
    );
  run(program, ['--strip-all', file]);
}

function run(program: string, args: readonly string[], cwd?: string): void {
  const { status, stderr, error } = spawnSync(program, args, { encoding: 'utf8', cwd });
  if (status !== 0) throw new Error(`${program} ${args[0]} failed: ${error?.message ?? stderr}`);
}
