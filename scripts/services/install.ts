import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { withLock } from '../bootstrap/lock.mjs';
import { runCommand } from './command.ts';

const say = (text: string) => process.stderr.write(`${text}\n`);

/** Ways to run pip, tried in order. */
const PIP = [['python3', '-m', 'pip'], ['pip3'], ['pip']] as const;
/** Ways to run Go, tried in order: its installer does not put it on the PATH. */
const GO = ['go', '/usr/local/go/bin/go'];

interface Installation {
  /** Folder of all programs. */
  readonly directory: string;
  /** Name of the program with its version: the folder it gets. */
  readonly name: string;
  /** Puts it into an empty folder. @throws Error in one sentence */
  readonly fill: (folder: string) => Promise<void>;
}

/**
 * The folder of a program, filled when it is not there. Several processes may ask at once; a folder is there wholly
 * or not at all.
 */
export async function installOnce({ directory, name, fill }: Installation): Promise<string> {
  const folder = path.join(directory, name);
  if (existsSync(folder)) return folder;
  mkdirSync(directory, { recursive: true });
  const onWait = () => say(`Waiting for another process that fetches ${name} …`);
  await withLock(`${folder}.lock`, { onWait }, async () => {
    if (existsSync(folder)) return;
    say(`Fetching ${name} …`);
    const draft = `${folder}.draft`;
    rmSync(draft, { recursive: true, force: true });
    mkdirSync(draft);
    await fill(draft);
    renameSync(draft, folder);
  });
  return folder;
}

/** `pip install` of one wheel into a folder. @throws Error when there is no pip, or it fails */
export async function pipInstall(requirement: string, folder: string): Promise<void> {
  const args = [
    'install',
    '--no-deps',
    '--no-compile',
    '--no-input',
    '--only-binary=:all:',
    '--disable-pip-version-check',
    '--root-user-action=ignore',
    '--quiet',
    `--target=${folder}`,
    requirement,
  ];
  for (const [command, ...prefix] of PIP) {
    const { status, lastLine } = await runCommand(command, [...prefix, ...args]);
    if (status === 0) return;
    if (status === 'missing' || /No module named pip/.test(lastLine)) continue;
    throw new Error(`pip cannot install ${requirement}: ${lastLine}`);
  }
  throw new Error(`pip, which brings ${requirement}, is not installed`);
}

/** `go install` of one program into a folder. @throws Error when there is no Go, or it fails */
export async function goInstall(program: string, folder: string): Promise<void> {
  for (const go of GO) {
    const { status, lastLine } = await runCommand(go, ['install', '-trimpath', '-ldflags=-s -w', program], {
      env: { GOBIN: folder, CGO_ENABLED: '0', GOFLAGS: '' },
    });
    if (status === 'missing') continue;
    if (status === 0) return;
    throw new Error(`go cannot install ${program}: ${lastLine}`);
  }
  throw new Error(`Go (https://go.dev/dl), which builds ${program}, is not installed`);
}
