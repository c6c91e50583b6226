import { createHash, randomBytes } from 'node:crypto';
import type { Selectable } from 'kysely';
import type { Queries, Tables } from './schema.ts';
import type { AccessEntry } from './store.ts';

/** Of the hash of an entry. */
export const SALT_BYTES = 16;
/** Entries written at once. */
const MOST_ENTRIES = 500;

export type AuditRow = Selectable<Tables['audit_log']>;

/** SHA-256 of everything that an entry says, and of its place. */
export const digestOf = (row: AuditRow): Buffer =>
  createHash('sha256')
    .update(
      JSON.stringify([
        row.seq,
        row.at,
        row.user_id,
        row.actor,
        row.action,
        row.recording_id,
        row.subject,
        row.salt === null ? null : Buffer.from(row.salt).toString('hex'),
      ]),
    )
    .digest();

interface Waiting {
  readonly entries: readonly AccessEntry[];
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Writes entries in the order in which they come. While one statement is under way, those that come wait for the next
 * one together: a busy server writes many with each.
 * @param db sees and appends to the log of everybody
 * @returns resolves when the entries are durable
 */
export function createAuditWriter(
  db: Queries,
  now: () => number,
): (entries: readonly AccessEntry[]) => Promise<void> {
  const waiting: Waiting[] = [];
  let isWriting = false;

  const write = (entries: readonly AccessEntry[]) =>
    db
      .insertInto('audit_log')
      .values(
        entries.map(({ owner, actor, action, recordingId = '', subject = null }) => ({
          user_id: owner,
          at: now(),
          actor,
          action,
          recording_id: recordingId,
          subject,
          salt: randomBytes(SALT_BYTES),
        })),
      )
      .execute();

  async function drain(): Promise<void> {
    isWriting = true;
    while (waiting.length > 0) {
      const batch = waiting.splice(0, MOST_ENTRIES);
      try {
        await write(batch.flatMap(({ entries }) => entries));
        for (const { resolve } of batch) resolve();
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    isWriting = false;
  }

  return async (entries) => {
    if (entries.length === 0) return;
    await new Promise<void>((resolve, reject) => {
      waiting.push({ entries, resolve, reject });
      if (!isWriting) void drain();
    });
  };
}
