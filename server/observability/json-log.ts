import { mkdirSync, renameSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { type Logger, pino, stdTimeFunctions } from 'pino';
import { type LeveledLog, type Log, type LogLevel, logLevels } from './log.ts';

export interface JsonLogOptions {
  readonly level: LogLevel;
  /** File to append to (0600); stderr when absent. Once full, it is put aside as `olderLogOf(file)`. */
  readonly file?: string;
  /** Bytes from which on a file is full. */
  readonly fullAt?: number;
}

const FULL_AT = 8 * 1024 * 1024;
/** Lines between two looks at the size. */
const LOOK_EVERY = 100;

/** Where the lines go that were written before those of the log; there is one such file at most. */
export const olderLogOf = (file: string): string => `${file}.1`;

/**
 * Writes one JSON object a line: time, level, message and fields. An `error` field keeps type, code, message and
 * stack. Its level, and with it that of all its children, can be changed at any time.
 */
export function createJsonLog({ level, file, fullAt = FULL_AT }: JsonLogOptions): LeveledLog {
  if (file !== undefined) mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const current = { level };
  // Synchronous: the last lines before a crash are the ones that matter.
  const destination = pino.destination({ dest: file ?? 2, sync: true, mode: 0o600 });
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
    destination,
  );
  let written = 0;
  const onLine = () => {
    written += 1;
    if (file === undefined || written % LOOK_EVERY !== 0) return;
    try {
      if (statSync(file).size < fullAt) return;
      renameSync(file, olderLogOf(file));
    } catch {
      // Whoever logs must not fail for it: the file grows on until the next look.
      return;
    }
    destination.reopen();
  };
  return Object.defineProperty(writing(lines, current, onLine), 'level', {
    get: () => current.level,
    set: (wanted: LogLevel) => {
      current.level = wanted;
    },
  }) as LeveledLog;
}

function writing(lines: Logger, current: { readonly level: LogLevel }, onLine: () => void): Log {
  const says =
    (level: Exclude<LogLevel, 'silent'>) =>
    (fields: object, message: string): void => {
      if (logLevels.indexOf(level) < logLevels.indexOf(current.level)) return;
      lines[level](fields, message);
      onLine();
    };
  return {
    debug: says('debug'),
    info: says('info'),
    warn: says('warn'),
    error: says('error'),
    child: (fields) => writing(lines.child(fields), current, onLine),
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
