import assert from 'node:assert/strict';
import { test } from 'node:test';
import { installCommand } from './system-package.ts';

const onLinux = { platform: 'linux', env: {} } as const;
const bare = (command: string | undefined) => command?.replace(/^sudo /, '');

test('every system gets its one command', () => {
  const cases: [string, string | undefined][] = [
    ['NAME="Ubuntu"\nID=ubuntu\nID_LIKE=debian\n', 'apt install ffmpeg'],
    ['ID=linuxmint\nID_LIKE="ubuntu debian"\n', 'apt install ffmpeg'],
    ['ID="rocky"\nID_LIKE="rhel centos fedora"\n', 'dnf install ffmpeg-free'],
    ['ID=fedora\n', 'dnf install ffmpeg-free'],
    ['ID=arch\n', 'pacman -S ffmpeg'],
    ['ID=alpine\n', 'apk add ffmpeg'],
    ['ID="opensuse-tumbleweed"\nID_LIKE="opensuse suse"\n', 'zypper install ffmpeg'],
    ['ID=plan9\n', undefined],
    ['', undefined],
  ];
  for (const [osRelease, command] of cases)
    assert.equal(bare(installCommand('ffmpeg', onLinux, osRelease)), command, osRelease);
  assert.equal(installCommand('ffmpeg', { platform: 'darwin', env: {} }), 'brew install ffmpeg');
  assert.equal(installCommand('ffmpeg', { platform: 'win32', env: {} }), 'winget install Gyan.FFmpeg');
});

test('the clipboard program is that of the display', () => {
  const wayland = { platform: 'linux', env: { WAYLAND_DISPLAY: 'wayland-0' } } as const;
  assert.equal(bare(installCommand('clipboard', wayland, 'ID=debian\n')), 'apt install wl-clipboard');
  assert.equal(bare(installCommand('clipboard', onLinux, 'ID=debian\n')), 'apt install xsel');
});
