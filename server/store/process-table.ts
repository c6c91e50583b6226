import type { ProcessTable } from './administration.ts';
import type { Queries } from './schema.ts';

/** @param db of the role `speakr_worker` */
export const createProcessTable = (db: Queries): ProcessTable => ({
  async beat({ id, roles, version, startedAt, seenAt, report }, forgetBefore) {
    const changed = { seen_at: seenAt, report };
    await db
      .insertInto('processes')
      .values({ id, roles: roles.join(','), version, started_at: startedAt, ...changed })
      .onConflict((conflict) => conflict.column('id').doUpdateSet(changed))
      .execute();
    await db.deleteFrom('processes').where('seen_at', '<', forgetBefore).execute();
  },
  async list() {
    const rows = await db.selectFrom('processes').selectAll().orderBy('started_at').execute();
    return rows.map(({ id, roles, version, started_at, seen_at, report }) => ({
      id,
      roles: roles.split(','),
      version,
      startedAt: started_at,
      seenAt: seen_at,
      report,
    }));
  },
  async forget(id) {
    await db.deleteFrom('processes').where('id', '=', id).execute();
  },
});
