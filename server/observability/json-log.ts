import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { type Logger, pino, stdTimeFunctions } from 'pino';
import { type LeveledLog, type Log, type LogLevel, logLevels } from './log.ts';

export interface JsonLogOptions {
  readonly level: LogLevel;
  /** File to append to (0600); stderr when absent. */
  readonly file?: string;
}

/**
 * Writes one JSON object a line: time, level, message and fields. An `error` field keeps type, code, message and
 * stack. Its level, and with it that of all its children, can be changed at any time.
 */
export function createJsonLog({ level, file }: JsonLogOptions): LeveledLog {
  if (file !== undefined) mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const current = { level };
  const lines = pino(
    {
      // Children of pino keep the level they were made with: what is said is decided here.
      level: 'debug',
      base: { pid: process.pid },
      messageKey: 'message',
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { error: describeError, err: describeError },
    },
    // Synchronous: the last lines before a crash are the ones that matter.
    pino.destination({ dest: file ?? 2, sync: true, mode: 0o600 }),
  );
  return Object.defineProperty(writing(lines, current), 'level', {
    get: () => current.level,
    set: (wanted: LogLevel) => {
      current.level = wanted;
    },
  }) as LeveledLog;
}

function writing(lines: Logger, current: { readonly level: LogLevel }): Log {
  const says =
    (level: Exclude<LogLevel, 'silent'>) =>
    (fields: object, message: string): void => {
      if (logLevels.indexOf(level) >= logLevels.indexOf(current.level)) lines[level](fields, message);
    };
  return {
    debug: says('debug'),
    info: says('info'),
    warn: says('warn'),
    error: says('error'),
    child: (fields) => writing(lines.child(fields), current),
  };
}

/** Only what the code says itself; extra properties of foreign errors may quote content. */
function describeError(error: unknown): unknown {
  if (!(error instanceof Error)) return { message: String(error) };
  const { code } = error as { code?: unknown };
  return {
    type: error.name,
    ...(code === undefined ? {} : { code }),
    message: error.message,
    stack: error.stack,
    ...(error.cause === undefined ? {} : { cause: describeError(error.cause) }),
  };
}
