import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { execute, openTestStore, type PostgresUrls, preparePostgres } from '../fixtures/postgres-database.ts';
import { type TestDatabase, testPostgres } from '../fixtures/services.ts';
import { connectPostgres, ownerTransactions, type PostgresDatabase } from './postgres-database.ts';
import { openPostgresStore } from './postgres-store.ts';
import type { OwnerStore, Store } from './store.ts';
import { createSpoken, newRecording, notes, passages, write } from './suite/samples.ts';

const postgres = await testPostgres();

/** Tables of users' rows, and the column that says whose a row is. */
const owned = {
  users: 'id',
  recordings: 'user_id',
  revisions: 'user_id',
  segments: 'user_id',
  notes: 'user_id',
  actions: 'user_id',
  passage_indexes: 'user_id',
  passages: 'user_id',
  outbox: 'user_id',
  vocabularies: 'user_id',
  shares: 'user_id',
  audit_log: 'user_id',
  api_keys: 'user_id',
  session_slots: 'user_id',
  jobs: 'user_id',
  kept_replies: 'user_id',
  uploads: 'user_id',
  upload_parts: 'user_id',
  job_counts: 'user_id',
};

describe('the second wall: row-level security', { skip: postgres.missing }, () => {
  let database: TestDatabase;
  let urls: PostgresUrls;
  let store: Store;
  let app: PostgresDatabase;
  let close: () => Promise<void>;

  const fill = async (owner: string) => {
    const recording = newRecording({ title: `of ${owner}` });
    await write(
      store,
      async (own) => {
        await own.createRecording(recording);
        await own.beginRevision(recording.id, { revision: 1, origin: 'live', language: 'en', model: 'm' });
        await own.putSegments(recording.id, 1, [
          { id: '1.0.0', track: 0, startMs: 0, endMs: 1, text: owner },
        ]);
        await own.putNotes(notes(recording.id, ['call']));
        await own.putPassages(recording.id, 1, 0, passages(recording.id, 3));
        await own.putVocabulary([{ term: owner }]);
        await own.claimReply('key', 'fingerprint');
        await own.createApiKey(
          {
            id: `key of ${owner}`,
            name: owner,
            scopes: ['read'],
            secretHash: Buffer.alloc(32),
            expiresAt: 1,
          },
          1,
        );
        await own.publish('recording.started.v1', { recordingId: recording.id, mode: 'live' });
        const upload = await own.createUpload({
          id: recording.id,
          recordingId: recording.id,
          about: { name: owner, language: 'en', model: 'm', startedAt: 1 },
          expiresAt: 1,
        });
        await own.addUploadPart(upload.id, { part: 1, bytes: 1, object: 'uploads/a', sha256: '0' });
        await own.publish('transcription.completed.v1', {
          recordingId: recording.id,
          revision: 1,
          language: 'en',
        });
      },
      owner,
    );
    await store.welcome('carol');
    await store.share(owner, recording.id, 'carol');
    await ownerTransactions(app).write(owner, (db) =>
      db
        .insertInto('session_slots')
        .values({ user_id: owner, recording_id: recording.id, holder: 'x', until: 1 })
        .execute(),
    );
    return recording.id;
  };

  before(async () => {
    database = await postgres.createDatabase();
    urls = await preparePostgres(database.url);
    ({ store, close } = await openTestStore(urls));
    app = connectPostgres({ url: urls.app });
    for (const owner of ['alice', 'bob']) await fill(owner);
  });
  after(async () => {
    await app.close();
    await close();
    await database.drop();
  });

  for (const [table, column] of Object.entries(owned)) {
    it(`shows of ${table} one's own rows only, without any WHERE clause`, async () => {
      const { rows: all } = await execute(
        urls.admin,
        `select distinct ${column} as owner from speakr.${table}`,
      );
      for (const owner of ['alice', 'bob']) assert.ok(all.some((row) => row.owner === owner));
      const { read } = ownerTransactions(app);
      for (const owner of ['alice', 'bob']) {
        const seen = await read(owner, (db) =>
          db
            .selectFrom(table as 'recordings')
            .selectAll()
            .execute(),
        );
        assert.ok(seen.length > 0);
        for (const row of seen) assert.equal(row[column as 'user_id'], owner);
      }
    });

    it(`shows nothing of ${table} while no user is set, not even after one was`, async () => {
      const client = urls.app;
      const { rows } = await execute(client, `select * from speakr.${table}`);
      assert.deepEqual(rows, []);
      const results = (await execute(
        client,
        `begin; select set_config('app.user', 'alice', true); commit; select * from speakr.${table}`,
      )) as unknown as { rows: unknown[] }[];
      assert.deepEqual(results.at(-1)?.rows, []);
    });
  }

  it('changes and removes nothing of others', async () => {
    const { write } = ownerTransactions(app);
    const changed = await write('bob', (db) =>
      db.updateTable('recordings').set({ state: 'failed' }).executeTakeFirst(),
    );
    assert.equal(changed.numUpdatedRows, 1n);
    const { rows } = await execute(urls.admin, `select user_id, state from speakr.recordings order by 1`);
    assert.deepEqual(rows, [
      { user_id: 'alice', state: 'recording' },
      { user_id: 'bob', state: 'failed' },
    ]);
    const removed = await write('nobody', (db) => db.deleteFrom('segments').executeTakeFirst());
    assert.equal(removed.numDeletedRows, 0n);
  });

  it('takes no row in the name of another', async () => {
    const { write } = ownerTransactions(app);
    const forged = write('bob', (db) =>
      db
        .insertInto('notes')
        .values({ user_id: 'alice', recording_id: 'x', content: Buffer.of(1) })
        .execute(),
    );
    await assert.rejects(forged, /row-level security/);
    const moved = write('bob', (db) => db.updateTable('passages').set({ user_id: 'alice' }).execute());
    await assert.rejects(moved, /row-level security/);
  });

  it('does not let a part of a table be read past it', async () => {
    await assert.rejects(execute(urls.app, 'select * from speakr.passages_0'), /permission denied/);
  });

  it('cannot be switched off by the role that answers requests', async () => {
    for (const sql of [
      'alter table speakr.recordings disable row level security',
      'drop policy own_rows on speakr.recordings',
      'set role speakr_owner',
      'create table speakr.mine ()',
      'create table public.mine ()',
    ])
      await assert.rejects(execute(urls.app, sql), /must be owner|permission denied/, sql);
    const off = `set row_security = off; select * from speakr.recordings`;
    await assert.rejects(execute(urls.app, off), /row-level security/);
  });

  it('binds the owner of the tables too', async () => {
    const { rows } = await execute(urls.owner, 'select * from speakr.recordings');
    assert.deepEqual(rows, []);
  });

  it('shows those who pass messages on all messages, who there is, and nothing else', async () => {
    const { rows: messages } = await execute(
      urls.worker,
      'select distinct user_id from speakr.outbox order by 1',
    );
    assert.deepEqual(messages.slice(0, 2), [{ user_id: 'alice' }, { user_id: 'bob' }]);
    const { rows: users } = await execute(urls.worker, 'select id from speakr.users order by 1');
    assert.deepEqual(users.slice(0, 2), [{ id: 'alice' }, { id: 'bob' }]);
    const counted = await execute(urls.worker, 'select user_id, duration_ms from speakr.recordings');
    assert.ok(counted.rows.length >= 2);
    for (const sql of [
      'select wrapped_key from speakr.users',
      'select details from speakr.recordings',
      'select * from speakr.segments',
      'update speakr.jobs set state = state',
    ])
      await assert.rejects(execute(urls.worker, sql), /permission denied/, sql);
  });

  it('hides from the role that answers users what administrators have set for them', async () => {
    for (const sql of ['select * from speakr.policies', `delete from speakr.policies`])
      await assert.rejects(execute(urls.app, sql), /permission denied/, sql);
  });

  it('lets a reader see what was shared and no more, and change nothing of it', async () => {
    const reader = 'carol';
    const { read, write } = ownerTransactions(app);
    const mine = await fill('dave');
    const ofDave = async (
      table: 'recordings' | 'segments' | 'notes' | 'actions' | 'revisions' | 'passages',
    ) =>
      (await read(reader, (db) => db.selectFrom(table).select('user_id').execute())).filter(
        ({ user_id }) => user_id === 'dave',
      ).length;
    assert.deepEqual(
      await Promise.all(
        (['recordings', 'revisions', 'segments', 'notes', 'actions', 'passages'] as const).map(ofDave),
      ),
      [1, 1, 1, 1, 1, 0],
    );
    const changed = await write(reader, (db) =>
      db.updateTable('recordings').set({ state: 'failed' }).executeTakeFirst(),
    );
    assert.equal(changed.numUpdatedRows, 0n);
    const removed = await write(reader, (db) => db.deleteFrom('recordings').executeTakeFirst());
    assert.equal(removed.numDeletedRows, 0n);
    const log = (entry: { user_id: string; actor: string }) =>
      write(reader, (db) =>
        db
          .insertInto('audit_log')
          .values({ ...entry, at: 1, action: 'recording.read', recording_id: mine, subject: null })
          .execute(),
      );
    await log({ user_id: 'dave', actor: reader });
    await assert.rejects(log({ user_id: 'dave', actor: 'dave' }), /row-level security/);
    await write('dave', (db) => db.deleteFrom('shares').execute());
    assert.equal(await ofDave('recordings'), 0);
    await assert.rejects(log({ user_id: 'dave', actor: reader }), /row-level security/);
    await assert.rejects(
      write('dave', (db) => db.deleteFrom('audit_log').execute()),
      /permission denied/,
    );
  });

  it('is demanded: a role that sees everything is refused', async () => {
    for (const url of [urls.admin, urls.owner])
      await assert.rejects(openTestStore({ ...urls, app: url }), { code: 'config_invalid' });
  });

  it('answers for a foreign recording as for a missing one', async () => {
    const id = await createSpoken(store, ['secret']);
    const missing = newRecording().id;
    const asks: ((own: OwnerStore, which: string) => Promise<unknown>)[] = [
      (own, which) => own.getRecording(which),
      (own, which) => own.getTranscript(which),
      (own, which) => own.listRevisions(which),
      (own, which) => own.getNotes(which),
      (own, which) => own.dataKey(which),
      (own, which) => own.resolveRecording(which),
      (own, which) => own.indexState(which, 'any'),
      (own, which) => own.getUpload(which),
      (own, which) => own.resolveJob(which),
      (own, which) => own.listJobs({ limit: 10, recordingId: which }),
      (own, which) => own.loadPassages([{ recordingId: which, index: 0 }], 'any'),
    ];
    for (const ask of asks) {
      const answer = async (which: string) => {
        try {
          return await store.read('bob', (own) => ask(own, which));
        } catch (error) {
          return String(error).replaceAll(which, '…');
        }
      };
      assert.deepEqual(await answer(id), await answer(missing));
    }
  });

  it('refuses a database that is not migrated, and one from the future', async (t) => {
    const empty = await postgres.createDatabase();
    t.after(() => empty.drop());
    const fresh = await preparePostgres(empty.url);
    await execute(fresh.owner, `insert into speakr.schema_migrations values (1000, 'later')`);
    const open = () =>
      openPostgresStore({
        url: fresh.app,
        keys: undefined as never,
        clock: undefined as never,
        auditing: undefined as never,
      });
    await assert.rejects(open(), { code: 'database_newer' });
    await execute(fresh.owner, 'delete from speakr.schema_migrations');
    await assert.rejects(open(), { code: 'database_inaccessible' });
    await execute(fresh.owner, 'drop table speakr.schema_migrations');
    await assert.rejects(open(), { code: 'database_inaccessible' });
  });
});
