import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it, type TestContext } from 'node:test';
import { sql } from 'kysely';
import pg from 'pg';
import type { PostgresServer } from '../../scripts/services/postgres.ts';
import { until } from '../../scripts/until.ts';
import { ownPostgres } from '../fixtures/own-postgres.ts';
import { execute, openTestStore, type PostgresUrls, preparePostgres } from '../fixtures/postgres-database.ts';
import { testPostgres } from '../fixtures/services.ts';
import { connectPostgres, ownerTransactions, type PostgresOptions } from './postgres-database.ts';
import { postgresFailure } from './postgres-errors.ts';
import { create, newRecording, read, write } from './suite/samples.ts';

// Where the service comes from elsewhere there may be no program to start and kill.
const postgres = await testPostgres();
const skip = postgres.missing || (process.env.DATABASE_URL ? 'PostgreSQL is not ours to kill' : false);

describe('faults of PostgreSQL', { skip }, () => {
  let server: PostgresServer;
  let urls: PostgresUrls;
  let keyFolder: string;
  before(async () => {
    server = await ownPostgres({ deadlock_timeout: '50ms' });
    urls = await preparePostgres(server.url);
    keyFolder = await mkdtemp(join(tmpdir(), 'speakr-keys-'));
  });
  after(async () => {
    await server.stop();
    await rm(keyFolder, { recursive: true, force: true });
  });

  const open = async (t: TestContext, options: Partial<PostgresOptions> = {}) => {
    const { store, close } = await openTestStore(urls, { keyFolder, ...options });
    t.after(close);
    return store;
  };

  const endAppConnections = () =>
    execute(
      urls.admin,
      `select pg_terminate_backend(pid) from pg_stat_activity where usename = 'speakr_app'`,
    );

  it('killed under load and started again, it has every commit that was acknowledged', async (t) => {
    const store = await open(t, { poolSize: 8 });
    const acknowledged: string[] = [];
    let stop = false;
    const writers = Array.from({ length: 8 }, async (_, writer) => {
      while (!stop) {
        const recording = newRecording();
        try {
          await store.transaction(`owner-${writer}`, async (own) => {
            await own.createRecording(recording);
            await own.publish('recording.started.v1', { recordingId: recording.id, mode: 'live' });
          });
          acknowledged.push(`owner-${writer}/${recording.id}`);
        } catch (error) {
          // The connection broke while the commit was under way: nobody can know.
          if ((error as { code?: string }).code !== 'unavailable') throw error;
        }
      }
    });
    for (let round = 1; round <= 3; round++) {
      const atLeast = acknowledged.length + 50;
      await until('50 more commits', () => acknowledged.length >= atLeast);
      await server.kill('SIGKILL');
      await server.start();
    }
    stop = true;
    await Promise.all(writers);
    const { rows } = await execute(
      urls.admin,
      `select user_id || '/' || id as name from speakr.recordings r where exists (
         select from speakr.outbox o where o.user_id = r.user_id and o.recording_id = r.id)`,
    );
    const kept = new Set(rows.map(({ name }) => name));
    assert.deepEqual(
      acknowledged.filter((name) => !kept.has(name)),
      [],
    );
    assert.equal(new Set(acknowledged).size, acknowledged.length);
  });

  it('a transaction whose connection breaks runs again, and counts once', async (t) => {
    const store = await open(t);
    const id = await create(store, { title: '' });
    let runs = 0;
    await write(store, async (own) => {
      const before = await own.getRecording(id);
      await own.updateRecording(id, { title: `${before?.title}x` });
      if (++runs === 1) await endAppConnections();
      await own.publish('model.promoted.v1', { model: 'm' });
    });
    assert.equal(runs, 2);
    assert.equal((await read(store, (own) => own.getRecording(id)))?.title, 'x');
    const { rows } = await execute(
      urls.admin,
      `select count(*)::int as n from speakr.outbox where type = 'model.promoted.v1'`,
    );
    assert.equal(rows[0].n, 1);
  });

  it('a commit that nobody can know of is not run again', async (t) => {
    await execute(
      urls.admin,
      `create function public.die() returns trigger language plpgsql as
         $$ begin perform pg_terminate_backend(pg_backend_pid()); return null; end $$;
       create constraint trigger die after insert on speakr.recordings
         deferrable initially deferred for each row execute function public.die()`,
    );
    t.after(() => execute(urls.admin, 'drop function public.die cascade'));
    const store = await open(t);
    let runs = 0;
    const lost = write(store, async (own) => {
      runs++;
      await own.createRecording(newRecording());
    });
    await assert.rejects(lost, { code: 'unavailable' });
    assert.equal(runs, 1);
  });

  it('two transactions that wait for each other both get through', async (t) => {
    const database = connectPostgres({ url: urls.app });
    t.after(database.close);
    const { write: transaction } = ownerTransactions(database);
    let runs = 0;
    let meeting = 0;
    const crossing = (owner: string, locks: readonly number[]) =>
      transaction(owner, async (db) => {
        runs++;
        await sql`select pg_advisory_xact_lock(1, ${locks[0]!}::int)`.execute(db);
        meeting++;
        await until('both are in it', () => meeting >= 2);
        await sql`select pg_advisory_xact_lock(1, ${locks[1]!}::int)`.execute(db);
      });
    await Promise.all([crossing('one', [1, 2]), crossing('two', [2, 1])]);
    assert.equal(runs, 3);
  });

  it('when all connections are taken it says so in time, and goes on when one is free', async (t) => {
    const store = await open(t, { poolSize: 2, connectMs: 200 });
    await create(store);
    let free = () => {};
    const held = new Promise<void>((resolve) => {
      free = resolve;
    });
    let holders = 0;
    const holding = ['alice', 'bob'].map((owner) =>
      store.read(owner, () => {
        holders++;
        return held;
      }),
    );
    await until('two hold it', () => holders >= 2);
    await assert.rejects(create(store), {
      code: 'unavailable',
      message: 'The database has no free connection.',
    });
    free();
    await Promise.all(holding);
    await create(store);
  });

  it('a statement that takes too long is ended, and the store goes on', async (t) => {
    const slow = connectPostgres({ url: urls.app, statementMs: 150 });
    t.after(slow.close);
    const { read: reading } = ownerTransactions(slow);
    const sleeping = reading('alice', (db) => sql`select pg_sleep(30)`.execute(db));
    await assert.rejects(sleeping, { code: 'unavailable', message: 'The database takes too long.' });
    await reading('alice', (db) => sql`select 1`.execute(db));
  });

  it('a server that is frozen does not freeze who asks', async (t) => {
    const database = connectPostgres({ url: urls.app, statementMs: 150, poolSize: 1 });
    t.after(database.close);
    const { read: reading } = ownerTransactions(database);
    const { rows } = await reading('alice', (db) =>
      sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(db),
    );
    const { pid } = rows[0]!;
    // The end of that transaction was not waited for.
    const beside = connectPostgres({ url: urls.app, poolSize: 1 });
    t.after(beside.close);
    await until('it is done', async () => {
      const { rows: seen } = await ownerTransactions(beside).read('alice', (db) =>
        sql<{ state: string }>`select state from pg_stat_activity where pid = ${pid}`.execute(db),
      );
      return seen[0]?.state === 'idle';
    });
    process.kill(pid, 'SIGSTOP');
    t.after(() => process.kill(pid, 'SIGCONT'));
    await assert.rejects(
      reading('alice', (db) => sql`select 1`.execute(db)),
      { code: 'unavailable' },
    );
    await reading('alice', (db) => sql`select 1`.execute(db));
  });

  it('away for longer than anybody waits, it is told; back again, it is used without a new start', async (t) => {
    const store = await open(t, { patienceMs: 200 });
    const id = await create(store);
    await server.kill('SIGKILL');
    // The process of a connection may answer once more before it sees that the server is gone.
    const asked = () =>
      read(store, (own) => own.getRecording(id)).then(
        () => 'answered',
        ({ code }) => code,
      );
    await until('it is told', async () => (await asked()) === 'unavailable');
    await server.start();
    assert.equal((await read(store, (own) => own.getRecording(id)))?.id, id);
  });

  it('what pg says of connections that ended or never began means that nothing was sent', async (t) => {
    const ended = new pg.Client(urls.app);
    await ended.connect();
    await ended.end();
    await assert.rejects(ended.query('select 1'), (error) => postgresFailure(error) === 'unsent');
    const silent = createServer(() => {});
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    t.after(() => silent.close());
    const { port } = silent.address() as AddressInfo;
    const never = new pg.Client({ host: '127.0.0.1', port, connectionTimeoutMillis: 50 });
    await assert.rejects(never.connect(), (error) => postgresFailure(error) === 'unsent');
  });

  it('whoever still asks when it is closed is told so', async (t) => {
    const store = await open(t);
    const id = await create(store);
    await store.close();
    await assert.rejects(
      read(store, (own) => own.getRecording(id)),
      { code: 'unavailable' },
    );
  });

  it('started again within the time a transaction is tried, nobody notices', async (t) => {
    const store = await open(t);
    const id = await create(store);
    await server.kill('SIGINT');
    const asked = write(store, (own) => own.updateRecording(id, { title: 'after' }));
    await server.start();
    assert.equal((await asked).title, 'after');
  });
});
