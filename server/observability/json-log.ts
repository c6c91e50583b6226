import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { pino, stdTimeFunctions } from 'pino';
import type { Log, LogLevel } from './log.ts';

export interface JsonLogOptions {
  readonly level: LogLevel;
  /** File to append to (0600); stderr when absent. */
  readonly file?: string;
}

/**
 * Writes one JSON object a line: time, level, message and fields. An `error` field keeps type, code, message and
 * stack.
 */
export function createJsonLog({ level, file }: JsonLogOptions): Log {
  if (file !== undefined) mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  return pino(
    {
      level,
      base: { pid: process.pid },
      messageKey: 'message',
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { error: describeError, err: describeError },
    },
    // Synchronous: the last lines before a crash are the ones that matter.
    pino.destination({ dest: file ?? 2, sync: true, mode: 0o600 }),
  );
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
