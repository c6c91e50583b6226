import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fleetMissing } from '../../server/fixtures/test-fleet.ts';
import { hostileRequests } from './hostile-requests.ts';
import { hostileSockets } from './hostile-sockets.ts';

const seed = Number(process.env.SPEAKR_FAULT_SEED ?? 3);
const say = () => undefined;

// Short forms; `npm run soak -- hostile-requests hostile-sockets` has the long ones.
describe('a gateway on PostgreSQL and NATS', { skip: await fleetMissing() }, () => {
  it('answers requests that the contract forbids as the contract says, and tells nothing of others', async () => {
    const { fault } = await hostileRequests({ seed, say, requests: 400 });
    assert.match(fault, /^400 requests/);
  });

  it('outlives connections that say what no client says, and records whole afterwards', async () => {
    const { held } = await hostileSockets({ seed, say, messages: 300 });
    assert.match(held, /the next recording was whole/);
  });
});
