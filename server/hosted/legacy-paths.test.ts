import { describe, it } from 'node:test';
import { legacyPathsDays, legacyPathsSuite } from '../fixtures/legacy-paths-suite.ts';
import { fleetMissing, testFleet } from '../fixtures/test-fleet.ts';

const missing = await fleetMissing();

describe('paths without a version, in a fleet', { skip: missing }, () => {
  it('lead on until their last day, and are gone from then on', async (t) => {
    const fleet = await testFleet(t);
    const gatewayUntil = async (day: string) => {
      const gateway = await fleet.start(['gateway'], { env: { SPEAKR_LEGACY_PATHS_UNTIL: day } });
      return (path: string, init?: RequestInit) => gateway.request('alex', path, init);
    };
    await legacyPathsSuite(
      await gatewayUntil(legacyPathsDays.toCome),
      await gatewayUntil(legacyPathsDays.over),
    );
  });
});
