import type { ExitCode } from '@speakr/contracts/problem';
import type { Io } from './io.ts';
import { version } from './version.ts';

/**
 * The whole CLI, in process.
 * @param argv words after the program's name
 * @returns the exit code; nothing is thrown
 */
export async function main(argv: readonly string[], io: Io): Promise<ExitCode> {
  // Answered before anything else is loaded: scripts ask for it often.
  if (argv.length === 1 && (argv[0] === '--version' || argv[0] === '-V')) {
    io.stdout.write(`${version}\n`);
    return 0;
  }
  const { runCommandLine } = await import('./command-line.ts');
  return runCommandLine(argv, io);
}
