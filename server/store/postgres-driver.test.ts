import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { sql } from 'kysely';
import { until } from '../../scripts/until.ts';
import { execute, openTestStore, type PostgresUrls, preparePostgres } from '../fixtures/postgres-database.ts';
import { type TestDatabase, testPostgres } from '../fixtures/services.ts';
import { connectPostgres, ownerTransactions } from './postgres-database.ts';
import { behind, statementNames } from './postgres-driver.ts';
import { create, OWNER } from './suite/samples.ts';

const postgres = await testPostgres();

describe('statements that PostgreSQL keeps planned', { skip: postgres.missing }, () => {
  let database: TestDatabase;
  let urls: PostgresUrls;
  before(async () => {
    database = await postgres.createDatabase();
    urls = await preparePostgres(database.url);
  });
  after(() => database.drop());

  it('are planned anew when a migration changes their tables, and nobody notices', async (t) => {
    const { store, close } = await openTestStore(urls, { poolSize: 4 });
    t.after(close);
    const id = await create(store);
    await store.transaction(OWNER, (own) =>
      own.beginRevision(id, { revision: 1, origin: 'edit', language: 'en', model: 'm' }),
    );
    const revisions = () =>
      Promise.all(
        Array.from({ length: 8 }, () =>
          store.read(OWNER, async (own) => (await own.listRevisions(id)).length),
        ),
      );
    for (let round = 0; round < 10; round++) await revisions();
    await execute(urls.owner, 'alter table speakr.revisions add column later text');
    t.after(() => execute(urls.owner, 'alter table speakr.revisions drop column later'));
    assert.deepEqual(
      await revisions(),
      Array.from({ length: 8 }, () => 1),
    );
  });

  it('begin with their transaction, which ends with it: the next on the connection is nobody', async (t) => {
    const one = connectPostgres({ url: urls.app, poolSize: 1 });
    t.after(one.close);
    const { read, write } = ownerTransactions(one);
    const user = sql<{ name: string }>`select current_setting('app.user', true) as name`;
    for (const run of [read, write]) {
      const names = await run('alice', async (db) => [
        await user.execute(db),
        await sql<{ name: string }>`select current_setting('app.user', true) || ${''} as name`.execute(db),
      ]);
      assert.deepEqual(
        names.map(({ rows }) => rows[0]?.name),
        ['alice', 'alice'],
      );
      assert.equal((await user.execute(one.db)).rows[0]?.name ?? '', '');
    }
    await assert.rejects(
      write('alice', async (db) => {
        await sql`select 1 / ${0}::integer`.execute(db);
      }),
    );
    assert.equal((await user.execute(one.db)).rows[0]?.name ?? '', '');
    // A transaction that says nothing begins nothing.
    assert.equal(await one.db.transaction().execute(async () => 'nothing'), 'nothing');
  });

  it('get their own answers, whatever was there before them on the connection', async (t) => {
    const one = connectPostgres({ url: urls.app, poolSize: 1 });
    t.after(one.close);
    const { read, write } = ownerTransactions(one);
    const state = sql<{ name: string; transaction: string }>`
      select current_setting('app.user', true) as name, now()::text as transaction`;
    const inNoTransaction = async () => (await state.execute(one.db)).rows[0];
    const withValue = async () =>
      (await sql<{ name: string }>`select ${'x'}::text as name`.execute(one.db)).rows[0]?.name;
    const reading = (name: string) => read(name, async (db) => (await state.execute(db)).rows[0]);
    const alice = await reading('alice');
    const maria = await reading('maria');
    assert.deepEqual([alice?.name, maria?.name], ['alice', 'maria']);
    assert.notEqual(alice?.transaction, maria?.transaction);
    assert.equal((await inNoTransaction())?.name, '');
    await reading('alice');
    assert.equal(await withValue(), 'x');
    await reading('alice');
    assert.equal(await write('maria', async (db) => (await state.execute(db)).rows[0]?.name), 'maria');
    const first = await one.db.transaction().execute(async (db) => (await state.execute(db)).rows[0]?.name);
    assert.equal(first, '');
  });

  it('end soon when nobody comes after one that only read', async (t) => {
    const one = connectPostgres({ url: urls.app, poolSize: 1 });
    t.after(one.close);
    const { read } = ownerTransactions(one);
    const pid = await read('alice', async (db) => {
      const { rows } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(db);
      return rows[0]?.pid;
    });
    await until('the connection is idle', async () => {
      const { rows } = await execute(urls.admin, `select state from pg_stat_activity where pid = ${pid}`);
      return rows[0]?.state === 'idle';
    });
  });

  it('cannot be changed by the name of an owner', async (t) => {
    const one = connectPostgres({ url: urls.app, poolSize: 1 });
    t.after(one.close);
    const { read, write } = ownerTransactions(one);
    for (const owner of ["o'brien", "a\\'; reset role; --", "'); select 1; --", '$$x$$', 'Zoë "Z"'])
      for (const run of [read, write]) {
        const { rows } = await run(owner, (db) =>
          sql<{ name: string }>`select current_setting('app.user', true) as name`.execute(db),
        );
        assert.equal(rows[0]?.name, owner);
      }
  });

  it('are so many at most, and none of them long', () => {
    const nameOf = statementNames();
    const names = Array.from({ length: 1000 }, (_, index) => nameOf(`select ${index}`));
    const given = names.filter((name) => name !== undefined);
    assert.ok(given.length > 100 && given.length < 1000);
    assert.equal(new Set(given).size, given.length);
    assert.equal(nameOf('select 1'), names[1]);
    assert.equal(statementNames()(`select ${'x'.repeat(5000)}`), undefined);
  });

  it('that fail behind something that failed fail for its reason', async () => {
    const first = Promise.reject(new Error('no lock'));
    await assert.rejects(
      behind(first, () => Promise.reject(new Error('the transaction is aborted'))),
      /no lock/,
    );
    await assert.rejects(
      behind(Promise.reject(new Error('no lock')), async () => 'seen too early'),
      /no lock/,
    );
    assert.equal(await behind(Promise.resolve(), async () => 'done'), 'done');
  });
});
