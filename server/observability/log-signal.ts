import type { LeveledLog, LogLevel } from './log.ts';

/**
 * SIGUSR2 makes the log say everything; once more, and it is as it was.
 * @returns stops listening
 */
export function switchLogOnSignal(
  log: LeveledLog,
  signals: Pick<NodeJS.Process, 'on' | 'off'> = process,
): () => void {
  // Windows has no such signal.
  if (process.platform === 'win32') return () => {};
  let before: LogLevel | undefined;
  const change = () => {
    const level = before ?? 'debug';
    before = before === undefined ? log.level : undefined;
    log.level = level;
    log.info({ logLevel: level }, 'log level changed');
  };
  signals.on('SIGUSR2', change);
  return () => void signals.off('SIGUSR2', change);
}
