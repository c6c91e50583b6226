import { sql } from 'kysely';
import type { Queries } from '../store/schema.ts';
import type { SharedBuckets } from './rate-limiter.ts';

/** A bucket that nobody has asked for so long is full, whatever its rate: its row says nothing, ms. */
const FORGOTTEN_MS = 60 * 60_000;

/**
 * Buckets of tokens in a table that is not logged: after a crash of the database all are full. One statement takes, by
 * the database's clock; the row's lock puts gateways in line.
 */
export function createPostgresBuckets(db: Queries): SharedBuckets {
  let sweptAt = performance.now();

  /** Keeps the table as small as the number of those who ask. */
  function sweep(): void {
    if (performance.now() - sweptAt < FORGOTTEN_MS) return;
    sweptAt = performance.now();
    sql`delete from rate_buckets where at < extract(epoch from clock_timestamp()) * 1000 - ${FORGOTTEN_MS}`
      .execute(db)
      .catch(() => {});
  }

  return {
    async take(key, wanted, { perMinute, burst }) {
      sweep();
      const perMs = perMinute / 60_000;
      const { rows } = await sql<{ taken: number; left: number }>`
        select taken, left_over as left
        from take_tokens(${key}::text, ${wanted}::integer, ${burst}::float8, ${perMs}::float8)
      `.execute(db);
      const { taken, left } = rows[0]!;
      return { taken, waitMs: taken > 0 ? 0 : Math.ceil((1 - left) / perMs) };
    },
  };
}
