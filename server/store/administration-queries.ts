import type { JobAttempt, JobKind, JobState } from '@speakr/contracts/jobs';
import type { Administration, UserRow } from './administration.ts';
import { decodeCursor, encodeCursor } from './cursor.ts';
import type { Queries } from './schema.ts';
import { subjectOf } from './sharing.ts';
import type { AuditEntry } from './store.ts';

const OPEN: readonly JobState[] = ['queued', 'running'];

/**
 * @param reader a connection that sees everybody's rows
 * @param slots whether the places of live sessions are in this database
 */
export function createAdministration({
  reader,
  now,
  slots,
}: {
  reader: Queries;
  /** Ms since the Unix epoch. */
  now: () => number;
  slots: boolean;
}): Administration {
  const sessions = () =>
    reader
      .selectFrom('session_slots')
      .select(({ fn }) => ['user_id as user', fn.countAll<number>().as('sessions')])
      .where('until', '>', now())
      .groupBy('user_id');

  return {
    async jobCounts() {
      const rows = await reader
        .selectFrom('job_counts')
        .select(({ fn }) => ['kind', 'state', fn.sum<number | string>('jobs').as('jobs')])
        .groupBy(['kind', 'state'])
        .orderBy('kind')
        .orderBy('state')
        .execute();
      return rows.map(({ kind, state, jobs }) => ({
        kind: kind as JobKind,
        state: state as JobState,
        jobs: Number(jobs),
      }));
    },

    async lastSucceeded(kind, limit) {
      const rows = await reader
        .selectFrom('jobs')
        .select(['created_at', 'ended_at', 'attempts'])
        .where('kind', '=', kind)
        .where('state', '=', 'succeeded')
        .where('ended_at', 'is not', null)
        .orderBy('ended_at', 'desc')
        .limit(limit)
        .execute();
      return rows.map(({ created_at, ended_at, attempts }) => ({
        kind,
        createdAt: created_at,
        endedAt: ended_at!,
        attempts: JSON.parse(attempts) as JobAttempt[],
      }));
    },

    async oldestOpenJob() {
      const row = await reader
        .selectFrom('jobs')
        .select('created_at')
        .where('ended_at', 'is', null)
        .orderBy('created_at')
        .limit(1)
        .executeTakeFirst();
      return row?.created_at;
    },

    async users({ limit, cursor }) {
      let query = reader.selectFrom('users').select(['id', 'created_at']);
      if (cursor !== undefined) query = query.where('id', '>', decodeCursor(cursor, ['string'])[0]);
      const found = await query
        .orderBy('id')
        .limit(limit + 1)
        .execute();
      const page = found.slice(0, limit);
      const ids = page.map(({ id }) => id);
      if (ids.length === 0) return { users: [] };
      const recordings = await reader
        .selectFrom('recordings')
        .select(({ fn }) => [
          'user_id',
          fn.countAll<number>().as('recordings'),
          fn.sum<number | string>('duration_ms').as('audio'),
          fn.max('started_at').as('last'),
        ])
        .where('user_id', 'in', ids)
        .where('cancelled_at', 'is', null)
        .groupBy('user_id')
        .execute();
      const open = await reader
        .selectFrom('job_counts')
        .select(({ fn }) => ['user_id', fn.sum<number | string>('jobs').as('jobs')])
        .where('user_id', 'in', ids)
        .where('state', 'in', OPEN)
        .groupBy('user_id')
        .execute();
      const live = slots ? await sessions().where('user_id', 'in', ids).execute() : [];
      const users = page.map(({ id, created_at }): UserRow => {
        const own = recordings.find(({ user_id }) => user_id === id);
        return {
          user: id,
          createdAt: created_at,
          recordings: own?.recordings ?? 0,
          audioMs: Number(own?.audio ?? 0),
          ...(own === undefined ? {} : { lastRecordingAt: own.last }),
          openJobs: Number(open.find(({ user_id }) => user_id === id)?.jobs ?? 0),
          liveSessions: live.find(({ user }) => user === id)?.sessions ?? 0,
        };
      });
      const last = page.at(-1);
      return found.length > limit && last ? { users, nextCursor: encodeCursor([last.id]) } : { users };
    },

    liveSessions: async (limit) =>
      slots ? sessions().orderBy('sessions', 'desc').orderBy('user_id').limit(limit).execute() : [],

    async audit({ limit, cursor }, user) {
      let query = reader
        .selectFrom('audit_log')
        .select(['seq', 'user_id', 'at', 'actor', 'action', 'subject', 'recording_id'])
        // Of who was erased it stays that there was something, and not what.
        .where('user_id', '<>', '');
      if (user !== undefined) query = query.where('user_id', '=', user);
      if (cursor !== undefined) query = query.where('seq', '<', decodeCursor(cursor, ['number'])[0]);
      const rows = await query
        .orderBy('seq', 'desc')
        .limit(limit + 1)
        .execute();
      const entries = rows.slice(0, limit).map(({ user_id, at, actor, action, subject, recording_id }) => ({
        user: user_id,
        at,
        actor,
        action: action as AuditEntry['action'],
        ...(recording_id === '' ? {} : { recordingId: recording_id }),
        ...subjectOf(action, subject),
      }));
      const last = rows[limit - 1];
      return rows.length > limit && last ? { entries, nextCursor: encodeCursor([last.seq]) } : { entries };
    },
  };
}
