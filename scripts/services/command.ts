import { execFile } from 'node:child_process';

export interface CommandOutcome {
  /** `missing` when there is no such program. */
  readonly status: number | 'missing';
  readonly stdout: string;
  /** Last line of what it said, for one who reads why it failed. */
  readonly lastLine: string;
}

/** Runs a program to its end, without holding up this process. */
export function runCommand(
  command: string,
  args: readonly string[],
  options: { env?: Record<string, string | undefined>; cwd?: string; user?: number; timeoutMs?: number } = {},
): Promise<CommandOutcome> {
  const { env, cwd, user, timeoutMs } = options;
  return new Promise((resolve) => {
    execFile(
      command,
      args,
      {
        cwd,
        timeout: timeoutMs,
        env: { ...process.env, ...env },
        ...(user === undefined ? {} : { uid: user, gid: user }),
      },
      (error, stdout, stderr) => {
        const status = error === null ? 0 : error.code === 'ENOENT' ? 'missing' : 1;
        resolve({ status, stdout, lastLine: stderr.trim().split('\n').at(-1) ?? '' });
      },
    );
  });
}
