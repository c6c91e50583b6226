import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fleetMissing } from '../../server/fixtures/test-fleet.ts';
import { chanceOf } from '../faults/random.ts';
import { type RoleProcess, type Stage, startStage } from './stage.ts';

// Every fault comes at a random point of several recordings at once; the seed repeats them. `npm run soak` runs more and
// longer ones.

const missing = await fleetMissing();
const chance = chanceOf(Number(process.env.SPEAKR_FAULT_SEED ?? 1));
const BROKER_AWAY_MS = Number(process.env.SPEAKR_BROKER_AWAY_MS ?? 3000);
const REST = 'nlp,embedder,notes,archiver,admin';

describe('a fleet loses nothing when', { skip: missing }, () => {
  let stage: Stage;
  const processes: { gateways: RoleProcess[]; transcribers: RoleProcess[]; rest?: RoleProcess } = {
    gateways: [],
    transcribers: [],
  };
  before(async () => {
    stage = await startStage();
    const [one, two, three, four, rest] = await Promise.all(
      ['gateway', 'gateway', 'transcriber', 'transcriber', REST].map((roles) => stage.spawn(roles)),
    );
    processes.gateways = [one!, two!];
    processes.transcribers = [three!, four!];
    processes.rest = rest!;
  });
  after(() => stage?.stop());

  const survives = (title: string, fault: () => Promise<void>, faultAt = () => 0.2 + 0.6 * chance.next()) =>
    it(title, async () => {
      const recorded = await stage.record({ recordings: 3, phrases: 5, faultAt: faultAt(), fault });
      await stage.check(recorded);
    });

  survives('a transcriber is killed: another takes over where the last final ends', async () => {
    for (const transcriber of processes.transcribers) await transcriber.kill();
    processes.transcribers = [await stage.spawn('transcriber'), await stage.spawn('transcriber')];
  });

  survives('a gateway is killed: clients go on at another one', async () => {
    // The first of the balancer has them all.
    const dead = processes.gateways.shift();
    await dead?.kill();
    processes.gateways.push(await stage.spawn('gateway'));
  });

  survives('the broker is killed and comes back', async () => {
    await stage.nats.kill('SIGKILL');
    await stage.nats.start();
  });

  survives('the broker is away for a while', async () => {
    await stage.nats.kill('SIGTERM');
    await sleep(BROKER_AWAY_MS);
    await stage.nats.start();
  });

  survives(
    'those who write notes and archive are killed',
    async () => {
      await processes.rest?.kill();
      processes.rest = await stage.spawn(REST);
    },
    () => 1,
  );

  survives('a gateway and a transcriber drain for a new version', async () => {
    const gateway = processes.gateways.shift();
    const transcriber = processes.transcribers.shift();
    processes.gateways.push(await stage.spawn('gateway'));
    processes.transcribers.push(await stage.spawn('transcriber'));
    await Promise.all([gateway?.kill('SIGTERM'), transcriber?.kill('SIGTERM')]);
  });
});
