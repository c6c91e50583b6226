import { after, before, describe } from 'node:test';
import { execute, openTestStore, type PostgresUrls, preparePostgres } from '../fixtures/postgres-database.ts';
import { type TestDatabase, testPostgres } from '../fixtures/services.ts';
import { storeSuite } from './store-suite.ts';

const postgres = await testPostgres();

describe('with PostgreSQL', { skip: postgres.missing }, () => {
  let database: TestDatabase;
  let urls: PostgresUrls;
  before(async () => {
    database = await postgres.createDatabase();
    urls = await preparePostgres(database.url);
  });
  after(() => database.drop());

  // One database for all cases, emptied for each: making one takes longer than most cases.
  storeSuite('the PostgreSQL store', async () => {
    await execute(urls.admin, 'truncate speakr.users, speakr.outbox, speakr.audit_log cascade');
    return openTestStore(urls);
  });
});
