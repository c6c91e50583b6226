#!/usr/bin/env node
// The programs that tests use beside Node: ffmpeg for every audio format, flite to speak, tmux to watch the terminal,
// PulseAudio for a microphone without hardware, xsel and Xvfb for a clipboard without a screen,
// shells to complete commands in, strip for the single executable, ssh-keygen for signatures of releases, libdeflate-gzip for their zip.
// Installs what is missing where that is possible without asking (Debian, root). Elsewhere it prints the command, and
// the tests that need them are skipped with a message; with CI=true that is a failure.
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync } from 'node:fs';
import path from 'node:path';

/** Program → Debian package. */
const PROGRAMS = {
  ffmpeg: 'ffmpeg',
  flite: 'flite',
  tmux: 'tmux',
  pulseaudio: 'pulseaudio',
  pactl: 'pulseaudio-utils',
  xsel: 'xsel',
  Xvfb: 'xvfb',
  strip: 'binutils',
  'ssh-keygen': 'openssh-client',
  'libdeflate-gzip': 'libdeflate-tools',
  zsh: 'zsh',
  fish: 'fish',
  'python3 -m venv': 'python3-venv',
  'python3 websockets': 'python3-websockets',
};

const onPath = (program) =>
  (process.env.PATH ?? '').split(path.delimiter).some((directory) => {
    try {
      accessSync(path.join(directory, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });

const runs = (program, args) => spawnSync(program, args, { stdio: 'ignore' }).status === 0;

/** Python makes environments of its own: for faster-whisper, which CI compares with. Debian packs that apart. */
const VENV = 'python3 -m venv';
/** What an example uses. */
const WEBSOCKETS = 'python3 websockets';
const hasWebsockets = () =>
  ['python3', '/usr/bin/python3'].some((python) => runs(python, ['-c', 'import websockets']));
const missing = () => [
  ...Object.keys(PROGRAMS).filter((program) => !program.includes(' ') && !onPath(program)),
  ...(process.env.CI === 'true' && !runs('python3', ['-c', 'import ensurepip, venv']) ? [VENV] : []),
  ...(hasWebsockets() ? [] : [WEBSOCKETS]),
];
const say = (text) => process.stderr.write(`${text}\n`);

function install(packages) {
  const apt = (args) =>
    spawnSync('apt-get', args, {
      stdio: ['ignore', 2, 2],
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    }).status === 0;
  const lockWait = ['-o', 'DPkg::Lock::Timeout=300'];
  return (
    apt([...lockWait, '-qq', 'update']) &&
    apt([...lockWait, '-qq', 'install', '-y', '--no-install-recommends', ...packages])
  );
}

let absent = missing();
if (absent.length > 0) {
  const packages = [...new Set(absent.map((program) => PROGRAMS[program]))];
  const debian = existsSync('/usr/bin/apt-get');
  if (debian && process.getuid?.() === 0) {
    say(`Installing ${packages.join(', ')} for the tests …`);
    install(packages);
    absent = missing();
  }
  if (absent.length > 0) {
    say(`Missing for some tests: ${absent.join(', ')}.`);
    if (debian) say(`  sudo apt-get install ${packages.join(' ')}`);
    else if (process.platform === 'darwin') say('  brew install ffmpeg flite tmux');
    say('Tests that need them are skipped.');
    if (process.env.CI === 'true') {
      say('With CI=true nothing may be skipped.');
      process.exitCode = 1;
    }
  }
}
