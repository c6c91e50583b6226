import { SpeakrError } from '@speakr/contracts/problem';
import pg from 'pg';

// Codes: https://www.postgresql.org/docs/current/errcodes-appendix.html
const SERIALIZATION_FAILURE = '40001';
const DEADLOCK = '40P01';
const LOCK_NOT_AVAILABLE = '55P03';
/** Also: `cached plan must not change result type`. */
const FEATURE_NOT_SUPPORTED = '0A000';
const QUERY_CANCELED = '57014';
const DISK_FULL = '53100';
/** Text that holds NUL, and numbers beyond their column: SQLite bears both. */
const NOT_TO_BE_KEPT = ['22021', '22003'];
const WRONG_DATABASE = '3D000';
const NO_SUCH_SCHEMA = '3F000';
const NO_SUCH_TABLE = '42P01';

/** Codes of the socket that mean that nothing answers there, or not any more. */
const SOCKET_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ECONNABORTED',
]);

/** Connection exceptions, too many connections, shutting down, crashed, starting up, ended for being idle. */
const isConnectionCode = (code: string) =>
  code.startsWith('08') || code === '53300' || /^57P0[1235]$/.test(code) || code === '25P03';

/** Words of pg for a connection that went away while an answer was awaited; it gives them no code. */
const LOST = /^Connection terminated/;
/** The same for one that had gone before, was given up, or never came about: nothing was sent. */
const UNSENT =
  /^(Client (has encountered a connection error|was closed) and is not queryable|timeout expired$)/;
/** Words of Kysely and pg for a pool that was closed: this process is about to end. */
const CLOSED = /^(driver has already been destroyed|Cannot use a pool after calling end on the pool)$/;
const SILENT = /^Query read timeout/;
const NO_FREE_CONNECTION = /^timeout exceeded when trying to connect/;

/** What became of a failed statement, and of its transaction. */
export type PostgresFailure =
  /** Two transactions were in each other's way; one of them may run again. */
  | 'collision'
  /** There was no connection to send it on, or none that is up to date. */
  | 'unsent'
  /** The connection broke before the answer. A commit may have happened; anything else was undone. */
  | 'lost'
  /** Trying again would only make it worse. */
  | 'other';

/** Whether the server did not even say that it takes too long. */
export const isSilence = (error: unknown) => error instanceof Error && SILENT.test(error.message);

/** Whether a connection holds the plan of a statement from before the tables were changed. */
export const hasStalePlan = (error: unknown) =>
  error instanceof pg.DatabaseError &&
  error.code === FEATURE_NOT_SUPPORTED &&
  /cached plan/.test(error.message);

/** Looks through a SpeakrError that `translatePostgresError` made. */
export function postgresFailure(error: unknown): PostgresFailure {
  const cause = error instanceof SpeakrError ? error.cause : error;
  if (!(cause instanceof Error)) return 'other';
  const code = (cause as { code?: unknown }).code;
  if (code === SERIALIZATION_FAILURE || code === DEADLOCK) return 'collision';
  if (hasStalePlan(cause)) return 'unsent';
  if (UNSENT.test(cause.message)) return 'unsent';
  if (LOST.test(cause.message)) return 'lost';
  if (typeof code !== 'string') return 'other';
  if (code === 'ECONNREFUSED') return 'unsent';
  return SOCKET_CODES.has(code) || isConnectionCode(code) ? 'lost' : 'other';
}

/** Expected failures of PostgreSQL as SpeakrErrors, without what was in the query; others come back as they are. */
export function translatePostgresError(error: unknown): unknown {
  if (error instanceof SpeakrError || !(error instanceof Error)) return error;
  const told = (code: ConstructorParameters<typeof SpeakrError>[0], detail?: string) =>
    new SpeakrError(code, detail, { cause: error });
  if (NO_FREE_CONNECTION.test(error.message))
    return told('unavailable', 'The database has no free connection.');
  if (CLOSED.test(error.message)) return told('unavailable', 'This server is about to end.');
  switch (postgresFailure(error)) {
    case 'collision':
      return told('unavailable', 'Others change the same at this moment.');
    case 'unsent':
    case 'lost':
      return told('unavailable', 'The database does not answer.');
  }
  if (isSilence(error)) return told('unavailable', 'The database takes too long.');
  if (!(error instanceof pg.DatabaseError)) return error;
  const code = error.code ?? '';
  if (code === QUERY_CANCELED) return told('unavailable', 'The database takes too long.');
  if (code === LOCK_NOT_AVAILABLE) return told('database_locked');
  if (NOT_TO_BE_KEPT.includes(code))
    return told('invalid_request', 'It holds a character or a number that cannot be kept.');
  if (code === DISK_FULL) return told('disk_full');
  if (code.startsWith('XX')) return told('database_corrupt');
  // Not allowed in, or nothing prepared there.
  if (code.startsWith('28') || [WRONG_DATABASE, NO_SUCH_SCHEMA, NO_SUCH_TABLE].includes(code))
    return told('database_inaccessible', `PostgreSQL says ${code}.`);
  return error;
}
