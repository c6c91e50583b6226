import { execFile, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { hasTool, runTool } from './run-tool.ts';

/** Whether this machine can make roots: Debian, debootstrap, and the right to. */
export const canMakeRoots = (): boolean =>
  process.platform === 'linux' && process.getuid?.() === 0 && hasTool('debootstrap', '--version');

/** The server this machine's own packages come from. */
function mirror(): string {
  for (const file of ['/etc/apt/sources.list.d/debian.sources', '/etc/apt/sources.list']) {
    if (!existsSync(file)) continue;
    const found = /^(?:URIs:|deb(?: \[[^\]]*\])?)\s+(\S+debian\/?)(?:\s|$)/m.exec(readFileSync(file, 'utf8'));
    if (found?.[1] !== undefined) return found[1];
  }
  throw new Error('Where this machine gets its Debian packages from could not be found.');
}

/**
 * A Debian system with nothing but its base and `packages`, kept in .cache/roots/.
 * @returns its folder, to be changed by whoever asked: see `copyOfRoot`
 * @throws Error when it cannot be made
 */
export function cleanRoot(root: string, suite: string, packages: readonly string[]): string {
  const folder = path.join(root, '.cache', 'roots', [suite, ...packages].join('-'));
  if (existsSync(folder)) return folder;
  if (!canMakeRoots()) throw new Error('A clean root needs Debian, debootstrap, and to be run as root.');
  const draft = `${folder}.draft`;
  rmSync(draft, { recursive: true, force: true });
  mkdirSync(draft, { recursive: true });
  runTool('debootstrap', ['--variant=minbase', suite, draft, mirror()]);
  writeFileSync(path.join(draft, 'usr', 'sbin', 'policy-rc.d'), '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  if (packages.length > 0) {
    inRoot(draft, ['apt-get', '-qq', 'update']);
    inRoot(draft, ['apt-get', '-qq', 'install', '-y', '--no-install-recommends', ...packages]);
  }
  renameSync(draft, folder);
  return folder;
}

/** A copy of a clean root to install into. */
export function copyOfRoot(folder: string, to: string): string {
  runTool('cp', ['--archive', '--reflink=auto', folder, to]);
  return to;
}

const MOUNTS = 'mount -t proc proc "$0/proc" && mount --rbind /dev "$0/dev" && exec chroot "$0" "$@"';
const inside = (folder: string, command: readonly string[]) => [
  '--mount',
  ...['sh', '-c', MOUNTS, folder],
  ...command,
];
const environmentOf = (env: Record<string, string>) => ({
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  HOME: '/root',
  LANG: 'C.UTF-8',
  DEBIAN_FRONTEND: 'noninteractive',
  ...env,
});

/**
 * Runs a command in a root, with nothing of this environment but `env`; /proc and /dev are there while it runs.
 * @returns its stdout. @throws Error when it fails
 */
export function inRoot(folder: string, command: readonly string[], env: Record<string, string> = {}): string {
  return runTool('unshare', inside(folder, command), { env: environmentOf(env) });
}

/** `inRoot` for a command that asks this process for something meanwhile. */
export async function insideRoot(
  folder: string,
  command: readonly string[],
  env: Record<string, string> = {},
): Promise<string> {
  const options = { env: environmentOf(env), maxBuffer: 64 * 2 ** 20 };
  return (await promisify(execFile)('unshare', inside(folder, command), options)).stdout;
}

/** Like `inRoot`, for a command that is meant to fail. @returns its exit code and what it said */
export function failsInRoot(folder: string, command: readonly string[], env: Record<string, string> = {}) {
  const { status, stdout, stderr } = spawnSync('chroot', [folder, ...command], {
    encoding: 'utf8',
    env: { PATH: '/usr/local/bin:/usr/bin:/bin', HOME: '/root', LANG: 'C.UTF-8', ...env },
  });
  return { code: status, said: `${stdout}${stderr}` };
}
