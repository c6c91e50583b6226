import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EffectivePolicy } from '@speakr/contracts/policies';
import { manualClock } from '../fixtures/manual-clock.ts';
import { policySuite } from '../fixtures/policy-suite.ts';
import { temporaryStore } from '../fixtures/temporary-store.ts';
import { testApp } from '../fixtures/test-app.ts';
import { createPolicyTable } from '../store/policy-queries.ts';
import type { PolicyTable } from '../store/policy-table.ts';
import { createPolicies } from './policies.ts';

const defaults: EffectivePolicy = {
  retentionDays: 0,
  retentionBytes: 0,
  requestsPerMinute: 100,
  liveSessions: 10,
  unfinishedRecordings: 50,
  recordingMs: 0,
  uploadBytes: 1000,
  uploadMs: 0,
  redaction: [],
};

test('on one machine: retention, limits and redaction of a user and their tenant', async (t) => {
  const app = await testApp(t);
  const { request: asUser, connect, dataDir } = app;
  await policySuite({
    user: 'local',
    administrator: 'local',
    asUser,
    asAdministrator: asUser,
    connect,
    housekeep: () => testApp(t, { dataDir, roles: ['admin'] }),
  });
});

test('what holds is asked for every five seconds; while nobody answers the last is known, and it is asked again', async (t) => {
  const { store, remove } = await temporaryStore();
  t.after(remove);
  const clock = manualClock(1000);
  const real = createPolicyTable({ reader: store.reader, writer: store.writer, clock });
  let isAway = false;
  const table: PolicyTable = {
    ...real,
    find: (scope, name) => (isAway ? Promise.reject(new Error('away')) : real.find(scope, name)),
  };
  const [one, other] = [table, real].map((each) => createPolicies({ table: each, defaults, store, clock }));
  const days = async () => (await one!.of('ada')).retentionDays;
  assert.equal(one!.known('ada'), undefined);
  assert.equal(await days(), 0);
  await other!.change('olga', 'users', 'ada', { retentionDays: 9 });
  assert.deepEqual([await days(), one!.known('ada')?.retentionDays], [0, 0]);
  clock.advance(5000);
  assert.equal(await days(), 9);
  clock.advance(5000);
  isAway = true;
  assert.deepEqual([await days(), one!.known('ada')?.retentionDays], [9, 9]);
  await assert.rejects(one!.of('bob'), /away/);
  await other!.change('olga', 'users', 'ada', { retentionDays: 8 });
  isAway = false;
  assert.equal(await days(), 8);
});
