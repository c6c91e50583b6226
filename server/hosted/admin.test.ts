import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { AdminAudit, JobStatistics, Quotas, SystemHealth, UserPage } from '@speakr/contracts/admin';
import { subjectOf } from '@speakr/contracts/events';
import type { QueryResponse } from '@speakr/contracts/search';
import { answer } from '../../scripts/until.ts';
import { loadServerConfig, roleNames } from '../config.ts';
import { adminSuite, auditReport, SEALED_EVERY_MS } from '../fixtures/admin-suite.ts';
import { ownNats } from '../fixtures/own-nats.ts';
import { execute } from '../fixtures/postgres-database.ts';
import { finishMessage, phrases, startMessage } from '../fixtures/test-app.ts';
import { type Fleet, type FleetProcess, fleetMissing, rowsOf, testFleet } from '../fixtures/test-fleet.ts';
import { connectNats } from '../nats/nats.ts';
import { silentLog } from '../observability/log.ts';

const missing = await fleetMissing();
const others = roleNames.filter((role) => role !== 'gateway');

/** A recording whose audio is sent, and its end not said yet. */
async function begin(gateway: FleetProcess, user: string) {
  const start = startMessage();
  const pcm = phrases(2);
  const session = await gateway.connect(user);
  session.send(start);
  await session.next('ready');
  session.audio(pcm);
  return {
    id: start.recordingId,
    async finish() {
      session.send(finishMessage(pcm.length));
      await session.next('finished');
      await session.closed;
    },
  };
}

async function record(gateway: FleetProcess, user: string): Promise<string> {
  const { id, finish } = await begin(gateway, user);
  await finish();
  return id;
}

/** Asked by who has the role. */
async function ask<T>(gateway: FleetProcess, path: string): Promise<T> {
  const response = await gateway.request('olga', `/v1/admin/${path}`);
  assert.equal(response.status, 200, path);
  return (await response.json()) as T;
}

/** Of the fleet's stores. */
const settingsOf = ({ env }: Fleet) => loadServerConfig({ env }).settings;

describe('those who run a fleet', { skip: missing }, () => {
  it('see the jobs, health, performance and users of all of it', async (t) => {
    const nats = await ownNats();
    t.after(() => nats.stop());
    const fleet = await testFleet(t, { natsUrl: nats.url });
    const broker = await connectNats({ url: nats.url, name: 'test', log: silentLog });
    t.after(() => broker.close());
    const gateway = await fleet.start(['gateway']);
    await fleet.start(others, { parts: { sealMs: SEALED_EVERY_MS } });
    await adminSuite({
      user: 'maria',
      settings: settingsOf(fleet),
      request: (path, init) => gateway.request('olga', path, init),
      asUser: (path) => gateway.request('maria', path),
      record: () => record(gateway, 'maria'),
      spoil: () => broker.js.publish(subjectOf('transcription.completed.v1'), 'no event'),
      spoilt: 'malformed',
    });
    const { counts } = (await (await gateway.request('olga', '/api/admin/jobs/stats')).json()) as {
      counts: { jobs: number }[];
    };
    const [row] = await rowsOf(fleet, 'select count(*)::int as jobs from speakr.jobs');
    assert.equal(
      counts.reduce((sum, { jobs }) => sum + jobs, 0),
      row?.jobs,
    );
  });

  it('see which role nobody works on, and when a process goes', async (t) => {
    const fleet = await testFleet(t);
    const gateway = await fleet.start(['gateway']);
    const health = async () =>
      (await (await gateway.request('olga', '/v1/admin/health/system')).json()) as SystemHealth;
    const alone = await answer('the gateway is seen', health, ({ processes }) => processes.length === 1);
    assert.deepEqual([alone.healthy, alone.missingRoles], [false, [...others]]);
    const rest = await fleet.start(others);
    const whole = await answer('all are seen', health, ({ missingRoles }) => missingRoles.length === 0);
    assert.equal(whole.healthy, true, JSON.stringify(whole));
    assert.deepEqual(
      whole.checks.map(({ name, ok }) => [name, ok]),
      [
        ['database', true],
        ['broker', true],
        ['storage', true],
      ],
    );
    await rest.app.close();
    assert.deepEqual((await health()).missingRoles, [...others]);

    // What one leaves behind that was killed.
    const silent = (id: string, forMs: number) =>
      execute(
        fleet.urls.admin,
        `insert into speakr.processes (id, roles, version, started_at, seen_at, report)
           select '${id}', '${others.join()}', version, started_at, ${Date.now() - forMs}, report
           from speakr.processes limit 1`,
      );
    await silent('killed', 31_000);
    await silent('long gone', 5 * 60_000 + 1);
    const { processes, missingRoles, healthy } = await health();
    assert.deepEqual(
      processes.filter(({ alive }) => !alive).map(({ id }) => id),
      ['killed'],
    );
    assert.deepEqual([missingRoles, healthy], [[...others], false]);
  });

  it('see what waits at the broker, and who records, while nobody transcribes', async (t) => {
    const nats = await ownNats();
    t.after(() => nats.stop());
    const fleet = await testFleet(t, { natsUrl: nats.url });
    const gateway = await fleet.start(['gateway']);
    const statistics = () => ask<JobStatistics>(gateway, 'jobs/stats');
    const queue = ({ queues }: JobStatistics) => queues.find(({ consumer }) => consumer === 'transcriber');
    const before = Date.now();
    const { finish } = await begin(gateway, 'maria');
    const { oldestOpenAt } = await answer(
      'it waits for a transcriber',
      statistics,
      (found) => (queue(found)?.waiting ?? 0) > 0,
    );
    assert.ok(oldestOpenAt! >= before && oldestOpenAt! <= Date.now(), `${oldestOpenAt}`);
    assert.ok((await ask<SystemHealth>(gateway, 'health/system')).queueDepth > 0);
    const maria = async () =>
      (await ask<UserPage>(gateway, 'users')).users.find(({ user }) => user === 'maria');
    const inUse = async () => (await ask<Quotas>(gateway, 'quotas')).liveSessionsInUse;
    const recording = await maria();
    assert.deepEqual([recording?.liveSessions, recording?.openJobs], [1, 1]);
    assert.deepEqual(await inUse(), [{ user: 'maria', sessions: 1 }]);

    await fleet.start(others);
    await finish();
    await answer(
      'nothing waits any more',
      statistics,
      (found) =>
        found.oldestOpenAt === undefined && queue(found)?.waiting === 0 && queue(found)?.underWay === 0,
    );
    const done = await answer('her place is free', maria, (found) => found?.liveSessions === 0);
    assert.deepEqual([done?.openJobs, await inUse()], [0, []]);
  });

  it('see who read what, and whether the database was made to say something else', async (t) => {
    const fleet = await testFleet(t);
    const gateway = await fleet.start(roleNames, { parts: { sealMs: SEALED_EVERY_MS } });
    const id = await record(gateway, 'alex');
    for (const what of ['transcript', 'notes', 'audio', 'export?format=md']) {
      const response = await gateway.request('alex', `/v1/recordings/${id}/${what}`);
      assert.equal(response.status, 200, what);
      await response.arrayBuffer();
    }
    await answer(
      'it can be found',
      async () => {
        const response = await gateway.request('alex', '/v1/query', {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: '{"question":"When do we launch?"}',
        });
        return (await response.json()) as QueryResponse;
      },
      ({ hits }) => hits.length > 0,
    );
    const { entries } = await ask<AdminAudit>(gateway, 'audit?user=alex');
    assert.deepEqual(
      entries.reverse().map(({ user, actor, action, recordingId }) => [user, actor, action, recordingId]),
      [
        'captions.read',
        'notes.read',
        'transcript.read',
        'notes.read',
        'audio.read',
        'document.read',
        'search.hit',
      ].map((action) => ['alex', 'alex', action, id]),
    );

    const report = (what: string, fits: Parameters<typeof auditReport>[2]) =>
      auditReport(settingsOf(fleet), what, fits);
    const whole = await report('all of it is sealed', (found) => found.entries >= entries.length);
    assert.deepEqual(whole.findings, []);
    const tamper = (sql: string) =>
      execute(fleet.urls.admin, `set search_path = speakr; set session_replication_role = replica; ${sql}`);
    await tamper("update audit_log set actor = 'eve' where action = 'audio.read'");
    const [row] = await rowsOf(
      fleet,
      "select seq::int as seq from speakr.audit_log where action = 'audio.read'",
    );
    const found = async () =>
      (await report('it is looked at', () => true)).findings.map(({ kind, entry }) => [kind, entry]);
    assert.deepEqual(await found(), [['entry_changed', row?.seq]]);
    await tamper("delete from audit_log where action = 'audio.read'");
    assert.deepEqual(await found(), [['entry_removed', row?.seq]]);
  });

  it('count what happens to jobs, also when their recording is deleted', async (t) => {
    const fleet = await testFleet(t);
    const gateway = await fleet.start();
    const id = await record(gateway, 'alex');
    const counted = () =>
      rowsOf(fleet, 'select kind, state, jobs::int as jobs from speakr.job_counts order by 1, 2');
    await answer('all have ended', counted, (rows) => rows.every(({ state }) => state === 'succeeded'));
    assert.deepEqual(
      await counted(),
      await rowsOf(
        fleet,
        'select kind, state, count(*)::int as jobs from speakr.jobs group by 1, 2 order by 1, 2',
      ),
    );
    assert.equal((await gateway.request('alex', `/v1/recordings/${id}`, { method: 'DELETE' })).status, 204);
    assert.deepEqual(await counted(), []);
  });
});
