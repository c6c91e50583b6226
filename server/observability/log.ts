/** Structured log. Fields are ids, numbers and codes: never speech, titles, tags or secrets. */
export interface Log {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
  /** A log whose lines all carry these fields. */
  child(fields: Record<string, unknown>): Log;
}

/** A log whose level can be changed while it is in use, with that of its children. */
export interface LeveledLog extends Log {
  level: LogLevel;
}

export const logLevels = ['debug', 'info', 'warn', 'error', 'silent'] as const;
export type LogLevel = (typeof logLevels)[number];

/** Says nothing, at any level. */
export const silentLog: LeveledLog = {
  level: 'silent',
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: () => {},
  child: () => silentLog,
};
