import { after, before, describe, it } from 'node:test';
import { fleetMissing } from '../../server/fixtures/test-fleet.ts';
import { SINGLE_FAULTS, type SingleFault, startTroubledFleet, type TroubledFleet } from './single-faults.ts';

describe('a fleet whose clocks are minutes apart loses nothing when', { skip: await fleetMissing() }, () => {
  let fleet: TroubledFleet;
  before(async () => {
    const seed = Number(process.env.SPEAKR_FAULT_SEED ?? 1);
    fleet = await startTroubledFleet({ seed, live: 2, jobs: 1, real: 0, phrases: 12, audioMb: 16 });
  });
  after(() => fleet?.stop());

  for (const [fault, title] of Object.entries(SINGLE_FAULTS))
    it(title, async (t) => {
      const impossible = fleet.impossible(fault as SingleFault);
      if (impossible !== undefined) return t.skip(impossible);
      await fleet.survive(fault as SingleFault);
    });
});
