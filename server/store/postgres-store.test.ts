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
    // Only who may do everything can empty the audit log, and must say so.
    const empty = 'truncate speakr.users, speakr.outbox, speakr.audit_log, speakr.audit_seals cascade';
    await execute(urls.admin, `set session_replication_role = replica; ${empty}`);
    return openTestStore(urls);
  });
});
