import type { PolicyScope, PolicyValues } from '@speakr/contracts/policies';
import type { Selectable } from 'kysely';
import type { Clock } from '../clock.ts';
import { decodeCursor, encodeCursor } from './cursor.ts';
import type { PolicyTable, StoredPolicy } from './policy-table.ts';
import type { Queries, Tables } from './schema.ts';

function toPolicy(row: Selectable<Tables['policies']>): StoredPolicy {
  return {
    scope: row.scope as PolicyScope,
    name: row.name,
    ...(row.tenant === null ? {} : { tenant: row.tenant }),
    set: JSON.parse(row.policy) as PolicyValues,
    changedAt: row.changed_at,
    changedBy: row.actor,
  };
}

/** @param writer where there are several connections, one that may write the table */
export function createPolicyTable({
  reader,
  writer,
  clock,
}: {
  readonly reader: Queries;
  readonly writer: Queries;
  readonly clock: Pick<Clock, 'now'>;
}): PolicyTable {
  const rowOf = (db: Queries, scope: PolicyScope, name: string) =>
    db
      .selectFrom('policies')
      .selectAll()
      .where('scope', '=', scope)
      .where('name', '=', name)
      .executeTakeFirst();

  return {
    async find(scope, name) {
      const row = await rowOf(reader, scope, name);
      return row && toPolicy(row);
    },

    async list({ limit, cursor }) {
      let query = reader.selectFrom('policies').selectAll();
      if (cursor !== undefined) {
        const [scope, name] = decodeCursor(cursor, ['string', 'string']);
        query = query.where((where) =>
          where.or([
            where('scope', '>', scope),
            where.and([where('scope', '=', scope), where('name', '>', name)]),
          ]),
        );
      }
      const rows = await query
        .orderBy('scope')
        .orderBy('name')
        .limit(limit + 1)
        .execute();
      const policies = rows.slice(0, limit).map(toPolicy);
      const last = policies.at(-1);
      return rows.length > limit && last
        ? { policies, nextCursor: encodeCursor([last.scope, last.name]) }
        : { policies };
    },

    async change(actor, scope, name, change) {
      for (;;) {
        const before = await rowOf(reader, scope, name);
        const after = change(before ? toPolicy(before) : { set: {} });
        const version = (before?.version ?? 0) + 1;
        const changed = {
          tenant: after.tenant ?? null,
          policy: JSON.stringify(after.set),
          version,
          changed_at: clock.now(),
          actor,
        };
        const { numInsertedOrUpdatedRows = 0n } = await writer
          .insertInto('policies')
          .values({ scope, name, ...changed })
          .onConflict((conflict) =>
            conflict
              .columns(['scope', 'name'])
              .doUpdateSet(changed)
              // Somebody was faster: what they did is looked at first.
              .where('policies.version', '=', version - 1),
          )
          .executeTakeFirst();
        if (numInsertedOrUpdatedRows > 0n) return toPolicy({ scope, name, ...changed });
      }
    },
  };
}
