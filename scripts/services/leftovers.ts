import { spawnSync } from 'node:child_process';
import { existsSync, globSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';

/**
 * Ends what a supervisor left running that was killed, and removes its data.
 * @param runs holds a folder for each supervisor, named by its process id
 */
export function sweep(runs: string): void {
  for (const name of existsSync(runs) ? readdirSync(runs) : []) {
    const directory = path.join(runs, name);
    if (isAlive(Number(name))) continue;
    endPrograms(directory);
    rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** Ends the programs whose process ids are noted in a folder. */
export function endPrograms(directory: string): void {
  for (const file of globSync('*.pid', { cwd: directory })) {
    const pid = Number(readFileSync(path.join(directory, file), 'utf8'));
    // Process ids are used again: only what has this folder on its command line is ours.
    if (isAlive(pid) && commandLine(pid).includes(directory)) process.kill(pid, 'SIGKILL');
  }
}

/** Whether there is a process of that id. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

function commandLine(pid: number): string {
  if (existsSync('/proc/self/cmdline')) {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
    } catch {
      return '';
    }
  }
  return spawnSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' }).stdout;
}
