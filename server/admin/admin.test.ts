import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { jobKinds } from '@speakr/contracts/jobs';
import { v7 as uuidv7 } from 'uuid';
import { systemClock } from '../clock.ts';
import { loadServerConfig } from '../config.ts';
import { adminSuite, SEALED_EVERY_MS } from '../fixtures/admin-suite.ts';
import { temporaryStore } from '../fixtures/temporary-store.ts';
import { recordSound, testApp } from '../fixtures/test-app.ts';
import { createKeyFile } from '../keys/key-file.ts';
import { createAdministration } from '../store/administration-queries.ts';
import { openSqliteStore } from '../store/sqlite-store.ts';
import { create, OWNER } from '../store/suite/samples.ts';

test('who runs the server of this machine sees its jobs, health, performance and users', async (t) => {
  const app = await testApp(t, { parts: { sealMs: SEALED_EVERY_MS } });
  const path = join(app.dataDir, 'speakr.db');
  const keys = createKeyFile({ path: join(app.dataDir, 'keys', 'master.key') });
  const store = await openSqliteStore({ path, keys, clock: systemClock });
  t.after(() => store.close());
  const newer = 'transcription.completed.v2' as 'transcription.completed.v1';
  await adminSuite({
    user: OWNER,
    settings: loadServerConfig({
      env: {},
      values: { dataDir: app.dataDir, modelsDir: join(app.dataDir, 'models') },
    }).settings,
    request: app.request,
    asUser: app.request,
    record: () => recordSound(app),
    spoil: () =>
      store.transaction(OWNER, (own) =>
        own.publish(newer, { recordingId: uuidv7(), revision: 1, language: 'en' }),
      ),
    spoilt: 'unsupported_version',
  });
});

test('counters of jobs follow every change, also when recordings with their jobs are deleted', async (t) => {
  const { store, remove } = await temporaryStore();
  t.after(remove);
  const administration = createAdministration({ reader: store.reader, now: Date.now, slots: false });
  const counted = async () => {
    const sums: Record<string, number> = {};
    for (const { state, jobs } of await administration.jobCounts()) sums[state] = (sums[state] ?? 0) + jobs;
    return sums;
  };
  const ids = [await create(store), await create(store)];
  for (const recordingId of ids)
    await store.transaction(OWNER, (own) =>
      own.publish('transcription.completed.v1', { recordingId, revision: 1, language: 'en' }),
    );
  const all = (await store.read(OWNER, (own) => own.listJobs({ limit: 100 }))).jobs;
  assert.deepEqual(await counted(), { queued: all.length });
  await store.transaction(OWNER, (own) => own.cancelJob(all[0]!.id));
  assert.deepEqual(await counted(), { queued: all.length - 1, cancelled: 1 });
  assert.equal(await administration.oldestOpenJob(), Math.min(...all.map(({ createdAt }) => createdAt)));
  for (const id of ids) await store.transaction(OWNER, (own) => own.deleteRecording(id));
  assert.deepEqual(await counted(), {});
  for (const kind of jobKinds) assert.deepEqual(await administration.lastSucceeded(kind, 10), []);
});
