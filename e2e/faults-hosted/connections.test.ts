import { after, before, describe, it } from 'node:test';
import { fleetMissing } from '../../server/fixtures/test-fleet.ts';
import { type RoleProcess, type Stage, seeded, startStage } from './stage.ts';

const missing = await fleetMissing();
const random = seeded(Number(process.env.SPEAKR_FAULT_SEED ?? 1));
const MINUTE_MS = 60_000;

describe('a fleet whose clocks are minutes apart loses nothing when', { skip: missing }, () => {
  let stage: Stage;
  let transcribers: RoleProcess[];
  const skewed = (minutes: number) => ({ SPEAKR_TEST_CLOCK_SKEW_MS: String(minutes * MINUTE_MS) });
  before(async () => {
    stage = await startStage();
    await stage.spawn('gateway', skewed(-5));
    await stage.spawn('nlp,embedder,notes,archiver,admin', skewed(3));
    transcribers = [await stage.spawn('transcriber', skewed(7))];
  });
  after(() => stage?.stop());

  const survives = (title: string, fault: () => Promise<void> | void) =>
    it(title, async () => {
      const recorded = await stage.record({
        recordings: 2,
        phrases: 5,
        faultAt: 0.2 + 0.6 * random(),
        fault: async () => fault(),
      });
      await stage.check(recorded);
    });

  survives('work goes to a transcriber that lives in another time', async () => {
    const next = await stage.spawn('transcriber', skewed(-4));
    for (const transcriber of transcribers.splice(0)) await transcriber.kill();
    transcribers.push(next);
  });

  survives('connections are half-open: both ends hear nothing more', () => stage.balancer.freeze());

  survives('nobody reads what the gateway says', () => stage.balancer.stopReading());
});
