/** The database within the data directory. */
export const DATABASE_FILE = 'speakr.db';

/**
 * Directories that a backup holds beside the database, in the order in which they are copied: audio moves from the
 * spool to the log to the archive, so what leaves one while it is copied is found in the next.
 */
export const BACKED_UP_DIRECTORIES = ['keys', 'spool', 'audio-log', 'audio'] as const;
