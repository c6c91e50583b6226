import { randomUUID } from 'node:crypto';
import { SpeakrError } from '@speakr/contracts/problem';
import { sql } from 'kysely';
import type { RunTransaction } from '../store/kysely-store.ts';
import type { SessionSlots } from './session-slots.ts';

/** A place is held by renewing it; that of a gateway that died is free again after this, ms. */
const HELD_MS = 60_000;
const RENEW_MS = 20_000;

/** The database's clock, ms since the Unix epoch: those of gateways may differ. */
const now = sql<number>`(extract(epoch from clock_timestamp()) * 1000)::bigint`;

export function createPostgresSessionSlots(write: RunTransaction): SessionSlots {
  return {
    async take(owner, recordingId, most) {
      const holder = randomUUID();
      await write(owner, async (db) => {
        await db.deleteFrom('session_slots').where('user_id', '=', owner).where('until', '<', now).execute();
        const { others } = await db
          .selectFrom('session_slots')
          .select((select) => select.fn.countAll<number>().as('others'))
          .where('user_id', '=', owner)
          .where('recording_id', '!=', recordingId)
          .executeTakeFirstOrThrow();
        if (others >= most)
          throw new SpeakrError(
            'too_many_requests',
            `You have ${others} recordings under way; ${most} may be.`,
            {
              hint: 'Stop one with `speakr stop`; this one is kept and sent when there is room.',
            },
          );
        const until = sql<number>`${now} + ${HELD_MS}`;
        await db
          .insertInto('session_slots')
          .values({ user_id: owner, recording_id: recordingId, holder, until })
          .onConflict((conflict) =>
            conflict.columns(['user_id', 'recording_id']).doUpdateSet({ holder, until }),
          )
          .execute();
      });
      // A place that cannot be renewed or given back in time runs out by itself.
      const timer = setInterval(() => {
        write(owner, (db) =>
          db
            .updateTable('session_slots')
            .set({ until: sql<number>`${now} + ${HELD_MS}` })
            .where('user_id', '=', owner)
            .where('holder', '=', holder)
            .execute(),
        ).catch(() => {});
      }, RENEW_MS);
      timer.unref();
      return () => {
        clearInterval(timer);
        write(owner, (db) =>
          db.deleteFrom('session_slots').where('user_id', '=', owner).where('holder', '=', holder).execute(),
        ).catch(() => {});
      };
    },
  };
}
