import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { OwnPolicy } from '@speakr/contracts/policies';
import { answer } from '../../scripts/until.ts';
import { ownPostgres } from '../fixtures/own-postgres.ts';
import { policySuite } from '../fixtures/policy-suite.ts';
import { startMessage } from '../fixtures/test-app.ts';
import { type FleetProcess, fleetMissing, testFleet } from '../fixtures/test-fleet.ts';

const missing = await fleetMissing();

/** What an administrator sets. */
const set = async (gateway: FleetProcess, user: string, change: object) => {
  const response = await gateway.request('olga', `/v1/admin/policies/users/${user}`, {
    method: 'PATCH',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(change),
  });
  assert.equal(response.status, 200, await response.text());
};

describe('policies of a fleet', { skip: missing }, () => {
  it('keep, limit and redact what is a user’s or their tenant’s', async (t) => {
    const fleet = await testFleet(t);
    const gateway = await fleet.start(['gateway']);
    await fleet.start(['ingestion', 'transcriber', 'nlp', 'embedder', 'notes', 'archiver']);
    await policySuite({
      user: 'maria',
      administrator: 'olga',
      asUser: (path, init) => gateway.request('maria', path, init),
      asAdministrator: (path, init) => gateway.request('olga', path, init),
      connect: () => gateway.connect('maria'),
      housekeep: () => fleet.start(['admin']),
    });
    const refused = await gateway.request('maria', '/v1/admin/policies/users/maria', {
      method: 'PATCH',
      headers: { 'content-type': 'application/json' },
      body: '{"retentionDays":0}',
    });
    assert.equal(refused.status, 403);
  });

  it('are obeyed by the gateway: requests, live and unfinished recordings, their length; others are not touched', async (t) => {
    const fleet = await testFleet(t);
    const gateway = await fleet.start(['gateway']);
    const begin = async (user: string) => {
      const session = await gateway.connect(user);
      session.send(startMessage());
      return session;
    };
    const refusal = async (user: string) => (await (await begin(user)).next('error')).problem.code;

    await set(gateway, 'maria', { liveSessions: 1 });
    const only = await begin('maria');
    await only.next('ready');
    assert.equal(await refusal('maria'), 'too_many_requests');
    await set(gateway, 'maria', { liveSessions: null, unfinishedRecordings: 1 });
    assert.equal(await refusal('maria'), 'too_many_requests');
    await set(gateway, 'maria', { unfinishedRecordings: null, recordingMs: 1000 });
    const short = await begin('maria');
    await short.next('ready');
    short.audio(new Int16Array(16_000));
    short.audio(new Int16Array(16_000), 16_000);
    assert.equal((await short.next('command')).command, 'stop');
    for (let count = 0; count < 2; count++) await (await begin('alex')).next('ready');

    await set(gateway, 'alex', { requestsPerMinute: 1 });
    const asked = async (user: string) => (await gateway.request(user, '/v1/identity')).status;
    assert.deepEqual([await asked('alex'), await asked('alex')], [200, 429]);
    assert.deepEqual([await asked('maria'), await asked('maria')], [200, 200]);
  });

  it('are looked up again when the database comes back; who is not known until then is told to try again', async (t) => {
    const postgres = await ownPostgres();
    t.after(() => postgres.stop());
    const fleet = await testFleet(t, { postgresUrl: postgres.url });
    const gateway = await fleet.start(['gateway']);
    const ask = async (user: string) => {
      const response = await gateway.request(user, '/v1/account/policy');
      return { status: response.status, body: (await response.json()) as { code?: string } & OwnPolicy };
    };
    assert.equal((await ask('alex')).status, 200);
    await set(gateway, 'maria', { requestsPerMinute: 1 });
    await postgres.kill('SIGINT');
    for (const user of ['alex', 'maria']) {
      const { status, body } = await ask(user);
      assert.equal(status, 503, `${user}: ${body.code}`);
      assert.ok(body.code, 'a problem with a stable code');
    }
    await postgres.start();
    const back = await answer(
      'the database answers',
      () => ask('maria'),
      ({ status }) => status === 200,
    );
    assert.equal(back.body.holds.requestsPerMinute, 1);
    assert.equal((await ask('maria')).status, 429, 'and what was set holds');
    assert.equal((await ask('alex')).status, 200);
  });
});
