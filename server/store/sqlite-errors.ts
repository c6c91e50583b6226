import { SpeakrError } from '@speakr/contracts/problem';

// Result codes: https://www.sqlite.org/rescode.html
const BUSY = 5;
const LOCKED = 6;
const READONLY = 8;
const IO_ERROR = 10;
const CORRUPT = 11;
const FULL = 13;
const CANNOT_OPEN = 14;
const NOT_A_DATABASE = 26;
/** Growing the shared memory file failed, which is how a full disk shows in WAL mode. */
const IO_ERROR_SHM_SIZE = 4874;

/** SQLite's result code of an error of node:sqlite, extended; `undefined` for any other error. */
function resultCode(error: unknown): number | undefined {
  const code = (error as { errcode?: unknown } | null)?.errcode;
  return typeof code === 'number' ? code : undefined;
}

export function isBusy(error: unknown): boolean {
  const code = resultCode(error);
  return code !== undefined && ((code & 0xff) === BUSY || (code & 0xff) === LOCKED);
}

/** Expected failures of SQLite as SpeakrErrors; anything else comes back as it is. */
export function translateSqliteError(error: unknown): unknown {
  const code = resultCode(error);
  if (code === undefined) return error;
  if (code === IO_ERROR_SHM_SIZE) return new SpeakrError('disk_full', undefined, { cause: error });
  switch (code & 0xff) {
    case BUSY:
    case LOCKED:
      return new SpeakrError('database_locked', undefined, { cause: error });
    case CORRUPT:
    case NOT_A_DATABASE:
      return new SpeakrError('database_corrupt', undefined, { cause: error });
    case FULL:
      return new SpeakrError('disk_full', undefined, { cause: error });
    case READONLY:
    case CANNOT_OPEN:
    case IO_ERROR:
      return new SpeakrError('database_inaccessible', undefined, { cause: error });
    default:
      return error;
  }
}

/** Runs a synchronous call of node:sqlite and translates what it throws. */
export function translating<T>(call: () => T): T {
  try {
    return call();
  } catch (error) {
    throw translateSqliteError(error);
  }
}
