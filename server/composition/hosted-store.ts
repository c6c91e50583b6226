import { SpeakrError } from '@speakr/contracts/problem';
import { sql } from 'kysely';
import type { Keys } from '../keys/keys.ts';
import { createPostgresBuckets } from '../limits/postgres-buckets.ts';
import { createPostgresSessionSlots } from '../limits/postgres-session-slots.ts';
import { secretOf } from '../secret.ts';
import type { Administration, ProcessTable } from '../store/administration.ts';
import { createAdministration } from '../store/administration-queries.ts';
import type { ModelRegistryReader } from '../store/model-registry.ts';
import { modelRegistryQueries } from '../store/model-registry-queries.ts';
import { createPolicyTable } from '../store/policy-queries.ts';
import type { PolicyTable } from '../store/policy-table.ts';
import { connectPostgres, ownerTransactions } from '../store/postgres-database.ts';
import { migratePostgres } from '../store/postgres-migrate.ts';
import { postgresMigrations } from '../store/postgres-migrations.ts';
import { createOutboxRelay, type OutboxRelay } from '../store/postgres-outbox.ts';
import { openPostgresStore } from '../store/postgres-store.ts';
import { createProcessTable } from '../store/process-table.ts';
import type { Store } from '../store/store.ts';
import type { Adapters } from './adapters.ts';
import type { Foundation } from './app-options.ts';

/**
 * One message is passed on at a time, one statement appends to the audit log; the others are for metrics and for those
 * who run the server.
 */
const WORKER_CONNECTIONS = 5;
/** What is counted must not wait for what works on recordings. */
const COUNTING_CONNECTIONS = 2;

/**
 * The store on PostgreSQL, and its outbox for those who pass messages on. Migrates first where it is given the role
 * that may.
 * @throws SpeakrError `config_invalid`, `unavailable`, `database_inaccessible`, `database_newer`
 */
export async function hostedStore(
  { settings, clock, atEnd, instruments }: Foundation,
  keys: Keys,
): Promise<{
  store: Store;
  relay: OutboxRelay;
  counters: Adapters['counters'];
  administration: Administration;
  processes: ProcessTable;
  modelRegistry: ModelRegistryReader;
  policyTable: PolicyTable;
  owners(): Promise<string[]>;
  ping(): Promise<unknown>;
}> {
  const migrationUrl = await secretOf(settings.databaseMigrationUrl, settings.databaseMigrationUrlFile);
  if (migrationUrl !== undefined) await migratePostgres(migrationUrl, postgresMigrations);
  const url = await secretOf(settings.databaseUrl, settings.databaseUrlFile);
  const workerUrl = await secretOf(settings.databaseWorkerUrl, settings.databaseWorkerUrlFile);
  if (url === undefined || workerUrl === undefined)
    throw new SpeakrError('config_invalid', 'The hosted profile needs a database.');
  const worker = connectPostgres({ url: workerUrl, poolSize: WORKER_CONNECTIONS });
  atEnd(worker.close);
  const store = await openPostgresStore({
    url,
    auditing: worker.db,
    keys,
    clock,
    poolSize: settings.databaseConnections,
    traceparent: instruments.tracing.traceparent,
  });
  atEnd(store.close);
  const relay = createOutboxRelay(worker);
  atEnd(relay.close);
  const counting = connectPostgres({ url, poolSize: COUNTING_CONNECTIONS });
  atEnd(counting.close);
  const { write } = ownerTransactions(counting);
  const counters = {
    buckets: createPostgresBuckets(counting.db),
    slots: createPostgresSessionSlots(write),
  };
  const owners = async () => {
    const users = await worker.db.selectFrom('users').select('id').orderBy('id').execute();
    return users.map(({ id }) => id);
  };
  const ping = () => sql`select 1`.execute(worker.db);
  const administration = createAdministration({ reader: worker.db, now: clock.now, slots: true });
  const processes = createProcessTable(worker.db);
  const modelRegistry = modelRegistryQueries({ db: worker.db, owner: '', clock });
  const policyTable = createPolicyTable({ reader: worker.db, writer: worker.db, clock });
  return { store, relay, counters, administration, processes, modelRegistry, policyTable, owners, ping };
}
