import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { startMessage } from '../fixtures/test-app.ts';
import { fleetMissing, rowsOf, testFleet } from '../fixtures/test-fleet.ts';

const missing = await fleetMissing();

describe('limits of a fleet', { skip: missing }, () => {
  it('hold over all gateways together, for each user apart', async (t) => {
    // A burst of ten; then so slowly that no test can wait for it.
    const fleet = await testFleet(t, {
      env: { SPEAKR_RATE_PER_USER: '40', SPEAKR_LIVE_SESSIONS_PER_USER: '1' },
    });
    const gateways = [await fleet.start(['gateway']), await fleet.start(['gateway'])] as const;
    const [one, other] = gateways;

    const first = await one.connect('maria');
    first.send(startMessage());
    await first.next('ready');
    const second = await other.connect('maria');
    second.send(startMessage());
    const { problem } = await second.next('error');
    assert.deepEqual([problem.code, problem.retryable], ['too_many_requests', true]);
    await second.closed;

    const answers = await Promise.all(
      Array.from({ length: 30 }, (_, count) => gateways[count % 2]!.request('alex', '/v1/identity')),
    );
    const refused = answers.filter(({ status }) => status === 429);
    const admitted = answers.filter(({ status }) => status === 200);
    assert.equal(refused.length + admitted.length, 30);
    // A token comes every second and a half: a slow machine may see some of them.
    assert.ok(admitted.length >= 10 && refused.length > 0, `${admitted.length} of 30`);
    for (const { headers } of refused) assert.ok(Number(headers.get('retry-after')) >= 1);
    assert.equal((await one.request('maria', '/v1/identity')).status, 200);

    first.socket.close();
    await first.closed;
    // The place is given back when the gateway has noticed.
    while ((await rowsOf(fleet, 'select * from speakr.session_slots')).length > 0)
      await new Promise((wake) => setTimeout(wake, 20));
    const third = await other.connect('maria');
    third.send(startMessage());
    await third.next('ready');
  });
});
