import { type SpawnSyncOptions, spawnSync } from 'node:child_process';

/** Runs a program to its end. @returns its stdout. @throws Error with what it said when it fails or is not there */
export function runTool(
  program: string,
  args: readonly string[],
  options: Omit<SpawnSyncOptions, 'encoding'> = {},
): string {
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    maxBuffer: 64 * 2 ** 20,
    ...options,
    encoding: 'utf8',
  });
  if (error !== undefined) throw new Error(`${program} could not be started: ${error.message}`);
  if (status !== 0) throw new Error(`${program} ${args.join(' ')} failed (${status}):\n${stderr}${stdout}`);
  return stdout;
}

/** Whether a program can be started. */
export const hasTool = (program: string, ...args: string[]): boolean =>
  spawnSync(program, args, { stdio: 'ignore' }).error === undefined;
