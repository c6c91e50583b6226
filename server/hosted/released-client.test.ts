import { describe, it } from 'node:test';
import { releasedClientSuite, releasedClientTurn } from '../fixtures/released-client-suite.ts';
import { fleetMissing, testFleet } from '../fixtures/test-fleet.ts';
import type { ScriptedTurn } from '../transcriber/scripted-recognizer.ts';

// The program of server/gateway/released-client.test.ts, at a server for many.

const missing = await fleetMissing();

describe('every call of the last released contract', { skip: missing }, () => {
  it('still does in a fleet what it did', async (t) => {
    const fleet = await testFleet(t);
    const turns: ScriptedTurn[] = [releasedClientTurn];
    const gateway = await fleet.start(undefined, { turns });
    const maria = (path: string, init?: RequestInit) => gateway.request('maria', path, init);
    // Somebody who was never here cannot be shared with.
    await maria('/v1/identity');
    await releasedClientSuite({
      profile: 'hosted',
      user: 'alex',
      request: (path, init) => gateway.request('alex', path, init),
      connect: () => gateway.connect('alex'),
      other: { user: 'maria', request: maria },
      turns,
    });
  });
});
