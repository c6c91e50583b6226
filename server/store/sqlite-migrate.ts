import type { DatabaseSync } from 'node:sqlite';
import { SpeakrError } from '@speakr/contracts/problem';
import type { SqliteMigration } from './sqlite-migrations.ts';

/** How many migrations the database has been through. */
export function schemaVersion(database: DatabaseSync): number {
  return (database.prepare('pragma user_version').get() as { user_version: number }).user_version;
}

/**
 * Brings the schema to a version, forward or back, in one transaction; several processes may try at once.
 * @param to how many of `migrations` shall be in force; all when absent
 * @throws SpeakrError `database_newer` when the database has been through more than are known here
 */
export function migrate(
  database: DatabaseSync,
  migrations: readonly SqliteMigration[],
  to: number = migrations.length,
): void {
  if (!Number.isInteger(to) || to < 0 || to > migrations.length) {
    throw new RangeError(`There is no schema version ${to}.`);
  }
  if (schemaVersion(database) === to) return;
  database.exec('begin immediate');
  try {
    const from = schemaVersion(database);
    if (from > migrations.length) {
      throw new SpeakrError(
        'database_newer',
        `The database has schema version ${from}; this speakr knows ${migrations.length}.`,
      );
    }
    for (let version = from; version < to; version++) database.exec(migrations[version]!.up);
    for (let version = from; version > to; version--) database.exec(migrations[version - 1]!.down);
    database.exec(`pragma user_version = ${to}; commit`);
  } catch (error) {
    if (database.isTransaction) database.exec('rollback');
    throw error;
  }
}
