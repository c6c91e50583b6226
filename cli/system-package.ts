import { readFileSync } from 'node:fs';
import type { Io } from './io.ts';

/** A program that speakr uses and does not bring along. */
export type SystemProgram = 'ffmpeg' | 'clipboard';

const clipboardPackage = (env: Io['env']) => (env.WAYLAND_DISPLAY ? 'wl-clipboard' : 'xsel');

/** How the package managers of Linux are called, by the `ID` and `ID_LIKE` of os-release(5). */
const linux: readonly (readonly [ids: readonly string[], command: string])[] = [
  [['debian', 'ubuntu'], 'apt install'],
  [['fedora', 'rhel', 'centos'], 'dnf install'],
  [['arch'], 'pacman -S'],
  [['alpine'], 'apk add'],
  [['suse', 'opensuse'], 'zypper install'],
];

/**
 * The one command that installs a program on this system; undefined where none is known.
 * @param osRelease text of /etc/os-release
 */
export function installCommand(
  program: SystemProgram,
  { platform, env }: Pick<Io, 'platform' | 'env'>,
  osRelease: string = readOsRelease(),
): string | undefined {
  if (platform === 'darwin') return program === 'ffmpeg' ? 'brew install ffmpeg' : undefined;
  if (platform === 'win32') return program === 'ffmpeg' ? 'winget install Gyan.FFmpeg' : undefined;
  const ids = [...osRelease.matchAll(/^ID(?:_LIKE)?="?([^"\n]+)"?$/gm)].flatMap(([, value = '']) =>
    value.split(' '),
  );
  const found = linux.find(([names]) =>
    names.some((name) => ids.some((id) => id === name || id.startsWith(`${name}-`))),
  );
  if (found === undefined) return undefined;
  const [, command] = found;
  // Fedora's own repositories have the free build only.
  const name =
    program === 'clipboard' ? clipboardPackage(env) : command.startsWith('dnf') ? 'ffmpeg-free' : 'ffmpeg';
  return `${isRoot() ? '' : 'sudo '}${command} ${name}`;
}

const isRoot = () => process.getuid?.() === 0;

function readOsRelease(): string {
  try {
    return readFileSync('/etc/os-release', 'utf8');
  } catch {
    return '';
  }
}
