import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { SystemHealth } from '@speakr/contracts/admin';
import { subjectOf } from '@speakr/contracts/events';
import { answer } from '../../scripts/until.ts';
import { roleNames } from '../config.ts';
import { adminSuite } from '../fixtures/admin-suite.ts';
import { ownNats } from '../fixtures/own-nats.ts';
import { finishMessage, phrases, startMessage } from '../fixtures/test-app.ts';
import { type FleetProcess, fleetMissing, rowsOf, testFleet } from '../fixtures/test-fleet.ts';
import { connectNats } from '../nats/nats.ts';
import { silentLog } from '../observability/log.ts';

const missing = await fleetMissing();
const others = roleNames.filter((role) => role !== 'gateway');

async function record(gateway: FleetProcess, user: string): Promise<string> {
  const start = startMessage();
  const pcm = phrases(2);
  const session = await gateway.connect(user);
  session.send(start);
  await session.next('ready');
  session.audio(pcm);
  session.send(finishMessage(pcm.length));
  await session.next('finished');
  await session.closed;
  return start.recordingId;
}

describe('those who run a fleet', { skip: missing }, () => {
  it('see the jobs, health, performance and users of all of it', async (t) => {
    const nats = await ownNats();
    t.after(() => nats.stop());
    const fleet = await testFleet(t, { natsUrl: nats.url });
    const broker = await connectNats({ url: nats.url, name: 'test', log: silentLog });
    t.after(() => broker.close());
    const gateway = await fleet.start(['gateway']);
    await fleet.start(others);
    await adminSuite({
      user: 'maria',
      request: (path, init) => gateway.request('olga', path, init),
      record: () => record(gateway, 'maria'),
      spoil: () => broker.js.publish(subjectOf('transcription.completed.v1'), 'no event'),
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
