/**
 * The same bundle as `makeSingleExecutable` packs, packed by @yao-pkg/pkg (`--sea`). It brings a hundred packages with
 * it, so it is fetched when it is asked for and is no dependency.
 */
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { assetNames, assetPath } from '../../server/assets.ts';
import { nodeVersion } from './node-base.ts';
import type { SingleExecutableOptions } from './single-executable.ts';
import type { Target } from './target.ts';

const PKG = '@yao-pkg/pkg@6.23.0';

/** pkg's words for our targets. */
const platforms: Record<Target, string> = {
  'linux-x64': 'linux-x64',
  'linux-arm64': 'linux-arm64',
  'macos-x64': 'macos-x64',
  'macos-arm64': 'macos-arm64',
  'windows-x64': 'win-x64',
};

/** Writes the executable. @throws Error when pkg fails */
export function makeWithPkg({ root, target, bundle, base, work, output }: SingleExecutableOptions): void {
  const source = path.join(work, 'bundle');
  mkdirSync(path.join(source, 'assets'), { recursive: true });
  for (const [name, text] of bundle.files) writeFileSync(path.join(source, name), text);
  for (const name of assetNames) copyFileSync(assetPath(name), path.join(source, 'assets', name));
  writeFileSync(
    path.join(source, 'package.json'),
    JSON.stringify({ name: 'speakr', bin: 'speakr.cjs', pkg: { assets: ['worker-*.cjs', 'assets/*'] } }),
  );
  const version = nodeVersion(root);
  const home = path.join(work, 'home');
  seedCache(
    path.join(home, '.pkg-cache', 'sea'),
    `node-v${version}-${platforms[target].replace('macos', 'darwin')}`,
    base,
  );
  const { status, stdout, stderr } = spawnSync(
    'npm',
    [
      'exec',
      '--yes',
      `--package=${PKG}`,
      '--',
      'pkg',
      '--sea',
      `--targets=node${version}-${platforms[target]}`,
      `--output=${output}`,
      '.',
    ],
    {
      cwd: source,
      encoding: 'utf8',
      // Its cache is below the home directory; npm keeps the one it has.
      env: { ...process.env, HOME: home, USERPROFILE: home, npm_config_cache: path.join(homedir(), '.npm') },
      shell: process.platform === 'win32',
    },
  );
  if (status !== 0) throw new Error(`pkg failed:\n${stdout}${stderr}`);
}

/** Where pkg keeps the Node it downloads: with ours in it, it downloads none, and both executables have the same one. */
function seedCache(directory: string, name: string, base: Buffer): void {
  const windows = name.includes('-win-');
  const program = windows ? path.join(directory, `${name}.exe`) : path.join(directory, name, 'bin', 'node');
  const archive = path.join(directory, `${name}.${windows ? 'zip' : 'tar.gz'}`);
  mkdirSync(path.dirname(program), { recursive: true });
  writeFileSync(program, base, { mode: 0o755 });
  for (const file of [`${program}.ok`, archive, `${archive}.ok`]) writeFileSync(file, '');
}
