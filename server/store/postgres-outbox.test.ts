import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import type { Message } from '@speakr/contracts/events';
import { execute, openTestStore, type PostgresUrls, preparePostgres } from '../fixtures/postgres-database.ts';
import { type TestDatabase, testPostgres } from '../fixtures/services.ts';
import { connectPostgres } from './postgres-database.ts';
import { createOutboxRelay, type OutboxRelay } from './postgres-outbox.ts';
import type { Store } from './store.ts';
import { write } from './suite/samples.ts';

const postgres = await testPostgres();

describe('the outbox of PostgreSQL', { skip: postgres.missing }, () => {
  let database: TestDatabase;
  let urls: PostgresUrls;
  let store: Store;
  let close: () => Promise<void>;
  let relays: OutboxRelay[];

  before(async () => {
    database = await postgres.createDatabase();
    urls = await preparePostgres(database.url);
    ({ store, close } = await openTestStore(urls));
    relays = [0, 1].map(() => createOutboxRelay(connectPostgres({ url: urls.worker })));
  });
  after(async () => {
    for (const relay of relays) await relay.close();
    await close();
    await database.drop();
  });
  beforeEach(async () => void (await execute(urls.admin, 'truncate speakr.outbox')));

  const publish = (model: string, owner = 'alice') =>
    write(store, (own) => own.publish('model.promoted.v1', { model }), owner);
  const models = (messages: readonly Message[]) =>
    messages.map(({ data }) => (data as { model: string }).model);
  const taken = async (relay: OutboxRelay, limit = 100) => {
    const all: Message[] = [];
    await relay.take(limit, async (messages) => void all.push(...messages));
    return models(all);
  };

  it('gives what was committed, of all users, oldest first and once', async () => {
    await publish('one');
    await publish('two', 'bob');
    await publish('three');
    await assert.rejects(
      write(store, async (own) => {
        await own.publish('model.promoted.v1', { model: 'never' });
        throw new Error('changed my mind');
      }),
    );
    const waiting = await relays[0]!.waiting();
    assert.equal(waiting.messages, 3);
    assert.ok(Math.abs(Date.now() - waiting.oldestAt!) < 60_000);
    assert.deepEqual(await taken(relays[0]!, 2), ['one', 'two']);
    assert.deepEqual(await taken(relays[0]!), ['three']);
    assert.deepEqual(await taken(relays[0]!), []);
    assert.deepEqual(await relays[0]!.waiting(), { messages: 0, oldestAt: undefined });
  });

  it('keeps what could not be passed on', async () => {
    await publish('one');
    await assert.rejects(
      relays[0]!.take(10, () => Promise.reject(new Error('the broker is away'))),
      /away/,
    );
    assert.deepEqual(await taken(relays[0]!), ['one']);
  });

  it('keeps what a relay had when it died', async () => {
    await publish('one');
    const dying = relays[0]!.take(10, async () => {
      await execute(
        urls.admin,
        `select pg_terminate_backend(pid) from pg_stat_activity
           where usename = 'speakr_worker' and datname = current_database() and state = 'idle in transaction'`,
      );
    });
    await assert.rejects(dying, { code: 'unavailable' });
    assert.deepEqual(await taken(relays[0]!), ['one']);
  });

  it('gives two relays different messages at the same time', async () => {
    for (let index = 0; index < 6; index++) await publish(String(index));
    const seen: string[] = [];
    await relays[0]!.take(3, async (first) => {
      seen.push(...models(first));
      await relays[1]!.take(100, async (second) => void seen.push(...models(second)));
    });
    assert.deepEqual(seen, ['0', '1', '2', '3', '4', '5']);
    assert.deepEqual(await taken(relays[0]!), []);
  });
});
