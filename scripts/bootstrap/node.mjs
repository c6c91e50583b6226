import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { SetupError } from './setup-error.mjs';

const REQUIRED_MAJOR = 24;

/**
 * Path of a Node that runs speakr's sources: the one npm installed for this system, else the one that runs now.
 * npm scripts find the first one by themselves, because node_modules/.bin comes first on their PATH.
 * @param {string} root
 */
export function findNode(root) {
  const packaged = path.join(
    root,
    'node_modules',
    `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`,
    'bin',
    process.platform === 'win32' ? 'node.exe' : 'node',
  );
  if (existsSync(packaged)) {
    const { status, stderr } = spawnSync(packaged, ['--version'], { encoding: 'utf8' });
    if (status === 0) return packaged;
    throw new SetupError(
      `The Node ${REQUIRED_MAJOR} that npm installed does not run here (${firstLine(stderr)}): ` +
        'speakr needs a Linux with glibc 2.28 or later.',
    );
  }
  if (Number.parseInt(process.versions.node, 10) >= REQUIRED_MAJOR) return process.execPath;
  throw new SetupError(
    `speakr needs Node ${REQUIRED_MAJOR} or later on this system and this is Node ${process.versions.node}: ` +
      `install it (${installHint()}) and run the same command again.`,
  );
}

function installHint() {
  return process.platform === 'darwin' ? '`brew install node`, or from nodejs.org' : 'from nodejs.org';
}

function firstLine(text) {
  return text?.split('\n')[0]?.trim() || 'it does not start';
}
