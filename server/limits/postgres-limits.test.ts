import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { until } from '../../scripts/until.ts';
import { execute, type PostgresUrls, preparePostgres } from '../fixtures/postgres-database.ts';
import { type TestDatabase, testPostgres } from '../fixtures/services.ts';
import { connectPostgres, ownerTransactions, type PostgresDatabase } from '../store/postgres-database.ts';
import { createPostgresBuckets } from './postgres-buckets.ts';
import { createPostgresSessionSlots } from './postgres-session-slots.ts';
import { createRateLimiter } from './rate-limiter.ts';

const postgres = await testPostgres();
/** Refills so slowly that a test need not hurry. */
const rate = { perMinute: 0.001, burst: 40 };

describe('limits in PostgreSQL', { skip: postgres.missing }, () => {
  let database: TestDatabase;
  let urls: PostgresUrls;
  const gateways: PostgresDatabase[] = [];

  before(async () => {
    database = await postgres.createDatabase();
    urls = await preparePostgres(database.url);
    for (let count = 0; count < 3; count++) gateways.push(connectPostgres({ url: urls.app }));
  });
  after(async () => {
    for (const gateway of gateways) await gateway.close();
    await database.drop();
  });

  it('gateways that ask at once give out what a bucket holds, together', async () => {
    const limiters = gateways.map(({ db }) =>
      createRateLimiter({
        buckets: createPostgresBuckets(db),
        monotonic: () => performance.now(),
        onError: (error) => assert.fail(String(error)),
      }),
    );
    const waits = await Promise.all(
      Array.from({ length: 150 }, (_, count) => limiters[count % 3]!.take('user ada', rate)),
    );
    assert.equal(waits.filter((wait) => wait === 0).length, 40);
    assert.ok(waits.every((wait) => wait === 0 || wait > 60_000));
    assert.equal(await limiters[0]!.take('user bob', rate), 0);
  });

  it('a bucket fills up again, no further than it holds, by the clock of the database', async () => {
    const buckets = createPostgresBuckets(gateways[0]!.db);
    assert.deepEqual(await buckets.take('slow', 50, rate), { taken: 40, waitMs: 0 });
    const { taken, waitMs } = await buckets.take('slow', 1, rate);
    assert.ok(taken === 0 && waitMs > 0);
    const age = (ms: number) =>
      execute(urls.admin, `update speakr.rate_buckets set at = at - ${ms} where key = 'slow'`);
    await age(2 / (rate.perMinute / 60_000));
    assert.equal((await buckets.take('slow', 10, rate)).taken, 2);
    await age(1e12);
    assert.equal((await buckets.take('slow', 100, rate)).taken, 40);
    // A clock that was set back takes nothing away and gives nothing.
    await age(-1e9);
    assert.equal((await buckets.take('slow', 1, rate)).taken, 0);
  });

  it('a user has so many live sessions over all gateways; one that comes back keeps its place', async () => {
    const slots = gateways.map((gateway) => createPostgresSessionSlots(ownerTransactions(gateway).write));
    const [one, two, three] = slots as [
      (typeof slots)[number],
      (typeof slots)[number],
      (typeof slots)[number],
    ];
    const leave = await one.take('ada', 'first', 2);
    await two.take('ada', 'second', 2);
    await assert.rejects(three.take('ada', 'third', 2), { code: 'too_many_requests' });
    const free = await three.take('bob', 'third', 2);
    free();
    // Its connection broke, and it comes back at another gateway before the first one has noticed.
    const again = await three.take('ada', 'first', 2);
    leave();
    await assert.rejects(two.take('ada', 'third', 2), { code: 'too_many_requests' });
    again();
    const taken = async () => {
      const { rows } = await execute(
        urls.admin,
        `select recording_id from speakr.session_slots where user_id = 'ada' order by 1`,
      );
      return rows.map(({ recording_id }) => recording_id);
    };
    await until('the place is given back', async () => !(await taken()).includes('first'));
    await one.take('ada', 'third', 2);
    assert.deepEqual(await taken(), ['second', 'third']);
  });

  it('the place of a gateway that died is free when its time is over', async () => {
    const slots = createPostgresSessionSlots(ownerTransactions(gateways[0]!).write);
    await slots.take('carol', 'first', 1);
    await assert.rejects(slots.take('carol', 'second', 1), { code: 'too_many_requests' });
    await execute(urls.admin, `update speakr.session_slots set until = 0 where user_id = 'carol'`);
    await slots.take('carol', 'second', 1);
  });
});
